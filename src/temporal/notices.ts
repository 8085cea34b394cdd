import type { Client } from '@temporalio/client';
import { noticeSignal } from '../workflows/messages.js';
import { pagerStart, pagerType, type PagerSettings, type TextNotice } from '../workflows/pager-contract.js';

/**
 * Gives a text to the pager of a contact, which is started where it does not run, and sends it when a worker runs. A copy with the same id is sent once.
 * @throws whatever Temporal says
 */
export async function signalNotice(
  client: Client,
  contact: string,
  notice: TextNotice,
  settings: PagerSettings,
): Promise<void> {
  await client.workflow.signalWithStart(pagerType, {
    ...pagerStart(contact, settings),
    signal: noticeSignal,
    signalArgs: [notice],
  });
}

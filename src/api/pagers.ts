import type { Client } from '@temporalio/client';
import type { Escalation } from '../policy/route.js';
import { pagerStart, pagerType, type ReplySignal, type TextNotice } from '../workflows/pager-contract.js';
import { noticeSignal, replySignal } from '../workflows/messages.js';

/** Signals a reply to the pager of its contact, and starts the pager when it does not run. A copy is harmless. */
export async function signalReply(
  client: Client,
  { settings }: Pick<Escalation, 'settings'>,
  contact: string,
  reply: ReplySignal,
): Promise<void> {
  await client.workflow.signalWithStart(pagerType, {
    ...pagerStart(contact, settings),
    signal: replySignal,
    signalArgs: [reply],
  });
}

/** As `signalReply`, for a text that asks for nothing. */
export async function signalNotice(
  client: Client,
  { settings }: Pick<Escalation, 'settings'>,
  contact: string,
  notice: TextNotice,
): Promise<void> {
  await client.workflow.signalWithStart(pagerType, {
    ...pagerStart(contact, settings),
    signal: noticeSignal,
    signalArgs: [notice],
  });
}

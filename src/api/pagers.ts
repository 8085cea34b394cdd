import type { Client } from '@temporalio/client';
import type { Escalation } from '../policy/route.js';
import { pagerId, pagerType, taskQueues, type PagerInput, type ReplySignal } from '../workflows/contract.js';
import { replySignal } from '../workflows/messages.js';

/** Hands a reply to the pager of its contact, which is started when it does not run. A copy is harmless. */
export async function signalReply(
  client: Client,
  { settings }: Pick<Escalation, 'settings'>,
  contact: string,
  reply: ReplySignal,
): Promise<void> {
  const { windowMs: window, callWindowMs: callWindow, messagesPerHour, callsPerHour } = settings;
  const input: PagerInput = {
    contact,
    settings: { windowMs: window, callWindowMs: callWindow, messagesPerHour, callsPerHour },
  };
  await client.workflow.signalWithStart(pagerType, {
    workflowId: pagerId(contact),
    taskQueue: taskQueues.pagers,
    args: [input],
    signal: replySignal,
    signalArgs: [reply],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `Pager of ${contact}`,
  });
}

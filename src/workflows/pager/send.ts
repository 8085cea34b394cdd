import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  log,
  proxyActivities,
} from '@temporalio/workflow';
import { sendFailureTypes, type SendActivities, type SendFailureType, type SendResult } from '../activity-contract.js';
import { taskQueues, type Channel } from '../contract.js';
import type { Pager, Outgoing } from './state.js';
import { answerSourcesOf } from './delivery.js';
import { channelName } from '../words.js';

// One try per activity: whether and how to try again is decided by the pager, which knows what the page is still worth.
const sendsBy = (channel: Channel) =>
  proxyActivities<SendActivities>({
    taskQueue: taskQueues.sends[channel],
    // A try that looks first takes 3 s of waiting, and up to 4 s for the list and 10 s for the send.
    startToCloseTimeout: '20s',
    retry: { maximumAttempts: 1 },
    // A send that has not begun is cancelled; one that has is waited for, since it may have been accepted.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
const sends = { whatsapp: sendsBy('whatsapp'), sms: sendsBy('sms'), call: sendsBy('call') };

const calls = proxyActivities<SendActivities>({
  taskQueue: taskQueues.sends.call,
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '2m',
  retry: { initialInterval: '1s', maximumAttempts: 3 },
});

/** How many messages that were sent before a try has to tell from its own. */
const knownSids = 50;

export function send(pager: Pager, out: Outgoing, now: number): Promise<SendResult> {
  const count = out.pages.length;
  const what = count === 0 ? 'text' : count === 1 ? 'page' : `${count} pages`;
  const listen = answerSourcesOf(pager, out, now);
  const known = pager.sent.flatMap(({ sid }) => sid ?? []).slice(-knownSids);
  return sends[out.channel].send.executeWithOptions({ summary: `${channelName[out.channel]}: ${what}` }, [
    {
      attempt: out.attempt,
      contact: pager.contact,
      channel: out.channel,
      text: out.text,
      validityMs: Math.max(0, out.until - now),
      ...(out.variables ? { variables: out.variables } : {}),
      ...(out.staleSince === undefined ? {} : { staleAttempt: true }),
      ...(listen ? { answerSources: listen } : {}),
      ...(out.uncertain ? { retry: { firstTriedAt: out.firstTriedAt ?? now, knownSids: known } } : {}),
    },
  ]);
}

/** Ends a call that nobody needs any more. That it could not be ended is no reason for anything but a line in the log. */
export async function endCall(contact: string, sid: string): Promise<void> {
  try {
    await calls.endCall.executeWithOptions({ summary: 'End the call' }, [{ contact, sid }]);
  } catch (error) {
    log.warn('A call that nobody needs any more could not be ended', { contact, error: String(error) });
  }
}

/** What Temporal calls an activity that its worker gave up when it was asked to end. */
const workerShutdown = 'WorkerShutdown';
/** No fault of Twilio's: the next worker finds out whether it was accepted. */
export const workerEnded = 'worker-ended';

export interface SendFailure {
  type: SendFailureType;
  code: string;
  /** Of this message only, yet an operator has to mend something. */
  operator: boolean;
}

/** What an activity failed with; one that did not say so, or did not end, may have been accepted. */
export function failureOf(error: unknown): SendFailure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure)) return { type: 'unknown', code: 'timeout', operator: false };
  if (cause.type === workerShutdown) return { type: 'unknown', code: workerEnded, operator: false };
  const type = sendFailureTypes.find((one) => one === cause.type) ?? 'unknown';
  const detail: unknown = cause.details?.[0];
  if (typeof detail !== 'object' || detail === null) return { type, code: 'unknown', operator: false };
  const code = 'code' in detail && typeof detail.code === 'string' ? detail.code : 'unknown';
  return { type, code, operator: 'operator' in detail && detail.operator === true };
}

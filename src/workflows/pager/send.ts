/** Requests to Twilio: to send a message or call, and to end a call; and the meaning of their failures. */
import { sendFailureTypes, type SendActivities, type SendFailureType, type SendInput } from '../send-contract.js';
import { channelName, channelTraits, isTextChannel } from '../channels.js';
import { second, type Channel } from '../contract.js';
import type { ActivityEffect, Failure } from '../machine.js';
import { answerSourcesOf, bodyOf, incidentsOf } from './delivery.js';
import { endedRank } from '../delivery-status.js';
import { itemText, unansweredIn } from './items.js';
import type { Outgoing, Sent } from './message-state.js';
import type { Pager } from './state.js';

export type TwilioCall =
  /** `isAlone`: it needs no place in the task queue that limits the rate of all senders. */
  | { activity: 'send'; channel: Channel; isAlone: boolean; input: SendInput }
  | { activity: 'endCall'; input: Parameters<SendActivities['endCall']>[0] };

/** How many of the newest messages a retry must not take for its own. */
const knownSids = 50;

export const sendId = (attempt: string): string => `send:${attempt}`;
export const endCallId = (attempt: string): string => `end-call:${attempt}`;

export function sendEffect(pager: Pager, out: Outgoing, now: number): ActivityEffect<TwilioCall> {
  const answerSources = answerSourcesOf(pager, out, now);
  const known = pager.sent.flatMap(({ sid }) => sid ?? []).slice(-knownSids);
  const input: SendInput = {
    attempt: out.attempt,
    contact: pager.contact,
    channel: out.channel,
    ...bodyOf(out),
    validityMs: Math.max(0, out.until - now),
    ...(answerSources ? { answerSources } : out.pages.length > 0 ? { carries: incidentsOf(pager, out) } : {}),
    ...(out.pages.length === 0 && channelTraits[out.channel].isCall ? { asksNothing: true as const } : {}),
    ...(out.uncertain ? { retry: { firstTriedAt: out.firstTriedAt ?? now, knownSids: known, tried: out.tried } } : {}),
  };
  return {
    type: 'activity',
    id: sendId(out.attempt),
    call: { activity: 'send', channel: out.channel, isAlone: isAlone(pager, out, now), input },
    summary: `${channelName(out.channel)} to ${pager.contact}: ${contentText(pager, out)}`,
  };
}

/** What a message is about, for people who look at the timeline. */
function contentText(pager: Pager, { pages, isAnswer }: Outgoing): string {
  const [first] = pages;
  if (first === undefined) return isAnswer ? 'answer to a reply' : 'notice';
  const item = pager.byKey.get(first[0]);
  return pages.length === 1 && item ? itemText(item) : `${pages.length} items`;
}

/** A pager that sends no more than this often needs no limit of its rate: contacts are few. */
const aloneAfterMs = second;

/** Whether this is the first try of a text after a pause. Calls are always limited: Twilio starts one a second. */
const isAlone = ({ sent }: Pager, { attempt, channel, tries }: Outgoing, now: number): boolean =>
  isTextChannel(channel) &&
  tries === 1 &&
  sent.every((other) => other.attempt === attempt || other.at <= now - aloneAfterMs);

/** Calls that ring or run although all the pages that they carry are settled, except one in which the person just answered. */
function callsToEnd(pager: Pager): Sent[] {
  const calls = pager.sent.filter(
    (sent) =>
      channelTraits[sent.channel].isCall &&
      sent.pages.length > 0 &&
      sent.sid !== null &&
      sent.rank < endedRank &&
      !sent.endedByUs,
  );
  if (calls.length === 0) return [];
  const answeredIn = new Set(pager.replies.map(({ attempt }) => attempt));
  return calls.filter((sent) => !answeredIn.has(sent.attempt) && unansweredIn(pager, sent).length === 0);
}

/** Ends the calls that nobody needs any more. */
export function endCalls(pager: Pager): ActivityEffect<TwilioCall>[] {
  return callsToEnd(pager).flatMap((call): ActivityEffect<TwilioCall>[] => {
    call.endedByUs = true;
    if (call.sid === null) return [];
    pager.callsEnding.push(call.attempt);
    const input = { contact: pager.contact, sid: call.sid };
    return [
      {
        type: 'activity',
        id: endCallId(call.attempt),
        call: { activity: 'endCall', input },
        summary: `End the call to ${pager.contact}`,
      },
    ];
  });
}

/** The type that Temporal gives to an activity whose worker shut down before its end. */
const workerShutdown = 'WorkerShutdown';
/** The code of such a send. It is no fault of Twilio's: the next try finds out whether it was accepted. */
export const workerEnded = 'worker-ended';

export interface SendFailure {
  type: SendFailureType;
  code: string;
  /** It concerns this message only, yet an operator has to fix something. */
  operator: boolean;
}

/** Why a send failed. One that gives no reason, or did not end, may have been accepted. */
export function sendFailureOf({ type: failureType, detail }: Failure): SendFailure {
  if (failureType === workerShutdown) return { type: 'unknown', code: workerEnded, operator: false };
  if (failureType === 'timeout') return { type: 'unknown', code: 'timeout', operator: false };
  const type = sendFailureTypes.find((one) => one === failureType) ?? 'unknown';
  if (typeof detail !== 'object' || detail === null) return { type, code: 'unknown', operator: false };
  const code = 'code' in detail && typeof detail.code === 'string' ? detail.code : 'unknown';
  return { type, code, operator: 'operator' in detail && detail.operator === true };
}

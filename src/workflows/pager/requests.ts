/** What the contact requests about schedules: activities do it, one after the other, and the contact gets what became of it. */
import type { OnCallNow } from '../activity-contract.js';
import { isTextChannel } from '../channels.js';
import type { ActivityEffect, Failure } from '../machine.js';
import { answersLeft } from './limits.js';
import { whoFailedText, whoText } from './on-call-texts.js';
import { queueAnswer } from './outbox.js';
import { logInfo, type ContactRequest, type HandledReply, type Pager, type QueuedRequest } from './state.js';

export type RequestCall = { activity: 'whoIsOnCall' };
export type RequestResult = { activity: 'whoIsOnCall'; result: OnCallNow };

/** Queues the request of a reply. Over the limit of answers, which nobody would get, nothing is done: a sender can be forged. */
export function queueRequest(
  pager: Pager,
  { replyId, channel }: HandledReply,
  request: ContactRequest,
  now: number,
): void {
  if (!isTextChannel(channel)) return;
  if (answersLeft(pager, false, now).count <= pager.requests.length) {
    logInfo(pager, 'answer not sent', { channel, why: 'the hourly limit of answers is reached' });
    return;
  }
  pager.lastRequest += 1;
  pager.requests.push({ id: `request:${pager.lastRequest}`, replyId, channel, request });
}

/** The activity of the first request; none while one runs. */
export function beginRequests(pager: Pager): ActivityEffect<RequestCall>[] {
  const [first] = pager.requests;
  if (first === undefined || pager.requestInFlight !== null) return [];
  pager.requestInFlight = first.id;
  return [{ type: 'activity', id: first.id, call: { activity: 'whoIsOnCall' }, summary: 'Who is on call' }];
}

/**
 * Answers the request whose activity has ended.
 * @param end its result, or why there is none
 * @returns whether the id is the one of that activity
 */
export function endRequest(pager: Pager, id: string, end: RequestResult | Failure, now: number): boolean {
  const request = pager.requests.find((one) => one.id === id);
  if (!request || pager.requestInFlight !== id) return false;
  pager.requestInFlight = null;
  pager.requests = pager.requests.filter((one) => one !== request);
  answer(pager, request, textOf(pager, request, end), now);
  return true;
}

function textOf(pager: Pager, { channel, request: { what } }: QueuedRequest, end: RequestResult | Failure): string {
  if ('activity' in end) return whoText(end.result, channel);
  const about = { request: what, type: end.type, error: end.message };
  pager.logLines.push({ level: 'warn', message: 'The request of a contact failed', about });
  return whoFailedText;
}

function answer(pager: Pager, { replyId, channel, request: { what } }: QueuedRequest, text: string, now: number): void {
  const handled = pager.replies.find((reply) => reply.replyId === replyId);
  if (handled) handled.text = text;
  queueAnswer(pager, channel, text, now, false);
  logInfo(pager, 'reply answered', { channel, verb: what, results: {}, sid: replyId });
}

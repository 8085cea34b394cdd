/** What the contact requests about schedules: activities do it, one after the other, and the contact gets what became of it. */
import type { OnCallNow, Prepared, RequestActivities } from '../activity-contract.js';
import { isTextChannel } from '../channels.js';
import type { ActivityEffect, Failure } from '../machine.js';
import { awaitCode, codesFrom, tryCode } from './code.js';
import { answersLeft } from './limits.js';
import {
  codeText,
  lockedText,
  requestText,
  whoFailedText,
  whoText,
  notMadeText,
  notPreparedText,
  wrongCodeText,
} from './on-call-texts.js';
import { queueAnswer } from './outbox.js';
import { isStopped } from './stop.js';
import { logInfo, type ContactRequest, type HandledReply, type Pager, type QueuedRequest } from './state.js';

export type RequestCall =
  | { activity: 'whoIsOnCall' }
  | { activity: 'prepareEntry'; input: Parameters<RequestActivities['prepareEntry']>[0] }
  | { activity: 'makeEntry'; input: Parameters<RequestActivities['makeEntry']>[0] };
export type RequestResult =
  | { activity: 'whoIsOnCall'; result: OnCallNow }
  | { activity: 'prepareEntry'; result: Prepared }
  | { activity: 'makeEntry'; result: { text: string } };

/**
 * Queues the request of a reply. Over the limit of answers, which nobody would get, nothing is done: a sender can be forged. What a code
 * has confirmed is always done.
 */
export function queueRequest(
  pager: Pager,
  { replyId, channel }: HandledReply,
  request: ContactRequest,
  now: number,
): void {
  if (!isTextChannel(channel) || (isStopped(pager, channel) && request.what !== 'make')) return;
  if (request.what !== 'make' && answersLeft(pager, false, now).count <= pager.requests.length) {
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
  return [{ type: 'activity', id: first.id, ...callOf(pager, first) }];
}

function callOf(
  { contact: by }: Pager,
  { request }: QueuedRequest,
): Pick<ActivityEffect<RequestCall>, 'call' | 'summary'> {
  switch (request.what) {
    case 'who':
      return { call: { activity: 'whoIsOnCall' }, summary: 'Who is on call' };
    case 'prepare': {
      const { command } = request;
      return { call: { activity: 'prepareEntry', input: { by, command } }, summary: `Prepare: ${command.verb}` };
    }
    case 'make': {
      const { entry } = request;
      return { call: { activity: 'makeEntry', input: { by, entry } }, summary: `Make: ${entry.kind}` };
    }
  }
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
  answer(pager, request, 'activity' in end ? textOf(pager, request, end, now) : failedText(pager, request, end), now);
  return true;
}

function textOf(pager: Pager, { channel }: QueuedRequest, end: RequestResult, now: number): string {
  switch (end.activity) {
    case 'whoIsOnCall':
      return whoText(end.result, channel);
    case 'prepareEntry': {
      if ('refused' in end.result) return requestText(end.result.refused, channel);
      const { code, what, entry } = end.result;
      // One that is not sent does not count.
      if (!isStopped(pager, channel) && answersLeft(pager, false, now).count > 0)
        awaitCode(pager, { code, entry, channel }, now);
      return codeText(code, what, channel);
    }
    case 'makeEntry':
      return requestText(end.result.text, channel);
  }
}

const failedTexts = { who: whoFailedText, prepare: notPreparedText, make: notMadeText } as const;

function failedText(pager: Pager, { request: { what } }: QueuedRequest, { type, message: error }: Failure): string {
  const about = { request: what, type, error };
  pager.logLines.push({ level: 'warn', message: 'The request of a contact failed', about });
  return failedTexts[what];
}

function answer(pager: Pager, { replyId, channel, request: { what } }: QueuedRequest, text: string, now: number): void {
  const handled = pager.replies.find((reply) => reply.replyId === replyId);
  if (handled) handled.text = text;
  queueAnswer(pager, channel, text, now, what === 'make');
  logInfo(pager, 'reply answered', { channel, verb: handled?.verb ?? what, results: {}, sid: replyId });
}

/**
 * Takes a request that needs a code, unless too many were wrong.
 * @returns the answer where nothing is asked for
 */
export function requestCode(
  pager: Pager,
  handled: HandledReply,
  request: Extract<ContactRequest, { what: 'prepare' }>,
  now: number,
): string | null {
  const from = codesFrom(pager, now);
  if (from !== null) return lockedText(from - now);
  queueRequest(pager, handled, request, now);
  return null;
}

/**
 * Takes a code that is awaited.
 * @returns the answer where it is wrong
 */
export function receiveCode(pager: Pager, handled: HandledReply, code: string, now: number): string | null {
  const tried = tryCode(pager, code, now);
  if ('left' in tried) return wrongCodeText(tried.left);
  queueRequest(pager, handled, { what: 'make', entry: tried.entry }, now);
  return null;
}

/** What the contact requests about schedules: activities do it, one after the other, and the contact gets what became of it. */
import type { EntryCommand, OnCallNow, Prepared, RequestActivities } from '../activity-contract.js';
import { isTextChannel } from '../channels.js';
import type { Command } from '../pager-contract.js';
import type { ActivityEffect, Effect, Failure } from '../machine.js';
import { awaitCode, codesFrom, tryCode } from './code.js';
import { answersLeft } from './limits.js';
import { whatIsMuted } from './mute.js';
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
import type { ContactRequest, HandledReply, QueuedRequest } from './reply-state.js';
import { logInfo, type Pager } from './state.js';

export type RequestCommand = Extract<Command, { verb: 'who' | 'swap' | 'mute' | 'code' }>;
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
function queueRequest(pager: Pager, { replyId, channel }: HandledReply, request: ContactRequest, now: number): void {
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
      return { call: { activity: 'whoIsOnCall' }, summary: `${by} requested who is on call` };
    case 'prepare': {
      const { command } = request;
      return {
        call: { activity: 'prepareEntry', input: { by, command } },
        summary: `${by} requested a code: ${command.verb}`,
      };
    }
    case 'make': {
      const { entry } = request;
      return {
        call: { activity: 'makeEntry', input: { by, entry } },
        summary: `${by} returned the code: ${entry.kind}`,
      };
    }
  }
}

/** A run that drains does not wait for it: the next one begins it anew, which may be done twice. */
export const cancelRequest = ({ requestInFlight }: Pager): Effect<RequestCall>[] =>
  requestInFlight === null ? [] : [{ type: 'cancel', id: requestInFlight }];

type Ended = { id: string } & (
  | { type: 'completed'; result: RequestResult | { activity: 'send' | 'endCall' | 'answerIncidents' } }
  | { type: 'failed'; failure: Failure }
  | { type: 'cancelled' }
);

/**
 * Answers the request whose activity has ended.
 * @returns whether it was one
 */
export function endRequest(pager: Pager, ended: Ended, now: number): boolean {
  const request = pager.requests.find(({ id }) => id === ended.id);
  if (!request || pager.requestInFlight !== ended.id) return false;
  pager.requestInFlight = null;
  // It stays the first one, for the next run: what it makes may be made already, and is made once.
  if (ended.type === 'cancelled') return true;
  pager.requests = pager.requests.filter((one) => one !== request);
  const text =
    ended.type === 'completed' ? textOf(pager, request, ended.result, now) : failedText(pager, request, ended.failure);
  answer(pager, request, text, now);
  return true;
}

function textOf(
  pager: Pager,
  { channel }: QueuedRequest,
  end: Extract<Ended, { type: 'completed' }>['result'],
  now: number,
): string {
  switch (end.activity) {
    case 'whoIsOnCall':
      return whoText(end.result, channel);
    case 'prepareEntry': {
      if ('refused' in end.result) return requestText(end.result.refused, channel);
      // The third wrong code may have come meanwhile.
      const locked = lockedNow(pager, now);
      if (locked !== null) return locked;
      const { code, what, entry } = end.result;
      // One that is not sent does not count.
      if (!isStopped(pager, channel) && answersLeft(pager, false, now).count > 0)
        awaitCode(pager, { code, entry, channel }, now);
      return codeText(code, what, channel);
    }
    case 'makeEntry':
      return requestText(end.result.text, channel);
    // The id of a request is that of no other activity.
    case 'send':
    case 'endCall':
    case 'answerIncidents':
      return notMadeText;
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
 * Takes a reply that asks for more than an answer of incidents.
 * @returns the answer where no activity has to be asked
 */
export function receiveRequest(
  pager: Pager,
  handled: HandledReply,
  command: RequestCommand,
  now: number,
): string | null {
  switch (command.verb) {
    case 'who':
      queueRequest(pager, handled, { what: 'who' }, now);
      return null;
    case 'swap':
      return lockedNow(pager, now) ?? requestCode(pager, handled, command, now);
    case 'mute': {
      const locked = lockedNow(pager, now);
      if (locked !== null) return locked;
      const meant = whatIsMuted(pager, command, now);
      if ('text' in meant) return meant.text;
      return requestCode(pager, handled, { verb: 'mute', match: meant.match, time: command.time }, now);
    }
    case 'code': {
      const tried = tryCode(pager, command.code, now);
      if ('left' in tried) return wrongCodeText(tried.left);
      queueRequest(pager, handled, { what: 'make', entry: tried.entry }, now);
      return null;
    }
  }
}

function requestCode(pager: Pager, handled: HandledReply, command: EntryCommand, now: number): null {
  queueRequest(pager, handled, { what: 'prepare', command }, now);
  return null;
}

/** The answer where no code is sent for now. */
function lockedNow(pager: Pager, now: number): string | null {
  const from = codesFrom(pager, now);
  return from === null ? null : lockedText(from - now);
}

/**
 * The pager as a state machine: what comes in changes the state, `advance` decides what leaves. Every rule is in the modules that it calls.
 */
import type { AnsweringResult, SendResult } from '../activity-contract.js';
import { channels } from '../contract.js';
import {
  numberKey,
  type HandOverNotice,
  type NumberedItem,
  type NoticeSignal,
  type PageSignal,
  type ReceiptSignal,
  type ReplyOutcome,
  type ReplySignal,
  type TextNotice,
  type WithdrawSignal,
} from '../pager-contract.js';
import type { DriverInput, Effect, Env, Failure, Machine, Wake } from '../machine.js';
import { isTextChannel } from '../channels.js';
import { composeAnew } from './compose.js';
import { clearAlarms, contactRefused, raiseAlarm, raisedAlarms } from './alarms.js';
import { answersDueAt, beginAnswers, byPrefix, endAnswers, noteAnswering, type AnswerCall } from './answers.js';
import { abandonTry, beginTry, failTry, finishTry, receiveReceipt } from './delivery.js';
import { handOversDueAt, queueDueHandOvers } from './hand-overs.js';
import { watchLimits } from './limit-watch.js';
import { noticesDueAt, queueDueNotices, receiveNotice } from './notices.js';
import {
  dropUnwanted,
  isWanted,
  nextOn,
  queueCounted,
  queueRecovered,
  receivePage,
  receiveWithdrawal,
  reportHeld,
} from './outbox.js';
import { prune } from './prune.js';
import { recoveredDueAt } from './quiet-hours.js';
import { receiveIncidentOver, receiveReply, retryDeferred } from './replies.js';
import { beginReports, type IncidentSignal } from './reports.js';
import { beginRequests, cancelRequest, endRequest, type RequestCall, type RequestResult } from './requests.js';
import { endCallId, endCalls, sendEffect, sendFailureOf, sendId, workerEnded, type TwilioCall } from './send.js';
import type { Outgoing, Pager } from './state.js';
import { isStopped } from './stop.js';

export type Result =
  | { activity: 'send'; result: SendResult }
  | { activity: 'endCall' }
  | { activity: 'answerIncidents'; result: AnsweringResult }
  | RequestResult;
export type Call = TwilioCall | AnswerCall | RequestCall;
export type PagerEffect = Effect<Call, IncidentSignal>;
export type Signal =
  | { type: 'page'; page: PageSignal }
  | { type: 'withdraw'; withdrawal: WithdrawSignal }
  | { type: 'notice'; notice: NoticeSignal | HandOverNotice | TextNotice }
  | { type: 'reply'; reply: ReplySignal }
  | { type: 'receipt'; receipt: ReceiptSignal };
export type Input = Signal | DriverInput<Result>;

function handle(pager: Pager, input: Input, { now }: Env): void {
  switch (input.type) {
    case 'page':
      receivePage(pager, input.page, now);
      break;
    case 'withdraw':
      receiveWithdrawal(pager, input.withdrawal, now);
      break;
    case 'notice':
      receiveNotice(pager, input.notice, now);
      break;
    case 'reply':
      receiveReply(pager, input.reply, now);
      break;
    case 'receipt':
      receiveReceipt(pager, input.receipt, now);
      retryDeferred(pager, now);
      break;
    case 'completed':
    case 'failed':
    case 'cancelled':
      endActivity(pager, input, now);
      break;
    case 'signalled':
      takeSignal(pager, input.id);
      break;
    case 'cancel-requested':
      pager.cancelling = true;
      break;
  }
}

type Ended = Extract<Input, { type: 'completed' | 'failed' | 'cancelled' }>;

function endActivity(pager: Pager, input: Ended, now: number): void {
  const out = pager.sending.find(({ attempt }) => sendId(attempt) === input.id);
  if (out) {
    pager.sending = pager.sending.filter((one) => one !== out);
    endSend(pager, out, input, now);
    retryDeferred(pager, now);
    return;
  }
  const attempt = pager.callsEnding.find((one) => endCallId(one) === input.id);
  if (attempt !== undefined) {
    pager.callsEnding = pager.callsEnding.filter((one) => one !== attempt);
    if (input.type === 'failed') logUnendedCall(pager, input.failure);
    return;
  }
  if (endRequest(pager, input, now)) return;
  if (endAnswers(pager, input.id, answeringResultOf(pager, input), now)) return;
  const signal = takeSignal(pager, input.id);
  if (signal && input.type === 'failed') receiveIncidentOver(pager, signal.key, now);
}

/** The activity is repeated until it completes; one that ends otherwise has told nothing of its answers. */
function answeringResultOf({ answersInFlight }: Pager, input: Ended): AnsweringResult {
  if (input.type === 'completed' && input.result.activity === 'answerIncidents') return input.result.result;
  const why = input.type === 'failed' ? input.failure.message : input.type;
  return {
    outcomes: {},
    failed: Object.fromEntries((answersInFlight?.answers ?? []).map(({ answerId }) => [answerId, why])),
  };
}

function takeSignal(pager: Pager, id: string): Pager['signalsInFlight'][number] | undefined {
  const signal = pager.signalsInFlight.find((one) => one.id === id);
  pager.signalsInFlight = pager.signalsInFlight.filter((one) => one !== signal);
  return signal;
}

function endSend(pager: Pager, out: Outgoing, input: Ended, now: number): void {
  if (input.type === 'cancelled') {
    abandonTry(pager, out, now);
    return;
  }
  if (input.type === 'failed') {
    applySendFailure(pager, out, input.failure, now);
    return;
  }
  if (input.result.activity !== 'send') return;
  finishTry(pager, out.attempt, input.result.result.sid, now);
  clearAlarms(pager, out.channel);
}

function applySendFailure(pager: Pager, out: Outgoing, failure: Failure, now: number): void {
  const { type, code, operator } = sendFailureOf(failure);
  const { final } = failTry(pager, out, { type, code }, now);
  if (type === 'rescheduled') return;
  const alarm = `twilio-${code}`;
  if (type === 'recipient') {
    if (operator) raiseAlarm(pager, alarm, out.channel, 'A message was refused for what an operator has to fix', now);
    else if (!isStopped(pager, out.channel))
      raiseAlarm(pager, contactRefused, out.channel, `The contact cannot be reached by this channel (${code})`, now);
    return;
  }
  if (code === workerEnded) return;
  const message = final ? 'Twilio took no message in all its time' : 'Twilio does not take messages';
  raiseAlarm(pager, alarm, out.channel, message, now);
}

/** That a call could not be ended is worth a line in the log and no more: it ends by itself. */
function logUnendedCall(pager: Pager, { type, message }: Failure): void {
  const about = { type, error: message };
  pager.logLines.push({ level: 'warn', message: 'A call that nobody needs any more could not be ended', about });
}

function advance(pager: Pager, env: Env): PagerEffect[] {
  const { now } = env;
  const effects: PagerEffect[] = [...cancelUnwanted(pager)];
  dropUnwanted(pager, now);
  // A reply may have waited for a message that was just dropped.
  if (pager.deferred.length > 0) retryDeferred(pager, now);
  queueDueNotices(pager, now);
  queueDueHandOvers(pager, now);
  queueRecovered(pager, now);
  watchLimits(pager, now);
  // What does not begin while the run drains begins in the next one.
  if (env.draining) effects.push(...cancelRequest(pager));
  else
    effects.push(
      ...beginAnswers(pager, now),
      ...beginRequests(pager),
      ...endCalls(pager),
      ...beginSends(pager, now),
      ...beginReports(pager),
    );
  prune(pager, now);
  effects.push(...publish(pager));
  if (pager.cancelling) effects.push({ type: 'end', cancelled: true });
  effects.unshift(...pager.logLines.splice(0).map((line): PagerEffect => ({ type: 'log', line })));
  return effects;
}

/** Cancels the sending of what nobody needs any more. It still completes where Twilio has accepted the message already. */
function cancelUnwanted(pager: Pager): PagerEffect[] {
  const unwanted = pager.sending.filter((out) => !out.cancelling && !isWanted(pager, out));
  return unwanted.map((out) => {
    out.cancelling = true;
    return { type: 'cancel', id: sendId(out.attempt) };
  });
}

const isFree = (pager: Pager, channel: (typeof channels)[number]): boolean =>
  !pager.sending.some((out) => out.channel === channel);

/** A retried page says what is open now. One that looks for an earlier try says nothing. */
function rewrite(pager: Pager, out: Outgoing, now: number): void {
  if (out.pages.length === 0 || out.tries === 0 || out.uncertain) return;
  const confirmation = composeAnew(pager, out, now);
  if (confirmation !== null && isTextChannel(out.channel)) queueCounted(pager, out.channel, confirmation, now);
}

/** Starts what may leave now, one message at a time on each channel, and notes when to look again. */
function beginSends(pager: Pager, now: number): PagerEffect[] {
  const effects: PagerEffect[] = [];
  const notices = noticesDueAt(pager, now);
  const handOvers = handOversDueAt(pager, now);
  const recovered = recoveredDueAt(pager);
  const answers = answersDueAt(pager);
  const wakes: Wake[] = [
    ...(notices === null ? [] : [{ at: notices, why: 'Wait before notices are sent' }]),
    ...(handOvers === null ? [] : [{ at: handOvers, why: 'Wait before a hand-over is announced' }]),
    ...(recovered === null ? [] : [{ at: recovered, why: 'Wait for the end of quiet hours' }]),
    ...(answers === null ? [] : [answers]),
  ];
  for (const channel of channels.filter((one) => isFree(pager, one))) {
    const next = nextOn(pager, channel, now);
    if (next === null) continue;
    if ('send' in next) {
      rewrite(pager, next.send, now);
      beginTry(pager, next.send, now);
      effects.push(sendEffect(pager, next.send, now));
      continue;
    }
    reportHeld(pager, channel, now);
    wakes.push({ at: next.at, why: next.why });
  }
  pager.next = wakes.reduce<Wake | null>((first, wake) => (first === null || wake.at < first.at ? wake : first), null);
  return effects;
}

/** Shows the state in Temporal, in one command: alarms, where the api finds them without a query, and what the numbers of replies mean. */
function publish(pager: Pager): PagerEffect[] {
  noteAnswering(pager);
  const memo = { ...shownState(pager), ...shownNumbers(pager) };
  return Object.keys(memo).length === 0 ? [] : [{ type: 'memo', memo }];
}

/** Nothing where it has not changed. */
function shownState(pager: Pager): Record<string, unknown> {
  const alarms = raisedAlarms(pager).map((alarm) => ({ ...alarm, since: new Date(alarm.since).toISOString() }));
  const { contact, answering } = pager;
  const raised = JSON.stringify(alarms);
  if (pager.shown?.answering === answering && pager.shown.raised === raised) return {};
  pager.shown = { answering, raised };
  const isAnswering = answering.length > 0;
  const usual = alarms.length === 0 ? '' : JSON.stringify({ contact, alarms });
  const memo = isAnswering ? 'answering' : usual;
  // What a run carries says that it was answering, not for which of thousands: the next run shows those again.
  if (memo === pager.published.memo && !isAnswering) return {};
  pager.published = { ...pager.published, memo };
  return { pager: { contact, alarms, ...(isAnswering ? { answering: byPrefix(answering) } : {}) } };
}

/** For the pages of links: what the numbers of messages mean that the memo does not have. It keeps each until it is given again. */
function shownNumbers(pager: Pager): Record<string, NumberedItem> {
  const named = pager.numbered.splice(0);
  if (!pager.settings.linkLength) return {};
  const memo: Record<string, NumberedItem> = {};
  for (const { number, incident, episode, numberedAt: at } of named) {
    if (number === null || pager.inMemo.includes(number)) continue;
    pager.inMemo.push(number);
    memo[numberKey(number)] = { incident, episode, at };
  }
  return memo;
}

/** The spoken answer to a reply; null while it is not known. */
function view(pager: Pager, query: { name: 'outcome'; replyId: string }): ReplyOutcome | null {
  const text = pager.replies.find(({ replyId }) => replyId === query.replyId)?.text ?? null;
  return text === null ? null : { text };
}

export const pagerMachine: Machine<Pager, Input, PagerEffect, typeof view> = {
  handle,
  advance,
  // A run that drains begins nothing; it continues as new when what is in flight has ended.
  wakeAt: ({ next }, { draining }) => (draining ? null : next),
  view,
  hasInFlight: ({ answersInFlight, requestInFlight, sending, callsEnding, signalsInFlight }) =>
    [answersInFlight, requestInFlight].some((one) => one !== null) ||
    [sending, callsEnding, signalsInFlight].some((list) => list.length > 0),
};

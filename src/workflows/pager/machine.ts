/**
 * The pager as a state machine: what comes in changes the state, `advance` decides what leaves. Every rule is in the modules that it calls.
 */
import { channels } from '../contract.js';
import type {
  HandOverNotice,
  NoticeSignal,
  PageSignal,
  ReceiptSignal,
  ReplyOutcome,
  ReplySignal,
  TextNotice,
  WithdrawSignal,
} from '../pager-contract.js';
import type { DriverInput, Effect, Env, Machine, Wake } from '../machine.js';
import { isTextChannel } from '../channels.js';
import { composeAnew } from './compose.js';
import { answersDueAt, beginAnswers, type AnswerCall } from './answers.js';
import { beginTry, receiveReceipt } from './delivery.js';
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
import { receiveReply, retryDeferred } from './replies.js';
import { beginReports, type IncidentSignal } from './reports.js';
import { beginRequests, cancelRequest, type RequestCall } from './requests.js';
import { endCalls, sendEffect, sendId, type TwilioCall } from './send.js';
import type { Outgoing } from './message-state.js';
import type { Pager } from './state.js';
import { publish } from './memo.js';
import { endActivity, takeSignal, type Result } from './results.js';

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

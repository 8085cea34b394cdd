/** What a reply does: which answers go to incidents, and what the person gets as an answer. */
import { channelTraits, isTextChannel } from '../channels.js';
import { answerIdOf, partsOf } from './answer-ids.js';
import type { AnswerOutcome, Verb } from '../contract.js';
import type { ReplySignal } from '../pager-contract.js';
import { isOpen, isOver, openItems, settle, speakOf } from './items.js';
import { commandOf, whatIsMeant } from './meaning.js';
import { openNow } from './quiet-hours.js';
import { queueAnswer } from './outbox.js';
import { receiveRequest } from './requests.js';
import { confirmationText, helpText, spokenOutcome, startedText, stoppedText } from './reply-texts.js';
import { isStopped, resumeChannel, stopChannel } from './stop.js';
import type { HandledReply, Outcome } from './reply-state.js';
import { logInfo, type PagedItem, type Pager } from './state.js';
import { listedItems } from './list.js';

const helpsInARow = 5;

interface Turn {
  pager: Pager;
  handled: HandledReply;
  now: number;
}

/** Takes a reply. One that names a message whose SID is not known yet is deferred while it may become known. */
export function receiveReply(pager: Pager, reply: ReplySignal, now: number): void {
  const known = [...pager.replies, ...pager.deferred].some(({ replyId }) => replyId === reply.replyId);
  if (!known) handle(pager, reply, now);
}

/** Handles replies again that were deferred for the SID of a message. */
export function retryDeferred(pager: Pager, now: number): void {
  const deferred = pager.deferred;
  pager.deferred = [];
  for (const reply of deferred) handle(pager, reply, now);
}

function handle(pager: Pager, reply: ReplySignal, now: number): void {
  const { replyId, channel, at } = reply;
  const command = commandOf(pager, reply, now);
  const handled: HandledReply = {
    replyId,
    channel,
    verb: command.verb,
    attempt: reply.attempt ?? null,
    ...(reply.isOnPage && { isOnPage: true }),
    at,
    waiting: [],
    outcomes: [],
    text: null,
  };
  const turn = { pager, handled, now };
  if (command.verb !== 'unknown') pager.helps = 0;
  switch (command.verb) {
    case 'acknowledge':
    case 'rerun':
    case 'snooze':
    case 'resolve': {
      const meant = whatIsMeant(pager, command, reply, now);
      if ('defer' in meant) {
        pager.deferred.push(reply);
        return;
      }
      if ('text' in meant) answerWith(turn, meant.text);
      else answerFor(turn, command.verb, meant.items, command.verb === 'snooze' ? command.durationMs : undefined);
      break;
    }
    case 'list':
      answerWith(turn, listedItems(pager, command.page, channel, now));
      break;
    case 'who':
    case 'swap':
    case 'mute':
    case 'code':
      answerWith(turn, receiveRequest(pager, handled, command, now));
      break;
    case 'stop':
      stop(turn);
      break;
    case 'start':
      start(turn, command.word);
      break;
    case 'help':
      if (!channelTraits[channel].answersKeywords) answerWith(turn, helpText);
      break;
    case 'unknown':
      sendHelp(turn);
      break;
  }
  pager.replies.push(handled);
  logWhenAnswered(turn);
}

/** Logs the outcome of a reply once it is known, never its words. */
function logWhenAnswered({ pager, handled }: Turn): void {
  const { waiting, channel, verb, outcomes, replyId, attempt } = handled;
  if (waiting.length > 0 || pager.requests.some((request) => request.replyId === replyId)) return;
  const results: Record<string, number> = {};
  for (const { result, count } of outcomes) results[result] = (results[result] ?? 0) + count;
  const which: Record<string, string> = attempt === null ? { sid: replyId } : { attempt };
  logInfo(pager, 'reply answered', { channel, verb, results, ...which });
}

/** Null: it is not known yet. */
function answerWith({ pager, handled, now }: Turn, text: string | null, confirms = false): void {
  handled.text = text;
  if (text !== null && !handled.isOnPage && isTextChannel(handled.channel))
    queueAnswer(pager, handled.channel, text, now, confirms);
}

function sendHelp(turn: Turn): void {
  turn.pager.helps += 1;
  if (turn.pager.helps <= helpsInARow) answerWith(turn, helpText);
}

/** Sends the answer to the incidents; what this pager knows to be over is answered at once. */
function answerFor(turn: Turn, verb: Verb, items: PagedItem[], durationMs?: number): void {
  const { pager, handled, now } = turn;
  speakOf(pager, items, now);
  for (const item of items) {
    // What was acknowledged may have been reopened since, which only its incident knows.
    if (item.settled && isOver(item)) {
      const { how, by } = item.settled;
      addOutcome(handled, item.facts.name, { result: 'closed', by, until: null, how });
      continue;
    }
    handled.waiting.push(item.key);
    const answerId = answerIdOf(handled.replyId, item.key);
    pager.answers.push({
      key: item.key,
      answerId,
      verb,
      ...(durationMs === undefined ? {} : { durationMs }),
    });
  }
  finish(turn);
}

const namesKept = 3;

function addOutcome(handled: HandledReply, name: string, outcome: Omit<Outcome, 'count' | 'names'>): void {
  const same = handled.outcomes.find(
    ({ result, by, how }) => result === outcome.result && by === outcome.by && how === outcome.how,
  );
  if (!same) {
    handled.outcomes.push({ ...outcome, count: 1, names: [name] });
    return;
  }
  same.count += 1;
  if (same.names.length < namesKept) same.names.push(name);
}

/** After these the incident goes on, and somebody has it. */
const keeps = new Set<Outcome['result']>(['taken', 'already', 'rerunning', 'snoozed']);

/** Takes the outcome of an answer from its incident. */
export function receiveOutcome(pager: Pager, answerId: string, outcome: AnswerOutcome, now: number): void {
  const { replyId, key } = partsOf(answerId);
  const handled = pager.replies.find((reply) => reply.replyId === replyId);
  if (!handled || !handled.waiting.includes(key)) return;
  handled.waiting = handled.waiting.filter((one) => one !== key);
  const item = pager.byKey.get(key);
  const { result, by, until = null } = outcome;
  addOutcome(handled, item?.facts.name ?? '', { result, by, until });
  if (item) {
    item.upTo = Math.max(item.upTo, outcome.upTo ?? item.lastPage);
    // A page that came after the answer was given is a new one.
    if (item.lastPage <= item.upTo) settle(item, keeps.has(result) ? 'acknowledged' : 'resolved', by, now);
    if (item.settled && result === 'snoozed' && until !== null) item.settled.until = until;
  }
  const turn = { pager, handled, now };
  finish(turn);
  logWhenAnswered(turn);
}

function finish(turn: Turn): void {
  const { pager, handled, now } = turn;
  if (handled.waiting.length > 0 || handled.text !== null) return;
  if (!isTextChannel(handled.channel)) {
    handled.text = spokenOutcome(handled.outcomes, now);
    return;
  }
  if (handled.outcomes.length > 0) {
    answerWith(turn, confirmationText(handled.outcomes, openNow(pager, now).length, now, handled.channel), true);
  }
}

/** Ends this channel for the contact until START. It takes no problem: other channels and contacts go on. */
function stop(turn: Turn): void {
  const { pager, handled, now } = turn;
  const { channel } = handled;
  if (isTextChannel(channel) && !channelTraits[channel].answersKeywords)
    answerWith(turn, stoppedText(channel, openItems(pager).length), true);
  stopChannel(pager, channel, now);
}

function start(turn: Turn, word: 'start' | 'yes'): void {
  const { pager, handled } = turn;
  // With an unanswered page YES was an acknowledgement.
  if (word === 'yes' && !isStopped(pager, handled.channel)) {
    sendHelp(turn);
    return;
  }
  resumeChannel(pager, handled.channel);
  if (!channelTraits[handled.channel].answersKeywords) answerWith(turn, startedText, true);
}

/** The incident does not run any more, so it gives no outcome itself. */
export function receiveIncidentOver(pager: Pager, key: number, now: number): void {
  const item = pager.byKey.get(key);
  if (isOpen(item)) settle(item, 'resolved', null, now);
  for (const { replyId, waiting } of pager.replies) {
    if (!waiting.includes(key)) continue;
    receiveOutcome(pager, `${replyId}#${key}`, { result: 'closed', by: null }, now);
  }
}

/**
 * What a reply does: which items it means, what their incidents are told, and what the person hears. Pure.
 */
import type { Command, OutcomeSignal, ReplySignal, Verb } from '../contract.js';
import {
  isOpen,
  itemsOf,
  numberOf,
  openItems,
  settle,
  unansweredIn,
  type HandledReply,
  type Pager,
  type Outcome,
  type PagedItem,
  type Sent,
} from './state.js';
import { failedRank, queueText } from './outbox.js';
import {
  askWhichText,
  confirmationText,
  helpText,
  listText,
  notKnownText,
  nothingOpenText,
  spokenOutcome,
  startedText,
  stoppedText,
  unknownNumberText,
} from './reply-texts.js';
import { worstFirst } from './page-texts.js';

/** A message that left less than this before the reply was hardly read: the reply means the one before. */
const readingTimeMs = 10_000;
const helpsInARow = 5;
const listPage = 10;

type Meant = { items: PagedItem[] } | { text: string } | { later: true };
type ItemCommand = Extract<Command, { verb: 'acknowledge' | 'resolve' | 'rerun' | 'snooze' }>;

interface Turn {
  pager: Pager;
  handled: HandledReply;
  now: number;
  newAttempt: () => string;
}

/**
 * Takes a reply. One that names a message whose SID is not known yet is kept while one may come.
 * @param newAttempt gives the id of the message that answers the person
 */
export function receiveReply(pager: Pager, reply: ReplySignal, now: number, newAttempt: () => string): void {
  const known = [...pager.replies, ...pager.deferred].some(({ replyId }) => replyId === reply.replyId);
  if (!known) handle(pager, reply, now, newAttempt);
}

/** Takes up again what waited for the SID of a message. */
export function retryDeferred(pager: Pager, now: number, newAttempt: () => string): void {
  const parked = pager.deferred;
  pager.deferred = [];
  for (const reply of parked) handle(pager, reply, now, newAttempt);
}

function handle(pager: Pager, reply: ReplySignal, now: number, newAttempt: () => string): void {
  const { command, replyId, channel, at } = reply;
  const handled: HandledReply = {
    replyId,
    channel,
    verb: command.verb,
    attempt: reply.attempt ?? null,
    at,
    waiting: [],
    outcomes: [],
    text: null,
  };
  const turn = { pager, handled, now, newAttempt };
  if (command.verb !== 'unknown') pager.helps = 0;
  switch (command.verb) {
    case 'acknowledge':
    case 'rerun':
    case 'snooze':
    case 'resolve': {
      const meant = whatIsMeant(pager, command, reply);
      if ('later' in meant) {
        pager.deferred.push(reply);
        return;
      }
      if ('text' in meant) answerWith(turn, meant.text);
      else answerFor(turn, command.verb, meant.items, command.verb === 'snooze' ? command.durationMs : undefined);
      break;
    }
    case 'list':
      list(turn, command.page);
      break;
    case 'stop':
      stop(turn);
      break;
    case 'start':
      start(turn, command.word);
      break;
    case 'help':
      // On SMS Twilio answers HELP itself.
      if (channel !== 'sms') answerWith(turn, helpText);
      break;
    case 'unknown':
      sendHelp(turn);
      break;
  }
  pager.replies.push(handled);
  logWhenAnswered(turn);
}

/** What came of a reply, once that is known: never its words. */
function logWhenAnswered({ pager, handled }: Turn): void {
  const { waiting, channel, verb = 'unknown', outcomes, replyId, attempt } = handled;
  if (waiting.length > 0) return;
  const results: Record<string, number> = {};
  for (const { result, count } of outcomes) results[result] = (results[result] ?? 0) + count;
  const which: Record<string, string> = attempt === null ? { sid: replyId } : { attempt };
  pager.logLines.push({ message: 'reply answered', about: { channel, verb, results, ...which } });
}

function answerWith({ pager, handled, now, newAttempt }: Turn, text: string): void {
  handled.text = text;
  if (handled.channel !== 'call') queueText(pager, handled.channel, text, now, newAttempt());
}

function sendHelp(turn: Turn): void {
  turn.pager.helps += 1;
  if (turn.pager.helps <= helpsInARow) answerWith(turn, helpText);
}

function whatIsMeant(pager: Pager, command: ItemCommand, reply: ReplySignal): Meant {
  if (command.verb === 'acknowledge' && command.all) return orNothing(openItems(pager).filter((item) => item.shown));
  if (command.number !== undefined) return byNumber(pager, command.number);
  const named = namedMessage(pager, reply);
  // In flight, or of unknown outcome: its SID may yet become known.
  if (named === null) return pager.outbox.some((out) => out.tries > 0) ? { later: true } : { text: notKnownText };
  const message = named ?? newestUnsettled(pager, reply);
  const items = message ? itemsOf(pager, message.pages) : [];
  const open = items.filter(isOpen);
  const meant = open.length > 0 ? open : items;
  if (command.verb !== 'acknowledge' && meant.length > 1 && reply.channel !== 'call') {
    const ranked = meant.toSorted((a, b) => worstFirst(a.facts, b.facts)).slice(0, 6);
    const numbers = ranked.map((item) => numberOf(pager, item, reply.at));
    return { text: askWhichText(command.verb, numbers, meant.length) };
  }
  return orNothing(meant);
}

const orNothing = (items: PagedItem[]): Meant => (items.length > 0 ? { items } : { text: nothingOpenText });

function byNumber(pager: Pager, number: number): Meant {
  const item = pager.items.findLast((one) => one.number === number && one.shown);
  return item ? { items: [item] } : { text: unknownNumberText(number) };
}

/** The message that a button or swipe reply, or a key in a call, names: undefined when it names none, null when unknown. */
function namedMessage(pager: Pager, { messageSid, attempt }: ReplySignal): Sent | null | undefined {
  if (attempt !== undefined) return pager.sent.find((sent) => sent.attempt === attempt) ?? null;
  if (messageSid !== undefined) return pager.sent.find((sent) => sent.sid === messageSid) ?? null;
  return undefined;
}

/**
 * The message that a reply without a number means: the newest unanswered one that reached the phone; failing that, one that may
 * have, whatever was said of it.
 */
function newestUnsettled(pager: Pager, { channel, at }: ReplySignal): Sent | undefined {
  const unsettled = pager.sent.filter((sent) => sent.channel === channel && unansweredIn(pager, sent).length > 0);
  const reached = unsettled.filter((sent) => sent.sid !== null && sent.rank < failedRank);
  // In flight, of unknown outcome, or said not to have arrived.
  const possible = unsettled.filter(
    (sent) => sent.sid !== null || sent.status === 'sending' || sent.status === 'unknown' || isUncertain(pager, sent),
  );
  const messages = reached.length > 0 ? reached : possible;
  const newest = messages.at(-1);
  const older = messages.at(-2);
  return newest && older && newest.at > at - readingTimeMs ? older : newest;
}

const isUncertain = (pager: Pager, { attempt }: Sent): boolean =>
  pager.outbox.some((out) => out.attempt === attempt && out.uncertain);

/** Tells the incidents; what this pager knows to be settled is answered at once. */
function answerFor(turn: Turn, verb: Verb, items: PagedItem[], duration?: number): void {
  const { pager, handled } = turn;
  for (const item of items) {
    // What is over is over. What was acknowledged may have been opened again since: its incident knows.
    if (item.settled && item.settled.how !== 'acknowledged') {
      const { how, by } = item.settled;
      addOutcome(handled, item.facts.name, { result: 'closed', by, until: null, how });
      continue;
    }
    handled.waiting.push(item.k);
    const answerId = `${handled.replyId}#${item.k}`;
    pager.answers.push({
      k: item.k,
      signal: 'answer',
      answerId,
      verb,
      ...(duration === undefined ? {} : { duration }),
    });
  }
  finish(turn);
}

const namesKept = 3;

function addOutcome(handled: HandledReply, name: string, said: Omit<Outcome, 'count' | 'names'>): void {
  const same = handled.outcomes.find(
    ({ result, by, how }) => result === said.result && by === said.by && how === said.how,
  );
  if (!same) {
    handled.outcomes.push({ ...said, count: 1, names: [name] });
    return;
  }
  same.count += 1;
  if (same.names.length < namesKept) same.names.push(name);
}

/** After these the incident goes on, and somebody has it. */
const keeps = new Set<Outcome['result']>(['taken', 'already', 'rerunning', 'snoozed']);

/** An incident told what became of an answer. */
export function receiveOutcome(pager: Pager, outcome: OutcomeSignal, now: number, newAttempt: () => string): void {
  const mark = outcome.answerId.lastIndexOf('#');
  const replyId = outcome.answerId.slice(0, mark);
  const k = Number(outcome.answerId.slice(mark + 1));
  const handled = pager.replies.find((reply) => reply.replyId === replyId);
  if (!handled || !handled.waiting.includes(k)) return;
  handled.waiting = handled.waiting.filter((one) => one !== k);
  const item = pager.byKey.get(k);
  const { result, by, until = null } = outcome;
  addOutcome(handled, item?.facts.name ?? '', { result, by, until });
  if (item && result !== 'stopped') {
    item.upTo = Math.max(item.lastPage, outcome.upTo ?? 0);
    settle(item, keeps.has(result) ? 'acknowledged' : 'resolved', by, now);
  }
  const turn = { pager, handled, now, newAttempt };
  finish(turn);
  logWhenAnswered(turn);
}

function finish(turn: Turn): void {
  const { pager, handled, now } = turn;
  if (handled.waiting.length > 0 || handled.text !== null) return;
  if (handled.channel === 'call') {
    handled.text = spokenOutcome(handled.outcomes, now);
    return;
  }
  // STOP is answered when it is taken, not when the incidents have heard of it.
  const outcomes = handled.outcomes.filter(({ result }) => result !== 'stopped');
  if (outcomes.length > 0) answerWith(turn, confirmationText(outcomes, openItems(pager).length, now));
}

/** Ten open items with their numbers, the worst first, and how many there are. */
function list(turn: Turn, page: number): void {
  const { pager, handled, now } = turn;
  const open = openItems(pager).toSorted((a, b) => worstFirst(a.facts, b.facts));
  const shown = open.slice((page - 1) * listPage, page * listPage);
  if (shown.length === 0 || handled.channel === 'call') {
    answerWith(turn, open.length === 0 ? nothingOpenText : `There are ${open.length} open.`);
    return;
  }
  const entries = shown.map((item) => {
    item.shown = true;
    return { number: numberOf(pager, item, now), facts: item.facts };
  });
  answerWith(turn, listText(entries, page, open.length, now, handled.channel));
}

/** Nothing more goes to this contact for what is open, and nothing by this channel until START. */
function stop(turn: Turn): void {
  const { pager, handled } = turn;
  // On SMS Twilio answers STOP itself and blocks what we would say.
  if (handled.channel !== 'sms') answerWith(turn, stoppedText);
  if (!pager.stopped.includes(handled.channel)) pager.stopped.push(handled.channel);
  // What waits, or is being tried, is taken back; what was sent may still be answered.
  for (const item of openItems(pager)) item.upTo = item.lastPage;
  pager.pendingNotices = pager.pendingNotices.filter(({ channel }) => channel !== handled.channel);
  answerFor(turn, 'stop', openItems(pager));
}

function start(turn: Turn, word: 'start' | 'yes'): void {
  const { pager, handled } = turn;
  const wasStopped = pager.stopped.includes(handled.channel);
  if (word === 'yes' && !wasStopped) {
    sendHelp(turn);
    return;
  }
  pager.stopped = pager.stopped.filter((channel) => channel !== handled.channel);
  // On SMS Twilio answers START itself.
  if (handled.channel !== 'sms') answerWith(turn, startedText);
}

/** An incident that does not exist any more cannot say so itself. */
export function receiveIncidentOver(pager: Pager, k: number, now: number, newAttempt: () => string): void {
  const item = pager.byKey.get(k);
  if (isOpen(item)) settle(item, 'resolved', null, now);
  for (const { replyId, waiting } of pager.replies) {
    if (!waiting.includes(k)) continue;
    receiveOutcome(pager, { answerId: `${replyId}#${k}`, result: 'closed', by: null }, now, newAttempt);
  }
}

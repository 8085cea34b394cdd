/**
 * What a reply does: which items it means, what their incidents are told, and what the person hears. Pure.
 */
import type { AnswerResult, OutcomeSignal, ReplySignal, Verb } from './contract.js';
import { itemOf, openItems, type HandledReply, type Mailbox, type PagedItem, type Sent } from './mailbox.js';
import { queueText } from './outbox.js';
import {
  askWhichText,
  confirmationText,
  helpText,
  notKnownText,
  nothingOpenText,
  spokenOutcome,
  startedText,
  stoppedText,
  unknownNumberText,
} from './texts.js';

/** A message that left less than this before the reply was hardly read: the reply means the one before. */
const readingTime = 10_000;
const helpsInARow = 5;

type Meant = { items: PagedItem[] } | { say: string } | { later: true };

/**
 * Takes a reply. One that names a message whose SID is not known yet is kept until it is (`sending` says whether it may be).
 * @param attempt gives the id of the message that answers the person
 */
export function receiveReply(box: Mailbox, reply: ReplySignal, now: number, sending: boolean, attempt: string): void {
  const known = [...box.replies, ...box.parked].some(({ replyId }) => replyId === reply.replyId);
  if (!known) handle(box, reply, now, sending, attempt);
}

/** Takes up again what waited for the SID of a message. */
export function receiveParked(box: Mailbox, now: number, sending: boolean, newAttempt: () => string): void {
  const parked = box.parked;
  box.parked = [];
  for (const reply of parked) handle(box, reply, now, sending, newAttempt());
}

function handle(box: Mailbox, reply: ReplySignal, now: number, sending: boolean, attempt: string): void {
  const handled: HandledReply = {
    replyId: reply.replyId,
    channel: reply.channel,
    attempt: reply.attempt ?? null,
    at: reply.at,
    waiting: [],
    outcomes: [],
    text: null,
  };
  const { command } = reply;
  if (command.verb !== 'unknown') box.helps = 0;
  switch (command.verb) {
    case 'acknowledge':
    case 'rerun':
    case 'resolve': {
      const meant = whatIsMeant(box, reply, sending);
      if ('later' in meant) {
        box.parked.push(reply);
        return;
      }
      box.replies.push(handled);
      if ('say' in meant) say(box, handled, meant.say, now, attempt);
      else answerFor(box, handled, command.verb, meant.items, now, attempt);
      return;
    }
    case 'stop':
      box.replies.push(handled);
      stop(box, handled, now, attempt);
      return;
    case 'start':
      box.replies.push(handled);
      start(box, handled, command.word, now, attempt);
      return;
    case 'help':
      box.replies.push(handled);
      // On SMS Twilio answers HELP itself.
      if (reply.channel !== 'sms') say(box, handled, helpText, now, attempt);
      return;
    case 'unknown':
      box.replies.push(handled);
      sayHelp(box, handled, now, attempt);
  }
}

function say(box: Mailbox, handled: HandledReply, text: string, now: number, attempt: string): void {
  handled.text = text;
  if (handled.channel !== 'call') queueText(box, handled.channel, text, now, attempt);
}

function sayHelp(box: Mailbox, handled: HandledReply, now: number, attempt: string): void {
  box.helps += 1;
  if (box.helps <= helpsInARow) say(box, handled, helpText, now, attempt);
}

function whatIsMeant(
  box: Mailbox,
  { command, channel, messageSid, attempt, at }: ReplySignal,
  sending: boolean,
): Meant {
  if (command.verb !== 'acknowledge' && command.verb !== 'resolve' && command.verb !== 'rerun') return { items: [] };
  if (command.all) return orNothing(openItems(box).filter((item) => wasShown(box, item)));
  if (command.number !== undefined) return byNumber(box, command.number);
  const named = namedMessage(box, messageSid, attempt);
  if (named === null) return sending ? { later: true } : { say: notKnownText };
  const message = named ?? newestUnsettled(box, channel, at);
  const items = message ? itemsIn(box, message) : [];
  const open = items.filter((item) => item.settled === null);
  if (command.verb !== 'acknowledge' && open.length > 1) {
    return {
      say: askWhichText(
        command.verb,
        open.map((item) => item.number),
      ),
    };
  }
  return orNothing(open.length > 0 ? open : items);
}

const orNothing = (items: PagedItem[]): Meant => (items.length > 0 ? { items } : { say: nothingOpenText });

function byNumber(box: Mailbox, number: number): Meant {
  const item = box.items.findLast((one) => one.number === number && wasShown(box, one));
  return item ? { items: [item] } : { say: unknownNumberText(number) };
}

/** The message that a button or swipe reply, or a key in a call, names: undefined when it names none, null when unknown. */
function namedMessage(box: Mailbox, sid: string | undefined, attempt: string | undefined): Sent | null | undefined {
  if (attempt !== undefined) return box.sent.find((sent) => sent.attempt === attempt) ?? null;
  if (sid !== undefined) return box.sent.find((sent) => sent.sid === sid) ?? null;
  return undefined;
}

function itemsIn(box: Mailbox, message: Sent): PagedItem[] {
  return message.pages.flatMap((page) => itemOf(box, page.incident, page.episode) ?? []);
}

const wasShown = (box: Mailbox, item: PagedItem): boolean =>
  box.sent.some((sent) => itemsIn(box, sent).some((one) => one === item));

function newestUnsettled(box: Mailbox, channel: ReplySignal['channel'], at: number): Sent | undefined {
  const unsettled = box.sent.filter(
    (sent) => sent.channel === channel && itemsIn(box, sent).some((item) => item.settled === null),
  );
  const newest = unsettled.at(-1);
  const older = unsettled.at(-2);
  return newest && older && newest.sentAt > at - readingTime ? older : newest;
}

/** Tells the incidents; what this pager knows to be settled is answered at once. */
function answerFor(
  box: Mailbox,
  handled: HandledReply,
  verb: Verb,
  items: PagedItem[],
  now: number,
  attempt: string,
): void {
  for (const item of items) {
    const name = item.facts.name;
    if (item.settled) {
      const { how, by } = item.settled;
      const same = how === 'acknowledged' && by === box.contact;
      // What is acknowledged can still be resolved, or run again.
      if (how !== 'acknowledged' || verb === 'acknowledge' || verb === 'stop') {
        const result: AnswerResult = how !== 'acknowledged' ? 'closed' : same ? 'taken' : 'already';
        handled.outcomes.push({ name, result, by });
        continue;
      }
    }
    const answerId = `${handled.replyId}#${item.incident}`;
    const { incident, episode } = item;
    handled.waiting.push({ answerId, incident, episode, name });
    const payload = { answerId, episode, verb, by: box.contact, contact: box.contact };
    box.tells.push({ incident, signal: 'answer', payload });
  }
  finish(box, handled, now, attempt);
}

/** After these the incident goes on, and somebody has it. */
const keeps = new Set<AnswerResult>(['taken', 'already', 'rerunning']);

/** An incident told what became of an answer. */
export function receiveOutcome(box: Mailbox, outcome: OutcomeSignal, now: number, attempt: string): void {
  const handled = box.replies.find(({ waiting }) => waiting.some(({ answerId }) => answerId === outcome.answerId));
  const answered = handled?.waiting.find(({ answerId }) => answerId === outcome.answerId);
  if (!handled || !answered) return;
  handled.waiting = handled.waiting.filter((one) => one !== answered);
  handled.outcomes.push({ name: answered.name, result: outcome.result, by: outcome.by });
  const item = itemOf(box, answered.incident, answered.episode);
  if (item && outcome.result !== 'stopped') {
    const how = keeps.has(outcome.result) ? 'acknowledged' : 'resolved';
    item.settled = { how, by: outcome.by, at: now };
  }
  finish(box, handled, now, attempt);
}

function finish(box: Mailbox, handled: HandledReply, now: number, attempt: string): void {
  if (handled.waiting.length > 0 || handled.text !== null) return;
  if (handled.channel === 'call') {
    handled.text = spokenOutcome(handled.outcomes);
    return;
  }
  const outcomes = handled.outcomes.filter(({ result }) => result !== 'stopped');
  // STOP is answered when it is taken, not when the incidents have heard of it.
  if (outcomes.length === 0) return;
  say(box, handled, confirmationText(outcomes, openItems(box).length), now, attempt);
}

/** Nothing more goes to this contact for what is open, and nothing by this channel until START. */
function stop(box: Mailbox, handled: HandledReply, now: number, attempt: string): void {
  // On SMS Twilio answers STOP itself and blocks what we would say.
  if (handled.channel !== 'sms') say(box, handled, stoppedText, now, attempt);
  const { channel } = handled;
  if (!box.stopped.includes(channel)) box.stopped.push(channel);
  for (const out of box.queue) {
    if (out.page === null) continue;
    const { incident, pageId } = out.page;
    box.tells.push({ incident, signal: 'failed', payload: { pageId, code: 'stopped' } });
  }
  box.queue = box.queue.filter((out) => out.kind === 'notice');
  const items = openItems(box);
  if (items.length > 0) answerFor(box, handled, 'stop', items, now, attempt);
}

function start(box: Mailbox, handled: HandledReply, word: 'start' | 'yes', now: number, attempt: string): void {
  const wasStopped = box.stopped.includes(handled.channel);
  if (word === 'yes' && !wasStopped) {
    sayHelp(box, handled, now, attempt);
    return;
  }
  box.stopped = box.stopped.filter((channel) => channel !== handled.channel);
  // On SMS Twilio answers START itself.
  if (handled.channel !== 'sms') say(box, handled, startedText, now, attempt);
}

/** An incident that does not exist any more cannot say so itself. */
export function receiveGone(box: Mailbox, incident: string, now: number, newAttempt: () => string): void {
  for (const item of box.items) {
    if (item.incident === incident && item.settled === null) item.settled = { how: 'resolved', by: null, at: now };
  }
  const answers = box.replies.flatMap(({ waiting }) => waiting.filter((one) => one.incident === incident));
  for (const { answerId } of answers) {
    receiveOutcome(box, { answerId, result: 'closed', by: null }, now, newAttempt());
  }
}

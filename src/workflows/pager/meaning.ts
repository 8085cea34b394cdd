/** Which items a reply means. */
import { channelTraits, isTextChannel } from '../channels.js';
import { minute, second, type Channel } from '../contract.js';
import { type Command, type ReplySignal } from '../pager-contract.js';
import { isCodeAwaited } from './code.js';
import { failedRank } from '../delivery-status.js';
import { isOpen, isOver, itemsOf, numberOf, openItems, unansweredIn } from './items.js';
import { worstFirst } from './page-texts.js';
import {
  askWhichText,
  closedText,
  nothingOpenText,
  notKnownText,
  snoozedText,
  unknownNumberText,
} from './reply-texts.js';
import type { Sent } from './message-state.js';
import type { PagedItem, Pager } from './state.js';

export type Meant = { items: PagedItem[] } | { text: string } | { defer: true };
export type ItemCommand = Extract<Command, { verb: 'acknowledge' | 'resolve' | 'rerun' | 'snooze' }>;
type OneItemVerb = Exclude<ItemCommand['verb'], 'acknowledge'>;

/** Nobody has read a message that left less than this before the reply was taken: the reply means the one before. */
const readingTimeMs = 10 * second;
/** A message older than this is not what somebody answers by chance while the next one arrives. */
const olderWithinMs = 30 * minute;

/**
 * What a command is for this contact now: YES with an unanswered page acknowledges it, SNOOZE 30 without an item 30 means minutes, and four
 * digits mean nothing while no code is awaited.
 */
export function commandOf(pager: Pager, reply: ReplySignal, now: number): Command {
  const { command, channel } = reply;
  if (command.verb === 'code' && !isCodeAwaited(pager, channel, now)) return { verb: 'unknown' };
  if (command.verb === 'start' && command.word === 'yes' && !pager.stopped.includes(channel)) {
    const named = namedMessage(pager, reply);
    const message = named === undefined ? newestUnsettled(pager, channel, now) : named;
    return message && unansweredIn(pager, message).length > 0 ? { verb: 'acknowledge' } : command;
  }
  if (command.verb === 'snooze' && command.minutesMs !== undefined && command.number !== undefined) {
    return itemByNumber(pager, command.number) ? command : { verb: 'snooze', durationMs: command.minutesMs };
  }
  return command;
}

/** The items that a reply means, or the text that answers it. */
export function whatIsMeant(pager: Pager, command: ItemCommand, reply: ReplySignal, now: number): Meant {
  if (command.verb === 'acknowledge' && command.all) return orNothing(openItems(pager).filter((item) => item.shown));
  const numbered = byNumbers(pager, command, reply.channel);
  if (numbered !== null) return numbered;
  const named = namedMessage(pager, reply);
  // In flight, or of unknown outcome: its SID may yet become known.
  if (named === null) return isTrying(pager, reply.channel) ? { defer: true } : { text: notKnownText };
  if (named !== undefined) {
    const items = openFirst(itemsOf(pager, named.pages));
    return command.verb === 'acknowledge' || channelTraits[reply.channel].isCall
      ? orNothing(items)
      : oneOf(pager, command.verb, ranked(items), now);
  }
  return command.verb === 'acknowledge'
    ? bareAcknowledgement(pager, reply.channel, now)
    : bareVerb(pager, command.verb, reply.channel, now);
}

const isTrying = (pager: Pager, channel: Channel): boolean =>
  pager.outbox.some((out) => out.channel === channel && out.tries > 0);

const orNothing = (items: PagedItem[]): Meant => (items.length > 0 ? { items } : { text: nothingOpenText });

const openFirst = (items: PagedItem[]): PagedItem[] => {
  const open = items.filter(isOpen);
  return open.length > 0 ? open : items;
};

/** What messages named by this number last. */
export const itemByNumber = (pager: Pager, number: number): PagedItem | undefined =>
  pager.items.findLast((one) => one.number === number && one.shown);

/** Null when the command names no number. One that was not given means that nothing is done, since others may be wrong, too. */
function byNumbers(pager: Pager, command: ItemCommand, channel: Channel): Meant | null {
  const several = 'numbers' in command ? command.numbers : undefined;
  const numbers = several ?? (command.number === undefined ? [] : [command.number]);
  if (numbers.length === 0) return null;
  const items: PagedItem[] = [];
  for (const number of numbers) {
    const item = itemByNumber(pager, number);
    if (!item) return { text: unknownNumberText(number) };
    items.push(item);
  }
  const carries = ({ pages }: Sent): boolean => items.every(({ key }) => pages.some(([one]) => one === key));
  const message =
    'inMessage' in command && command.inMessage
      ? pager.sent.findLast((sent) => sent.channel === channel && sent.pages.length > 1 && carries(sent))
      : undefined;
  return { items: message ? openFirst(itemsOf(pager, message.pages)) : items };
}

/** The message that a button, a swipe reply or a key in a call names: undefined when it names none, null when unknown. */
function namedMessage(pager: Pager, { messageSid, attempt }: ReplySignal): Sent | null | undefined {
  if (attempt !== undefined) return pager.sent.find((sent) => sent.attempt === attempt) ?? null;
  if (messageSid !== undefined) return pager.sent.find((sent) => sent.sid === messageSid) ?? null;
  return undefined;
}

/** Acknowledges what is unanswered; where nothing is, the newest message says who has it. */
function bareAcknowledgement(pager: Pager, channel: Channel, now: number): Meant {
  const message = newestUnsettled(pager, channel, now);
  const handed = handedSince(pager, channel, message?.at ?? 0);
  if (handed.length > 0) return { items: handed };
  if (message) return orNothing(itemsOf(pager, message.pages).filter(isOpen));
  const items = lastShown(pager, channel);
  const isSnoozed = ({ settled }: PagedItem): boolean => (settled?.until ?? 0) > now;
  const awake = items.filter((item) => !isSnoozed(item));
  if (awake.length > 0 || items.length === 0) return orNothing(awake);
  // To acknowledge it would end the snooze.
  const until = Math.min(...items.map(({ settled }) => settled?.until ?? now));
  return { text: snoozedText(namesOf(items), items.length, until, now) };
}

/** What the text about a hand-over named, if it is newer than the newest message. */
function handedSince(pager: Pager, channel: Channel, at: number): PagedItem[] {
  const text = isTextChannel(channel) ? pager.lastHandOver[channel] : undefined;
  return text && text.at > at ? text.keys.flatMap((key) => pager.byKey.get(key) ?? []).filter(isOpen) : [];
}

/** What the newest message of a channel carried that reached the phone. */
const lastShown = (pager: Pager, channel: Channel): PagedItem[] =>
  itemsOf(
    pager,
    pager.sent.findLast((sent) => sent.channel === channel && sent.pages.length > 0 && hasReached(sent))?.pages ?? [],
  );

/**
 * R, DONE or SNOOZE without a number never acts on anything else than what the person last spoke of. What was sent since then, and
 * what ended meanwhile, makes it doubtful: then the answer is the question which one.
 */
function bareVerb(pager: Pager, verb: OneItemVerb, channel: Channel, now: number): Meant {
  const { at } = pager.spoken;
  const spoken = pager.spoken.keys.flatMap((key) => pager.byKey.get(key) ?? []);
  if (spoken.length === 0) {
    const message = newestUnsettled(pager, channel, now);
    if (message) return oneOf(pager, verb, ranked(unansweredIn(pager, message)), now);
    const last = lastShown(pager, channel);
    const going = last.filter((item) => !isOver(item));
    return going.length > 0 ? ask(pager, verb, ranked(going), now) : orNothing(last);
  }
  const unsettled = pager.sent.filter((sent) => hasReached(sent) && unansweredIn(pager, sent).length > 0);
  const since = unsettled.filter((sent) => sent.at > at);
  const carried = (messages: readonly Sent[]): PagedItem[] =>
    [...new Set(messages.flatMap((sent) => unansweredIn(pager, sent)))].filter((item) => !spoken.includes(item));
  const going = spoken.filter((item) => !isOver(item));
  const others = carried(since);
  // Read or not: to ask is never wrong.
  if (going.length > 0) return oneOf(pager, verb, [...ranked(others), ...ranked(going)], now);
  const endedMeanwhile = spoken.some(({ settled }) => settled && since.some((sent) => sent.at <= settled.at));
  if (others.length > 0 && !endedMeanwhile) return oneOf(pager, verb, ranked(others), now);
  const doubtful = others.length > 0 ? others : carried(unsettled);
  return doubtful.length > 0 ? ask(pager, verb, ranked(doubtful), now, spoken) : { items: spoken };
}

const ranked = (items: readonly PagedItem[]): PagedItem[] => items.toSorted((a, b) => worstFirst(a.facts, b.facts));

const oneOf = (pager: Pager, verb: OneItemVerb, items: PagedItem[], now: number): Meant =>
  items.length > 1 ? ask(pager, verb, items, now) : orNothing(items);

/** @param over what it would have meant, were it not over */
function ask(pager: Pager, verb: OneItemVerb, items: readonly PagedItem[], now: number, over: PagedItem[] = []): Meant {
  const named = items.slice(0, 5);
  const choices = named.map((item) => ({ number: numberOf(pager, item, now), name: item.facts.name }));
  for (const item of named) item.shown = true;
  const question = askWhichText(verb, choices, items.length);
  const [last] = over;
  return {
    text: last?.settled ? `${closedText(last.facts.name, last.settled.how, last.settled.by)} ${question}` : question,
  };
}

const namesOf = (items: readonly PagedItem[]): string[] => items.slice(0, 3).map(({ facts }) => facts.name);

const hasReached = (sent: Sent): boolean => sent.sid !== null && sent.rank < failedRank;

/**
 * The message that an acknowledgement without a number means: the newest unanswered one that reached the phone; failing that, one
 * that may have, whatever Twilio reported. All times are of the pager's own clock.
 */
function newestUnsettled(pager: Pager, channel: Channel, now: number): Sent | undefined {
  const unsettled = pager.sent.filter((sent) => sent.channel === channel && unansweredIn(pager, sent).length > 0);
  const reached = unsettled.filter(hasReached);
  // In flight, of unknown outcome, or reported as not delivered.
  const possible = unsettled.filter(
    (sent) => sent.sid !== null || sent.status === 'sending' || sent.status === 'unknown' || isUncertain(pager, sent),
  );
  const messages = reached.length > 0 ? reached : possible;
  const newest = messages.at(-1);
  const older = messages.at(-2);
  const isUnread = newest !== undefined && newest.at > now - readingTimeMs;
  return isUnread && older && older.at > now - olderWithinMs ? older : newest;
}

const isUncertain = (pager: Pager, { attempt }: Sent): boolean =>
  pager.outbox.some((out) => out.attempt === attempt && out.uncertain);

/** Which items a reply means. */
import { channelTraits } from '../channels.js';
import { second, type Command, type ReplySignal } from '../contract.js';
import { failedRank } from './delivery-status.js';
import { isOpen, itemsOf, numberOf, openItems, unansweredIn } from './items.js';
import { worstFirst } from './page-texts.js';
import { askWhichText, nothingOpenText, notKnownText, unknownNumberText } from './reply-texts.js';
import type { PagedItem, Pager, Sent } from './state.js';

export type Meant = { items: PagedItem[] } | { text: string } | { defer: true };
export type ItemCommand = Extract<Command, { verb: 'acknowledge' | 'resolve' | 'rerun' | 'snooze' }>;

/** Nobody has read a message that left less than this before the reply: the reply means the one before. */
const readingTimeMs = 10 * second;
/** The items that a reply means, or the text that answers it. */
export function whatIsMeant(pager: Pager, command: ItemCommand, reply: ReplySignal): Meant {
  if (command.verb === 'acknowledge' && command.all) return orNothing(openItems(pager).filter((item) => item.shown));
  if (command.number !== undefined) return byNumber(pager, command.number);
  const named = namedMessage(pager, reply);
  // In flight, or of unknown outcome: its SID may yet become known.
  if (named === null) return pager.outbox.some((out) => out.tries > 0) ? { defer: true } : { text: notKnownText };
  const message = named ?? newestUnsettled(pager, reply);
  const items = message ? itemsOf(pager, message.pages) : [];
  const open = items.filter(isOpen);
  const meant = open.length > 0 ? open : items;
  if (command.verb !== 'acknowledge' && meant.length > 1 && !channelTraits[reply.channel].isCall) {
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

/** The message that a button, a swipe reply or a key in a call names: undefined when it names none, null when unknown. */
function namedMessage(pager: Pager, { messageSid, attempt }: ReplySignal): Sent | null | undefined {
  if (attempt !== undefined) return pager.sent.find((sent) => sent.attempt === attempt) ?? null;
  if (messageSid !== undefined) return pager.sent.find((sent) => sent.sid === messageSid) ?? null;
  return undefined;
}

/**
 * The message that a reply without a number means: the newest unanswered one that reached the phone; failing that, one that may
 * have, whatever Twilio reported.
 */
function newestUnsettled(pager: Pager, { channel, at }: ReplySignal): Sent | undefined {
  const unsettled = pager.sent.filter((sent) => sent.channel === channel && unansweredIn(pager, sent).length > 0);
  const reached = unsettled.filter((sent) => sent.sid !== null && sent.rank < failedRank);
  // In flight, of unknown outcome, or reported as not delivered.
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

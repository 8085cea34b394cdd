/** How long a page is held: behind an unanswered message, in a storm, and over the hourly limit. Limits of what carries no page, too. */
import { channelTraits } from '../channels.js';
import { hour, minute, type Channel } from '../contract.js';
import { failedRank } from '../delivery-status.js';
import { isUnknown, unansweredIn } from './items.js';
import type { HeldPage, HourlyCount, Outgoing, Sent } from './message-state.js';
import type { PagedItem, Pager } from './state.js';

/** One storm reaches a person in at most so many messages in this period, a step of the default escalation. */
const stormMessages = 3;
const stormPeriodMs = 5 * minute;
/** The part of the hourly limit that bundles and notices leave to first pages. */
const reserveOf = (limit: number): number => Math.min(5, Math.floor(limit / 4));

/**
 * Until when pages are held behind an unanswered message, and whether there is none. What only carries items that Tableau does not know
 * holds nothing but its like.
 */
export function windowOf(
  pager: Pager,
  channel: Channel,
  held: readonly HeldPage[],
  now: number,
): { end: number; first: boolean } {
  const holds = held.every(({ key }) => isUnknown(pager, key))
    ? () => true
    : ({ key }: PagedItem) => !isUnknown(pager, key);
  const unsettled = pager.sent.filter(
    (sent) => sent.channel === channel && sent.rank < failedRank && unansweredIn(pager, sent).some(holds),
  );
  const newest = unsettled.at(-1);
  const size = pager.settings[channelTraits[channel].window];
  if (!newest) return { end: now, first: true };
  // The next round of what it carried goes when the policy says, and takes along what is held.
  const again = new Set(newest.pages.map(([key]) => key));
  if (held.some(({ key }) => again.has(key))) return { end: now, first: false };
  const lately = unsettled.filter((sent) => sent.at > now - stormPeriodMs);
  // While a storm goes on, each bundle waits longer than the one before, and the last one for the end of the period.
  const grown = newest.at + size * 2 ** Math.max(0, lately.length - 1);
  const full = lately.length >= stormMessages ? (lately.at(-stormMessages)?.at ?? now) + stormPeriodMs : 0;
  return { end: Math.max(grown, full), first: newest.at + size <= now };
}

/** Whoever has the secret of the webhooks can make up items. */
const unknownItemsPerHour = 20;

/** What was counted in the last hour, the oldest first. */
const latest = (pager: Pager, counts: readonly HourlyCount[], now: number): number[] =>
  counts
    .flatMap((count) => pager.recentSends[count])
    .filter((at) => at > now - hour)
    .toSorted((a, b) => a - b);

const freeAt = (sends: readonly number[], most: number, now: number): number =>
  sends.length < most ? now : (sends[sends.length - most] ?? now) + hour;

const mostOf = (limit: number, urgent: boolean): number => (urgent ? limit : Math.max(1, limit - reserveOf(limit)));

/** When the hourly limit allows one more page; now, when it does already. No answer and no notice counts against it. */
export function pageFreeAt(pager: Pager, channel: Channel, now: number, first: boolean): number {
  const { hourlyLimit } = channelTraits[channel];
  return freeAt(latest(pager, [hourlyLimit], now), mostOf(pager.settings[hourlyLimit], first), now);
}

/** Why a page waits until `pageFreeAt`. WhatsApp and SMS share one limit. */
export function limitReason(pager: Pager, channel: Channel, first: boolean): string {
  const { hourlyLimit, isCall } = channelTraits[channel];
  const limit = pager.settings[hourlyLimit];
  const most = mostOf(limit, first);
  const what = `${limit} ${isCall ? 'call' : 'message'}${limit === 1 ? '' : 's'}${isCall ? '' : ' (WhatsApp and SMS together)'}`;
  return most < limit
    ? `${most} of the hourly limit of ${what} have left, and the others are kept for first pages`
    : `the hourly limit of ${what} is reached`;
}

/**
 * When one more notice may leave: pages and notices together stay below the limit. An urgent one, which says that pages wait for
 * the limit, only counts with other notices.
 */
export function noticeFreeAt(pager: Pager, channel: Channel, now: number, urgent: boolean): number {
  const { hourlyLimit } = channelTraits[channel];
  const sends = latest(pager, urgent ? ['notices'] : [hourlyLimit, 'notices'], now);
  return freeAt(sends, mostOf(pager.settings[hourlyLimit], urgent), now);
}

/** Whether a call that carries no page may be made: with all calls of the last hour, and those that wait, it leaves the reserve to first pages. */
export function hasRoomForCall(pager: Pager, channel: Channel, now: number): boolean {
  const made = pager.sent.filter((sent) => sent.channel === channel && sent.at > now - hour).length;
  const waiting = pager.outbox.filter((out) => out.channel === channel && out.tries === 0).length;
  return made + waiting < mostOf(pager.settings[channelTraits[channel].hourlyLimit], false);
}

/**
 * How many pages of items that Tableau does not know may leave, and when one may. They yield to all other pages within the limit of the
 * channel, and do not count against it.
 */
export function unknownItemsLeft(pager: Pager, channel: Channel, now: number): { count: number; freeAt: number } {
  const pages = latest(pager, ['unknownItems'], now);
  const { hourlyLimit } = channelTraits[channel];
  const messages = pager.sent
    .filter((sent) => channelTraits[sent.channel].hourlyLimit === hourlyLimit && sent.sid !== null)
    .flatMap((sent) => (sent.pages.length > 0 && sent.at > now - hour ? [sent.at] : []));
  return {
    count: Math.max(0, unknownItemsPerHour - pages.length),
    freeAt: Math.max(
      freeAt(pages, unknownItemsPerHour, now),
      freeAt(messages, mostOf(pager.settings[hourlyLimit], false), now),
    ),
  };
}

/**
 * How many more answers to replies may be queued, and when the last of them makes room for the next. The last few of the limit are left
 * to confirmations. Who replies is not certain: a sender can be forged.
 */
export function answersLeft(pager: Pager, confirms: boolean, now: number): { count: number; freeAt: number } {
  const sends = latest(pager, ['answers'], now);
  const most = mostOf(pager.settings.answersPerHour, confirms);
  return { count: Math.max(0, most - sends.length), freeAt: freeAt([...sends, now], most, now) };
}

/** Counts what Twilio accepted. An answer was counted when it was queued, so that a thousand replies queue only a few. */
export function countSend(pager: Pager, { channel, pages }: Sent, out: Outgoing | undefined, now: number): void {
  if (out?.isAnswer) return;
  const unknown = pages.filter(([key]) => isUnknown(pager, key)).length;
  addTo(pager, 'unknownItems', now, Math.min(unknown, unknownItemsPerHour));
  if (pages.length === 0) addTo(pager, 'notices', now);
  else if (unknown < pages.length) addTo(pager, channelTraits[channel].hourlyLimit, now);
}

export const countAnswer = (pager: Pager, now: number): void => addTo(pager, 'answers', now);

function addTo(pager: Pager, count: HourlyCount, now: number, times = 1): void {
  pager.recentSends[count] = [...latest(pager, [count], now), ...Array.from({ length: times }, () => now)];
}

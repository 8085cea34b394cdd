/** How long a page is held: behind an unanswered message, in a storm, and over the hourly limit. */
import { channelTraits } from '../channels.js';
import { hour, minute, type Channel } from '../contract.js';
import { failedRank } from './delivery-status.js';
import { unansweredIn } from './items.js';
import type { HeldPage, Pager } from './state.js';

/** One storm reaches a person in at most so many messages in this period, a step of the default escalation. */
const stormMessages = 3;
const stormPeriodMs = 5 * minute;
/** The part of the hourly limit that bundles and notices leave to first pages and to answers. */
const reserveOf = (limit: number): number => Math.min(5, Math.floor(limit / 4));

/** Until when pages are held behind an unanswered message, and whether there is none. */
export function windowOf(
  pager: Pager,
  channel: Channel,
  held: readonly HeldPage[],
  now: number,
): { end: number; first: boolean } {
  const unsettled = pager.sent.filter(
    (sent) => sent.channel === channel && sent.rank < failedRank && unansweredIn(pager, sent).length > 0,
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

/** When the hourly limit allows one more message; now, when it does already. */
export function limitFreeAt(pager: Pager, channel: Channel, now: number, urgent: boolean): number {
  const { hourlyLimit } = channelTraits[channel];
  const limit = pager.settings[hourlyLimit];
  const lately = pager.recentSends[hourlyLimit].filter((at) => at > now - hour);
  const most = urgent ? limit : Math.max(1, limit - reserveOf(limit));
  if (lately.length < most) return now;
  return (lately[lately.length - most] ?? now) + hour;
}

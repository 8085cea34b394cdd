/** Pages that wait for the end of quiet hours, and the count of what recovered before that. */
import { isTextChannel, type TextChannel } from '../channels.js';
import type { Channel } from '../contract.js';
import { openItems } from './items.js';
import { recoveredText } from './quiet-texts.js';
import type { HeldPage, Outgoing } from './message-state.js';
import type { PagedItem, Pager } from './state.js';

/** So many incidents are known, should they fail again. */
const keptIncidents = 300;

type InQuietHours = Pick<HeldPage, 'quietFrom' | 'quietUntil'>;

export const isQuiet = ({ quietFrom = 0, quietUntil = 0 }: InQuietHours, now: number): boolean =>
  quietFrom <= now && now < quietUntil;

/** What is kept of a signal: quiet hours that are not over. */
export const keptOf = ({ quietFrom, quietUntil = 0 }: InQuietHours, now: number): InQuietHours =>
  quietUntil > now ? { quietUntil, ...(quietFrom !== undefined && { quietFrom }) } : {};

/** What is open for the contact, without what waits for the end of quiet hours: that is not known to anybody yet. */
export function openNow(pager: Pager, now: number): PagedItem[] {
  const waiting = new Set(pager.held.filter((page) => isQuiet(page, now)).map(({ key }) => key));
  return openItems(pager).filter(({ key, shown }) => shown || !waiting.has(key));
}

/** When a page is not worth sending any more: where the window or a limit held it until quiet hours, it may be tried after them. */
export function lifeEnd({ until, receivedAt = until, quietFrom, quietUntil = 0 }: HeldPage, now: number): number {
  const wasCaught = quietFrom !== undefined && quietUntil <= now;
  return wasCaught ? Math.max(until, quietUntil + until - receivedAt) : until;
}

/** An item works again: where the contact knows nothing of it, since its page waits for the end of quiet hours, it is counted then. */
export function countRecovered(pager: Pager, item: PagedItem, now: number): void {
  const page = pager.held.find(({ key, n }) => key === item.key && n <= item.upTo);
  if (item.settled !== null || page?.quietUntil === undefined || !isQuiet(page, now)) return;
  const { channel, quietUntil: until } = page;
  const wasSent = pager.sent.some(({ pages }) => pages.some(([key]) => key === item.key));
  if (wasSent || !isTextChannel(channel)) return;
  const same = pager.recovered.find((one) => one.channel === channel && one.until === until);
  const one = same ?? { channel, until, count: 0, incidents: [] };
  if (!same) pager.recovered.push(one);
  one.count += 1;
  one.incidents = [...one.incidents, item.incident].slice(-keptIncidents);
}

/** An incident fails again. */
export function uncount(pager: Pager, incident: string): void {
  for (const one of pager.recovered) {
    if (!one.incidents.includes(incident)) continue;
    one.count -= 1;
    one.incidents = one.incidents.filter((other) => other !== incident);
  }
  pager.recovered = pager.recovered.filter(({ count }) => count > 0);
}

/** How many recovered in quiet hours that are over: from now on the message says it that is being made. */
export function takeRecovered(pager: Pager, channel: Channel, now: number): number {
  const over = pager.recovered.filter((one) => one.channel === channel && one.until <= now);
  pager.recovered = pager.recovered.filter((one) => !over.includes(one));
  return over.reduce((sum, { count }) => sum + count, 0);
}

/** A message is not sent that would have said it. One of unknown outcome may have said it. */
export function requeueRecovered(pager: Pager, { channel, recovered = 0, uncertain }: Outgoing, now: number): void {
  if (recovered > 0 && !uncertain && isTextChannel(channel))
    pager.recovered.push({ channel, until: now, count: recovered, incidents: [] });
}

/** When what recovered is said by a text of its own, since no page is held that would say it; null while there is none. */
export function recoveredDueAt(pager: Pager): number | null {
  const alone = pager.recovered.filter(({ channel }) => !pager.held.some((page) => page.channel === channel));
  return alone.length > 0 ? Math.min(...alone.map(({ until }) => until)) : null;
}

/** The texts that are due, one for each channel. */
export function recoveredTexts(pager: Pager, now: number): { channel: TextChannel; text: string }[] {
  const channels = new Set(pager.recovered.filter(({ until }) => until <= now).map(({ channel }) => channel));
  return [...channels].flatMap((channel) => {
    if (pager.held.some((page) => page.channel === channel)) return [];
    return [{ channel, text: recoveredText(takeRecovered(pager, channel, now), openNow(pager, now).length) }];
  });
}

/** Counts for the report of a rehearsal: messages and calls, wakings, cost and the time to answer. Pure. */
import { quantile } from '../../../report/spread.js';
import { channelTraits } from '../../../workflows/channels.js';
import { channels, type Channel, type Settings } from '../../../workflows/contract.js';
import type { Delivery, Taken } from './simulate.js';

/** The price of one message or call. */
export type Prices = Partial<Record<Channel, number>>;

export interface Counts {
  /** Messages and calls that carry pages. */
  sent: Record<Channel, number>;
  /** Those among them that come while the contact sleeps. */
  wakings: number;
  /** Null without prices. */
  cost: number | null;
  /** Null where nobody answered. */
  answers: { count: number; medianMs: number | null; p90Ms: number | null };
}

/** Messages as they really went: the pages of one message have its time. */
export function messagesOf(pages: readonly Delivery[]): Delivery[] {
  const messages = new Map(pages.map((page) => [keyOf(page), page]));
  return [...messages.values()];
}

/** A page, and when it leaves. */
interface Departure {
  page: Delivery;
  at: number;
}

/**
 * An estimate: the first page to a contact on a channel goes at once, and those that follow within the window of the file go as one message when it
 * ends. What waited for the end of quiet hours goes as one message, too.
 */
function departuresOf(pages: readonly Delivery[], settings: Settings): Departure[] {
  const last = new Map<string, { at: number; isBundle: boolean }>();
  return pages
    .toSorted((a, b) => a.at - b.at)
    .map((page) => {
      const to = `${page.contact} ${page.by}`;
      const before = last.get(to);
      const joins = before && (page.at < before.at || (before.isBundle && page.at === before.at));
      if (joins) return { page, at: before.at };
      const freeAt = before ? before.at + settings[channelTraits[page.by].window] : page.at;
      const at = Math.max(page.at, freeAt);
      last.set(to, { at, isBundle: at > page.at || page.wasQuiet === true });
      return { page, at };
    });
}

/** By the departures of pages like these. Of pages of the same time it is that of the last. */
export function leavingTimes(pages: readonly Delivery[], settings: Settings): (page: Delivery) => number {
  const times = new Map(departuresOf(pages, settings).map(({ page, at }) => [keyOf(page), at]));
  return (page) => times.get(keyOf(page)) ?? page.at;
}

/** An estimate of the messages that pages would make. */
export const bundled = (pages: readonly Delivery[], settings: Settings): Delivery[] =>
  messagesOf(departuresOf(pages, settings).map(({ page, at }) => ({ ...page, at })));

const keyOf = ({ contact, by, at }: Delivery): string => `${contact} ${by} ${at}`;

/** @param isWaking whether a message or call comes while its contact sleeps */
export function countsOf(
  messages: readonly Delivery[],
  taken: readonly Taken[],
  prices: Prices,
  isWaking: (message: Delivery) => boolean,
): Counts {
  const number = (channel: Channel): number => messages.filter(({ by }) => by === channel).length;
  const sent = { whatsapp: number('whatsapp'), sms: number('sms'), call: number('call') };
  const costs = channels.flatMap((channel) => {
    const price = prices[channel];
    return price === undefined ? [] : [price * sent[channel]];
  });
  const times = taken.map(({ afterMs }) => afterMs).toSorted((a, b) => a - b);
  return {
    sent,
    wakings: messages.filter(isWaking).length,
    cost: costs.length === 0 ? null : Math.round(costs.reduce((sum, cost) => sum + cost, 0) * 1e4) / 1e4,
    answers: { count: times.length, medianMs: quantile(times, 0.5), p90Ms: quantile(times, 0.9) },
  };
}

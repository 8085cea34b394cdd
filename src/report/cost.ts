/** What messages and calls cost by the prices of the escalation file. */
import type { RecordedMessage } from '../history/recorded-message.js';
import type { Prices } from '../policy/prices.js';

/** Twilio does not charge for a call that nobody picks up. */
const pickedUp = new Set(['in-progress', 'answered', 'completed']);

/**
 * Null where the file has no price for the channel. An SMS costs by its segments, a call where it was picked up: for one minute, since how long it took is
 * not known.
 */
export function costOf(
  { channel, sid, segments, statuses }: RecordedMessage,
  prices: Prices | undefined,
): number | null {
  const price = prices?.each[channel];
  if (price === undefined) return null;
  if (sid === null) return 0;
  if (channel === 'call') return statuses.some(({ status }) => pickedUp.has(status)) ? price : 0;
  return price * segments;
}

/** Null where none of them has a price. Rounded to a ten-thousandth. */
export function sumOf(costs: readonly (number | null)[], prices: Prices | undefined): number | null {
  if (prices === undefined || Object.keys(prices.each).length === 0) return null;
  return Math.round(costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0) * 1e4) / 1e4;
}

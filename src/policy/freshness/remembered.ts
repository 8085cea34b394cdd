/** What one look at a site remembers for the next. */
import type { FreshnessRow } from '../../workflows/freshness-contract.js';
import { remember, decodeHistory, encodeHistory } from './history.js';
import type { Episode } from './episodes.js';

export interface Memory {
  version: 1;
  /** When each promise was first seen, by its id: earlier deadlines do not count. */
  promises: Record<string, number>;
  /** Every promised item, by its luid. */
  items: Record<string, Remembered>;
  /** What was reported as late, oldest first. */
  episodes?: Episode[];
}

export interface Remembered extends FreshnessRow {
  /** When it was first seen as promised. */
  seenAt: number;
  /** The luid of the item because of which it is late; its own where there is none. */
  rootLuid?: string;
  /** Since when Tableau does not list it, or does not show its data; absent while it does. */
  goneAt?: number;
  /** It was late by a promise that has changed, has had no new data since, and breaks another that does not count yet. */
  wasLate?: true;
  /** It is late, and no look has reported it yet: there were too many. */
  isWaiting?: true;
  /** When it had new data, encoded, where a learned promise covers it. */
  history?: string;
  /** The id of the learned promise by which it is late. */
  lateBy?: string;
}

export const newMemory = (): Memory => ({ version: 1, promises: {}, items: {} });

const mostHistories = 8_000;
/** Temporal refuses what is larger than 2 MB: the rest is for the reasons of late items, and for episodes. */
const sizeChars = { most: 1_700_000, row: 65, history: 145 } as const;

/** Of how many items a history is kept, where a site has so many: so many fit, compressed, into the state of a workflow. */
export const historiesFor = (items: number): number =>
  Math.max(0, Math.min(mostHistories, Math.floor((sizeChars.most - items * sizeChars.row) / sizeChars.history)));

/** Keeps the histories of items: those that are kept already go before others. @param items that there are now, by luid */
export function createHistories(before: Memory, items: ReadonlyMap<string, unknown>) {
  let room = historiesFor(items.size);
  for (const luid of items.keys()) if (before.items[luid]?.history !== undefined) room -= 1;
  let leftOut = 0;

  return {
    /** Encoded; undefined where there is no room, or no data yet. @param data the time of the item's data */
    with(known: Remembered | undefined, data: number | undefined): string | undefined {
      if (room < 0 && known?.history !== undefined) {
        // There are more items than there were.
        room += 1;
        leftOut += 1;
        return undefined;
      }
      if (data === undefined || (known?.history !== undefined && data === known.lastDataAt)) return known?.history;
      if (known?.history === undefined) {
        if (room <= 0) return ((leftOut += 1), undefined);
        room -= 1;
      }
      return encodeHistory(remember(decodeHistory(known?.history ?? ''), data));
    },
    leftOut: () => leftOut,
  };
}
export type Histories = ReturnType<typeof createHistories>;

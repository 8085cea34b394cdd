/** Freshness promises of the escalation file: which items have new data by when. */
import type { Weekday } from '../local-time.js';

export interface FreshnessPromise {
  /** Made from what it says: a promise that is changed is another one. */
  id: string;
  items: ItemMatch;
  due: Due | LearnedDue;
  /** The name of the policy by which a late item is paged. */
  policy: string;
  /** Late items are reported, and nobody is paged. */
  shadow: boolean;
}

/** Patterns, all of which must fit (`glob.ts`); without any it is every item. */
export interface ItemMatch {
  item?: string;
  project?: string;
  tag?: string;
}

export type Due = DailyDue | AgeDue;

/** New data by a time of day. */
export interface DailyDue {
  kind: 'by';
  /** Minutes since midnight on the clock of `timezone`. */
  minutes: number;
  days: readonly Weekday[];
  timezone: string;
  /** Data counts as new that is at most this old at the deadline. */
  sinceMs: number;
  /** Days without a deadline. */
  holidays?: Holidays;
}

export interface Holidays {
  /** An https address, which may hold a secret, or the absolute path of a file. */
  address: string;
  /** Local dates, `2026-12-25`; empty until a first copy was read. */
  dates: readonly string[];
}

/** New data when an item usually has it, by its history (`learned.ts`): each item has deadlines of its own. */
export interface LearnedDue {
  kind: 'learned';
  /** An IANA name: the clock by which the times of day are learnt. */
  timezone: string;
  /** Nothing is learnt from these days, and nothing is due on them. */
  holidays?: Holidays;
}

/** Data that is never older than this. */
export interface AgeDue {
  kind: 'age';
  maxAgeMs: number;
}

/** Runs of flows are watched: Tableau is asked for them this often. */
export interface FlowWatch {
  everyMs: number;
}

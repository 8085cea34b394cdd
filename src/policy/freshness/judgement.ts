/** What a look is judged by, and what comes of it. */
import type { LateState } from '../../workflows/freshness-contract.js';
import type { RefreshableKind } from '../../workflows/contract.js';
import type { FreshnessPromise } from './promise.js';
import type { Memory, Remembered } from './remembered.js';

/** What is known of an item now. */
export interface ItemFacts {
  kind: RefreshableKind;
  luid: string;
  name: string;
  project?: string;
  tags: readonly string[];
  hasExtract: boolean;
  nextRunAt?: number;
  lastDataAt?: number;
  /** The luids of the published data sources that it is built on. */
  upstream: readonly string[];
}

/** A promised item that has no new data at its deadline. */
export interface LateItem {
  row: Remembered;
  promise: FreshnessPromise;
  deadline: number;
  /** Data from then on would be in time. */
  dataFrom: number;
  /** The luid of the data source because of which it is late; its own where there is none. */
  root: string;
  /** It was reported for this deadline, by a look that found out why. */
  known?: { state: LateState; why: string };
}

export interface Judgement {
  memory: Memory;
  late: LateItem[];
  /** When the next deadline is; null where there is none. */
  nextAt: number | null;
  /** Items that were late at the last look, or because of which others were, and are not any more, with the time of their data. */
  fresh: { luid: string; at: number }[];
  /** How many items have learned promises, and no history for lack of room. */
  withoutHistory: number;
}

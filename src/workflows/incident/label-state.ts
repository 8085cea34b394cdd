import type { Labelling } from '../contract.js';

/** What an incident remembers of the label of its data source in Tableau. */
export interface Label extends Labelling {
  /** For this nothing is left to be done: it is shown, or cannot be. Null: for no label. */
  settled: string | null;
  /** A label of ours may be in Tableau. */
  mayShow: boolean;
  labelId: string | null;
  /** What is being tried, the first time that it was, and the failed tries since; null while nothing is left to be done. */
  trying: { text: string | null; since: number; failures: number } | null;
  /** When to try again; null: at once. */
  retryAt: number | null;
  /** The episode in which somebody took our label away: none is set in it any more. */
  takenAwayIn: string | null;
  /** Since when Tableau has refused labels; null while it has not. */
  refusedAt: number | null;
  /** What the memo shows of it. */
  publishedRefusal: number | null;
}

export const newLabel = (labelling: Labelling): Label => ({
  ...labelling,
  settled: null,
  mayShow: false,
  labelId: null,
  trying: null,
  retryAt: null,
  takenAwayIn: null,
  refusedAt: null,
  publishedRefusal: null,
});

/** How long something took, of many. */

/** The nearest rank. @param sorted ascending */
export const quantile = (sorted: readonly number[], q: number): number | null =>
  sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;

export interface Spread {
  count: number;
  /** Null where there is none. */
  medianSeconds: number | null;
  p90Seconds: number | null;
}

const inSeconds = (ms: number | null): number | null => (ms === null ? null : Math.round(ms / 1_000));

export function spreadOf(timesMs: readonly number[]): Spread {
  const sorted = timesMs.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    medianSeconds: inSeconds(quantile(sorted, 0.5)),
    p90Seconds: inSeconds(quantile(sorted, 0.9)),
  };
}

/** What the times of a few dozen runs usually stay within, whatever a few of them did. Pure. */

/** All in the unit of the values. */
export interface Usual {
  median: number;
  /** Half of the values are at most this far from the median. */
  spread: number;
  /** The least and the greatest value, those apart that lie far off. */
  low: number;
  high: number;
  /** What a run that is in time exceeds about once in some hundred. */
  limit: number;
}

/** A value is far off beyond this many spreads, and beyond this many minutes. */
const farSpreads = 6;
const farMinutes = 60;
/** Looks and jobs have delays of their own. */
const graceMinutes = 20;
/** Divided by how many values there are. */
const fewMinutes = 160;

/** @param minutes at least one */
export function usualOf(minutes: readonly number[]): Usual {
  const sorted = minutes.toSorted((a, b) => a - b);
  const median = middleOf(sorted);
  const spread = middleOf(sorted.map((it) => Math.abs(it - median)).toSorted((a, b) => a - b));
  const far = Math.max(farSpreads * spread, farMinutes);
  const near = sorted.filter((it) => Math.abs(it - median) <= far);
  const [low, high] = [near[0] ?? median, near.at(-1) ?? median];
  // The less there is to go by, the more lies beyond the greatest value that was seen.
  const beyond = (high - median) * (0.8 + 3 / near.length);
  return { median, spread, low, high, limit: high + beyond + graceMinutes + fewMinutes / near.length };
}

function middleOf(sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** So many runs in a row show a new schedule, and so many are enough to learn it. */
const leastOfShift = 2;
const leastToLearn = 4;
const mostOfShift = 10;

/**
 * The values since the schedule moved, all of them where it did not. Null: it moved, and what it is now is not known yet.
 * @param minutes oldest first
 */
export function sinceShift(minutes: readonly number[]): readonly number[] | null {
  for (let count = Math.min(mostOfShift, minutes.length - leastToLearn); count >= leastOfShift; count -= 1) {
    const recent = minutes.slice(-count);
    const before = usualOf(minutes.slice(0, -count));
    const isLater = Math.min(...recent) > before.limit;
    const isEarlier = Math.max(...recent) < before.median - (before.limit - before.median);
    if (isLater || isEarlier) {
      if (count >= leastToLearn) return recent;
      // What runs earlier is in time by the old deadline as well.
      return isLater ? null : minutes;
    }
  }
  return minutes;
}

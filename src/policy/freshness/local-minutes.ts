/** Many times on the clock of one time zone, by few requests to the IANA data, which cost tens of microseconds each. Pure. */
import { localTimeAt } from '../local-time.js';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Offsets change twice within a month in Morocco, never twice within these. */
const stepMs = 12 * dayMs;

export type LocalMinutes = ReturnType<typeof createLocalMinutes>;
type OffsetAt = typeof offsetAt;

const mostOffsets = 10_000;

/** Remembers offsets, since those of the same times serve many histories. */
export function createLocalMinutes() {
  const known = new Map<string, number>();
  const knownOffset: OffsetAt = (at, timezone) => {
    const key = `${timezone} ${at}`;
    const offset = known.get(key) ?? offsetAt(at, timezone);
    if (known.size >= mostOffsets) known.clear();
    known.set(key, offset);
    return offset;
  };

  /**
   * What a clock in the zone shows, in minutes since midnight of 1970-01-01 on that clock: a day always has 1440 of them.
   * @param from the first time that is asked for, in milliseconds since the epoch
   * @param to the last one
   */
  return (from: number, to: number, timezone: string): ((at: number) => number) => {
    const offsets = offsetsBetween(from, Math.max(to, from + minuteMs), timezone, knownOffset);
    return (at) => {
      const since = offsets.findLast((it) => it.from <= at) ?? offsets[0];
      return Math.floor(at / minuteMs) + (since?.minutes ?? 0);
    };
  };
}

interface Offset {
  from: number;
  minutes: number;
}

/** In steps that begin at the same times for every history. */
function offsetsBetween(from: number, to: number, timezone: string, offset: OffsetAt): Offset[] {
  const first = Math.floor(from / stepMs) * stepMs;
  const offsets = [{ from: first, minutes: offset(first, timezone) }];
  for (let begin = first; begin < to; begin += stepMs) {
    const end = begin + stepMs;
    const before = offsets.at(-1)?.minutes ?? 0;
    const minutes = offset(end, timezone);
    if (minutes !== before) offsets.push({ from: changeBetween(begin, end, before, timezone, offset), minutes });
  }
  return offsets;
}

/** The first minute with another offset than at the beginning. */
function changeBetween(begin: number, end: number, before: number, timezone: string, offset: OffsetAt): number {
  let [same, other] = [begin, end];
  while (other - same > minuteMs) {
    const middle = same + Math.floor((other - same) / 2 / minuteMs) * minuteMs;
    if (offset(middle, timezone) === before) same = middle;
    else other = middle;
  }
  return other;
}

function offsetAt(at: number, timezone: string): number {
  const local = localTimeAt(at, timezone);
  const shown = Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute);
  return shown / minuteMs - Math.floor(at / minuteMs);
}

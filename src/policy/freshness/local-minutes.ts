/** Many times on the clock of one time zone, by few requests to the IANA data, which cost tens of microseconds each. Pure. */
import { localTimeAt } from '../local-time.js';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Offsets change twice within a month in Morocco, never twice within these. */
const stepMs = 12 * dayMs;

/**
 * What a clock in the zone shows, in minutes since midnight of 1970-01-01 on that clock: a day always has 1440 of them.
 * @param from the first time that is asked for, in milliseconds since the epoch
 * @param to the last one
 */
export function localMinutesBetween(from: number, to: number, timezone: string): (at: number) => number {
  const offsets = offsetsBetween(from, Math.max(to, from + minuteMs), timezone);
  return (at) => {
    const since = offsets.findLast((it) => it.from <= at) ?? offsets[0];
    return Math.floor(at / minuteMs) + (since?.minutes ?? 0);
  };
}

interface Offset {
  from: number;
  minutes: number;
}

function offsetsBetween(from: number, to: number, timezone: string): Offset[] {
  const offsets = [{ from, minutes: offsetAt(from, timezone) }];
  for (let begin = from; begin < to; begin += stepMs) {
    const end = Math.min(begin + stepMs, to);
    const before = offsets.at(-1)?.minutes ?? 0;
    const minutes = offsetAt(end, timezone);
    if (minutes !== before) offsets.push({ from: changeBetween(begin, end, before, timezone), minutes });
  }
  return offsets;
}

/** The first minute with another offset than at the beginning. */
function changeBetween(begin: number, end: number, before: number, timezone: string): number {
  let [same, other] = [begin, end];
  while (other - same > minuteMs) {
    const middle = same + Math.floor((other - same) / 2 / minuteMs) * minuteMs;
    if (offsetAt(middle, timezone) === before) same = middle;
    else other = middle;
  }
  return other;
}

function offsetAt(at: number, timezone: string): number {
  const local = localTimeAt(at, timezone);
  const shown = Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute);
  return shown / minuteMs - Math.floor(at / minuteMs);
}

/** The times that a report is about. Milliseconds since the epoch; the end does not belong to a period. */
import { lastTimeOfDay, nextTimeOfDay, weekdays, type Hours } from '../policy/local-time.js';

/** Of a person without quiet hours: 22:00 to 07:00, in minutes since midnight. */
export const night: Hours = { days: weekdays, from: 22 * 60, to: 7 * 60 };

export interface Period {
  from: number;
  to: number;
}

export interface Periods {
  period: Period;
  /** As long, and just before it. */
  before: Period;
  /** 22:00 to 07:00 on the clock of the reader: the last one that has begun, up to now. */
  lastNight: Period;
}

export function periodsAt(now: number, sinceMs: number, zone: string): Periods {
  const from = now - sinceMs;
  const begin = lastTimeOfDay(night.from, zone, now);
  return {
    period: { from, to: now },
    before: { from: from - sinceMs, to: from },
    lastNight: { from: begin, to: Math.min(now, nextTimeOfDay(night.to, zone, begin)) },
  };
}

/** All that has to be read for them. */
export const earliestOf = ({ before, lastNight }: Periods): number => Math.min(before.from, lastNight.from);

export const isIn = ({ from, to }: Period, at: number): boolean => from <= at && at < to;

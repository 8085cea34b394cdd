/** Holidays of promises from an iCalendar: dates on which no data is due. Pure. */
import { Temporal } from 'temporal-polyfill';
import { instantOf, localTimeAt } from '../local-time.js';
import type { Occurrence } from '../calendar.js';
import type { Escalation } from '../route.js';
import type { FreshnessPromise } from './promise.js';

/** The dates (`2026-12-25`) within a time that an event covers from midnight to midnight on the clock of the zone, in order. */
export function datesCovered(
  occurrences: readonly Occurrence[],
  timezone: string,
  range: { from: number; to: number },
): string[] {
  const spans = occurrences.map(({ from, to }) => ({
    first: midnightFrom(Math.max(from, range.from), timezone),
    end: localTimeAt(Math.min(to, range.to), timezone).toPlainDate(),
  }));
  const dates: string[] = [];
  let after: Temporal.PlainDate | null = null;
  // In order, each date is looked at once, however many events overlap.
  for (const { first, end } of spans.toSorted((one, other) => Temporal.PlainDate.compare(one.first, other.first))) {
    let date: Temporal.PlainDate = after && Temporal.PlainDate.compare(after, first) > 0 ? after : first;
    for (; Temporal.PlainDate.compare(date, end) < 0; date = date.add({ days: 1 })) dates.push(date.toString());
    after = date;
  }
  return dates;
}

/** The first date that begins at a time or later. */
function midnightFrom(at: number, timezone: string): Temporal.PlainDate {
  const date = localTimeAt(at, timezone).toPlainDate();
  return instantOf(date.toPlainDateTime(), timezone) < at ? date.add({ days: 1 }) : date;
}

/** A promise that names holidays: by a time of day, or learned. */
export interface HolidaysOf {
  /** Its position in the list of promises. */
  index: number;
  address: string;
  timezone: string;
}

/** Of each promise that names holidays. */
export const holidaysOf = ({ freshness = [] }: Pick<Escalation, 'freshness'>): HolidaysOf[] =>
  freshness.flatMap(({ due }, index) =>
    due.kind !== 'age' && due.holidays ? [{ index, address: due.holidays.address, timezone: due.timezone }] : [],
  );

/** An escalation whose promises have the dates of their holidays; none where `find` gives nothing. */
export function withHolidays(
  escalation: Escalation,
  find: (holidays: HolidaysOf) => readonly string[] | null,
): Escalation {
  const found = new Map(holidaysOf(escalation).map((each) => [each.index, find(each)]));
  if (!escalation.freshness || found.size === 0) return escalation;
  const freshness = escalation.freshness.map((promise, index): FreshnessPromise => {
    const { due } = promise;
    const dates = found.get(index);
    return dates && due.kind !== 'age' && due.holidays
      ? { ...promise, due: { ...due, holidays: { ...due.holidays, dates } } }
      : promise;
  });
  return { ...escalation, freshness };
}

/** Clock times in a time zone, by the IANA data of Node. */
import { Temporal } from 'temporal-polyfill';

/** A date and a time of day without a zone, as the escalation file writes it: `2026-11-23T09:00`. */
export type LocalTime = Temporal.PlainDateTime;

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** `Mon` or `mon`; undefined for anything else. */
export const weekdayOfName = (name: string): Weekday | undefined => weekdays.find((day) => day === name.toLowerCase());

/** The form of a local time in the file; seconds are allowed. */
export const localTimePattern = String.raw`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$`;
/** The form of the beginning of hours in the file. */
export const beginPattern = '^([01][0-9]|2[0-3]):[0-5][0-9]$';
/** The form of their end; 24:00 is the end of the day. */
export const endPattern = '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$';

const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
/** What `parseInstant` takes, as the end of a sentence. */
export const instantRule = 'a time with its offset, such as 2026-12-24T18:00:00Z';

/** Milliseconds since the epoch, or null for what is no time with its offset. */
export function parseInstant(text: string): number | null {
  const at = instantPattern.test(text) ? Date.parse(text) : NaN;
  return Number.isFinite(at) ? at : null;
}

/** Whether this is the IANA name of a zone, such as `Europe/Berlin`; an offset is none, since it ignores daylight saving. */
export function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    // By what computes with it, which refuses names that Intl takes, such as IST.
    localTimeAt(0, name);
    return true;
  } catch {
    return false;
  }
}

/** Null for a text of another form, or for a date that does not exist. */
export function parseLocalTime(text: string): LocalTime | null {
  if (!new RegExp(localTimePattern).test(text)) return null;
  try {
    return Temporal.PlainDateTime.from(text, { overflow: 'reject' });
  } catch {
    return null;
  }
}

/** The minutes of `08:30` since midnight, or null for a text of another form. */
export function parseTimeOfDay(text: string): number | null {
  if (!new RegExp(endPattern).test(text)) return null;
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * 60 + minutes;
}

/**
 * When a clock in the zone shows this time, in milliseconds since the epoch. A time that daylight saving skips is as long after midnight
 * as it would be otherwise, so after the gap; of a doubled one it is the first.
 */
export const instantOf = (local: LocalTime, timezone: string): number =>
  local.toZonedDateTime(timezone, { disambiguation: 'compatible' }).epochMilliseconds;

/** What a clock in the zone shows. */
export const localTimeAt = (at: number, timezone: string): LocalTime =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone).toPlainDateTime();

/** `Mon 2026-11-30 09:00`, as a clock in the zone shows it. */
export function clockText(at: number, timezone: string): string {
  const local = localTimeAt(at, timezone);
  const day = local.toLocaleString('en', { weekday: 'short' });
  return `${day} ${local.toString({ smallestUnit: 'minute' }).replace('T', ' ')}`;
}

/** The first time after `now` when a clock in the zone shows so many minutes since midnight. */
export function nextTimeOfDay(minutes: number, timezone: string, now: number): number {
  const today = localTimeAt(now, timezone).toPlainDate();
  const on = (date: Temporal.PlainDate): number => instantOf(date.toPlainDateTime().add({ minutes }), timezone);
  const at = on(today);
  return at > now ? at : on(today.add({ days: 1 }));
}

/** The last time up to `now` when a clock in the zone showed so many minutes since midnight. */
export function lastTimeOfDay(minutes: number, timezone: string, now: number): number {
  const today = localTimeAt(now, timezone).toPlainDate();
  const on = (date: Temporal.PlainDate): number => instantOf(date.toPlainDateTime().add({ minutes }), timezone);
  const at = on(today);
  return at <= now ? at : on(today.subtract({ days: 1 }));
}

const withoutDateMs = 6 * 24 * 3_600_000;

/** `Mon 09:00`, as a clock in the zone shows it; `Mon 30 Nov 09:00` where a weekday may mean another week than that of `now`. */
export const dayTimeText = (at: number, timezone: string, now: number): string =>
  shortClock(at, timezone, Math.abs(at - now) > withoutDateMs);

/** `Fri 18:00 to Sat 09:00`, as `dayTimeText`; either both ends have a date or none. */
export function spanText(from: number, to: number, timezone: string, now: number): string {
  const hasDate = to - now > withoutDateMs || now - from > withoutDateMs;
  return `${shortClock(from, timezone, hasDate)} to ${shortClock(to, timezone, hasDate)}`;
}

function shortClock(at: number, timezone: string, hasDate: boolean): string {
  const local = localTimeAt(at, timezone);
  const weekday = local.toLocaleString('en', { weekday: 'short' });
  const date = hasDate ? ` ${local.day} ${local.toLocaleString('en', { month: 'short' })}` : '';
  return `${weekday}${date} ${local.toPlainTime().toString({ smallestUnit: 'minute' })}`;
}

export const weekdayOf = (local: { dayOfWeek: number }): Weekday => weekdays[local.dayOfWeek - 1] ?? 'mon';

/** Hours of certain weekdays. */
export interface Hours {
  days: readonly Weekday[];
  /** Minutes since midnight. Where `to` is not after `from`, the hours end on the next day. */
  from: number;
  to: number;
}

/** The span of the hours that begin on a date: [begin, end) in milliseconds since the epoch; null on other weekdays. */
function spanOn(date: Temporal.PlainDate, hours: Hours, timezone: string): readonly [number, number] | null {
  if (!hours.days.includes(weekdayOf(date))) return null;
  const at = (minutes: number): number => instantOf(date.toPlainDateTime().add({ minutes }), timezone);
  return [at(hours.from), at(hours.to > hours.from ? hours.to : hours.to + 24 * 60)];
}

/** Whether a time is in the hours. */
export const isWithin = (hours: Hours, at: number, timezone: string): boolean =>
  endOfHours(hours, at, timezone) !== null;

/** When the hours end that a time is in; null where it is in none. */
export function endOfHours(hours: Hours, at: number, timezone: string): number | null {
  const today = localTimeAt(at, timezone).toPlainDate();
  const spans = [today.subtract({ days: 1 }), today].map((date) => spanOn(date, hours, timezone));
  return spans.find((span) => span !== null && span[0] <= at && at < span[1])?.[1] ?? null;
}

/** The hours of all dates that lie at least in part in [from, to), in their order. */
export function spansBetween(hours: Hours, from: number, to: number, timezone: string): (readonly [number, number])[] {
  const spans: (readonly [number, number])[] = [];
  const last = localTimeAt(to, timezone).toPlainDate();
  let date = localTimeAt(from, timezone).toPlainDate().subtract({ days: 1 });
  for (; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 })) {
    const span = spanOn(date, hours, timezone);
    if (span !== null && span[1] > from && span[0] < to) spans.push(span);
  }
  return spans;
}

/** The first beginning or end of the hours after a time, within the next eight days; null where there is none. */
export function nextEdge(hours: Hours, at: number, timezone: string): number | null {
  const today = localTimeAt(at, timezone).toPlainDate();
  for (let days = -1; days <= 8; days += 1) {
    const later = (spanOn(today.add({ days }), hours, timezone) ?? []).filter((edge) => edge > at);
    if (later.length > 0) return Math.min(...later);
  }
  return null;
}

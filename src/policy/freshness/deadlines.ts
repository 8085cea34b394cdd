/** When a promise is due, on the clock of its zone, and how people read it. Pure. */
import type { Temporal } from 'temporal-polyfill';
import { day, hour, minute, second } from '../../workflows/contract.js';
import { dayTimeText, instantOf, localTimeAt, weekdayOf, weekdays } from '../local-time.js';
import type { DailyDue, Due, FreshnessPromise, ItemMatch, LearnedDue } from './promise.js';

const mostDays = 400;

/** The last deadline at or before a time; null where there is none within 400 days. */
export function lastDeadline(due: DailyDue, at: number): number | null {
  const today = localTimeAt(at, due.timezone).toPlainDate();
  // A clock that is set back across midnight shows a date whose deadline of the next date has passed.
  for (let days = -1; days <= mostDays; days += 1) {
    const found = deadlineOn(today.subtract({ days }), due);
    if (found !== null && found <= at) return found;
  }
  return null;
}

/** The first deadline after a time; null where there is none within 400 days. */
export function nextDeadline(due: DailyDue, at: number): number | null {
  const today = localTimeAt(at, due.timezone).toPlainDate();
  // A clock that skips midnight moves a deadline of the date before to this one.
  for (let days = -1; days <= mostDays; days += 1) {
    const found = deadlineOn(today.add({ days }), due);
    if (found !== null && found > at) return found;
  }
  return null;
}

/** Null on a date without a deadline. */
function deadlineOn(date: Temporal.PlainDate, { minutes, days, timezone, holidays }: DailyDue): number | null {
  if (!days.includes(weekdayOf(date)) || holidays?.dates.includes(date.toString())) return null;
  const at = instantOf(date.toPlainDateTime().add({ minutes }), timezone);
  const isMoved = !localTimeAt(at, timezone).toPlainDate().equals(date);
  return isMoved && !exists(date, timezone) ? null : at;
}

/** False for a date that the zone skipped whole, such as 30 December 2011 in Samoa. */
const exists = (date: Temporal.PlainDate, timezone: string): boolean =>
  localTimeAt(instantOf(date.toPlainDateTime(), timezone), timezone).toPlainDate().equals(date);

/** "new data by 07:00 Mon-Fri Europe/Berlin", "data at most 26 h old", "new data when it usually comes (learned)". */
export function promiseText({ due }: Pick<FreshnessPromise, 'due'>): string {
  if (due.kind === 'learned') return 'new data when it usually comes (learned)';
  if (due.kind === 'age') return `data at most ${lengthText(due.maxAgeMs)} old`;
  const days = weekdays.every((weekday) => due.days.includes(weekday)) ? [] : [daysText(due.days)];
  return ['new data by', timeText(due.minutes), ...days, due.timezone].join(' ');
}

/** "project Finance/**, tag gold", "every item". */
export function itemsText({ item, project, tag }: ItemMatch): string {
  const parts = Object.entries({ item, project, tag }).flatMap(([key, pattern]) =>
    pattern === undefined ? [] : [`${key} ${pattern}`],
  );
  return parts.join(', ') || 'every item';
}

/** Of what was learnt of an item: "new data by about 05:40 (learned)", "data at most about 2 h old (learned)". */
export const learnedText = (due: Due): string =>
  due.kind === 'by'
    ? `new data by about ${timeText(due.minutes)} (learned)`
    : `data at most about ${lengthText(due.maxAgeMs)} old (learned)`;

const timeText = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');

/** `Mon-Fri` where three or more follow one another, else `Mon,Wed`. */
function daysText(days: DailyDue['days']): string {
  const names = weekdays
    .filter((weekday) => days.includes(weekday))
    .map((weekday) => `${weekday.charAt(0).toUpperCase()}${weekday.slice(1)}`);
  const indices = weekdays.flatMap((weekday, index) => (days.includes(weekday) ? [index] : []));
  const isRow = indices.length > 2 && indices.every((index, at) => index === (indices[0] ?? 0) + at);
  return isRow ? [names[0], names.at(-1)].join('-') : names.join(',');
}

/** To the second: a promise is not rounded. */
function lengthText(ms: number): string {
  if (ms >= 2 * day && ms % day === 0) return `${ms / day} days`;
  const parts = [
    [Math.floor(ms / hour), 'h'],
    [Math.floor((ms % hour) / minute), 'min'],
    [Math.floor((ms % minute) / second), 's'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** "Mon 07:00" on the clock of the promise, with the date where it is another week than that of `now`; in UTC where the promise has no zone. */
export const deadlineText = (deadline: number, due: Due | LearnedDue, now: number): string =>
  due.kind !== 'age' ? dayTimeText(deadline, due.timezone, now) : `${dayTimeText(deadline, 'UTC', now)} UTC`;

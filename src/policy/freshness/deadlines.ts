/** When a promise is due, on the clock of its zone. Pure. */
import type { Temporal } from 'temporal-polyfill';
import { duration } from '../../workflows/words.js';
import { dayTimeText, instantOf, localTimeAt, weekdayOf, weekdays } from '../local-time.js';
import type { DailyDue, Due, FreshnessPromise } from './promise.js';

const mostDays = 400;

type Day = Temporal.PlainDate;

/** Null on days without a deadline. */
function deadlineOn(date: Day, { minutes, days, timezone, holidays }: DailyDue): number | null {
  if (!days.includes(weekdayOf(date)) || holidays?.dates.includes(date.toString())) return null;
  return instantOf(date.toPlainDateTime().add({ minutes }), timezone);
}

/** The last deadline at or before a time; null where there is none within 400 days. */
export function lastDeadline(due: DailyDue, at: number): number | null {
  const today = localTimeAt(at, due.timezone).toPlainDate();
  for (let days = 0; days <= mostDays; days += 1) {
    const found = deadlineOn(today.subtract({ days }), due);
    if (found !== null && found <= at) return found;
  }
  return null;
}

/** The first deadline after a time; null where there is none within 400 days. */
export function nextDeadline(due: DailyDue, at: number): number | null {
  const today = localTimeAt(at, due.timezone).toPlainDate();
  for (let days = 0; days <= mostDays; days += 1) {
    const found = deadlineOn(today.add({ days }), due);
    if (found !== null && found > at) return found;
  }
  return null;
}

/** "new data by 07:00 Mon-Fri Europe/Berlin", "data at most 26 h old". */
export function promiseText({ due }: Pick<FreshnessPromise, 'due'>): string {
  if (due.kind === 'age') return `data at most ${duration(due.maxAgeMs)} old`;
  const days = due.days.length === weekdays.length ? '' : ` ${daysText(due)}`;
  return `new data by ${timeText(due.minutes)}${days} ${due.timezone}`;
}

const timeText = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');

const capital = (day: string): string => day.charAt(0).toUpperCase() + day.slice(1);

/** `Mon-Fri` where they follow one another, else `Mon,Wed`. */
function daysText({ days }: DailyDue): string {
  const inOrder = weekdays.filter((day) => days.includes(day));
  const [first, last] = [inOrder[0], inOrder.at(-1)];
  if (first === undefined || last === undefined) return '';
  const isRow = inOrder.length > 2 && weekdays.indexOf(last) - weekdays.indexOf(first) === inOrder.length - 1;
  return isRow ? `${capital(first)}-${capital(last)}` : inOrder.map(capital).join(',');
}

/** "Mon 07:00", with the date where it is another week. */
export const deadlineText = (deadline: number, due: Due, now: number): string =>
  due.kind === 'by' ? dayTimeText(deadline, due.timezone, now) : `${dayTimeText(deadline, 'UTC', now)} UTC`;

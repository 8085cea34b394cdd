/** Judges items for 60 days by the dues that a rule gives, learnt anew each day, and counts what it found. */
import { remember, type History } from '../../../src/policy/freshness/history.js';
import { learnedDue } from '../../../src/policy/freshness/learned.js';
import type { DailyDue, Due } from '../../../src/policy/freshness/promise.js';
import { weekdayOfDay } from '../../../src/policy/freshness/slots.js';
import { weekdays } from '../../../src/policy/local-time.js';
import { clockTime, dayMs, holidays, hourMs, judgedDays, midnight, minuteMs, type Item } from './items.js';

/** What is due from a time on, by what was seen until then. */
export type Rule = (item: Item) => (now: number) => Due[];

const given = { address: '/holidays.ics', dates: holidays };

export const learned: Rule = (item) => {
  let history: History | null = null;
  const seen = seenByLooks(item.arrivals);
  let next = 0;
  return (now) => {
    for (let at = seen[next]; at !== undefined && at <= now; at = seen[next]) {
      history = remember(history, at);
      next += 1;
    }
    return history === null ? [] : (learnedDue(history, { timezone: item.timezone, holidays: given }) ?? []);
  };
};

/** Looks are hourly, and each sees the last data only. */
export const seenByLooks = (arrivals: readonly number[]): number[] =>
  arrivals.filter((at, index) => Math.ceil(at / hourMs) !== Math.ceil((arrivals[index + 1] ?? Infinity) / hourMs));

export const olderThan26Hours: Rule = () => () => [{ kind: 'age', maxAgeMs: 26 * hourMs }];

/** By the mean of the time of day of a day's first data and three standard deviations, on weekdays that have data most weeks. */
export const meanAndThreeSigma: Rule = (item) => (now) => {
  const offset = midnight(Math.floor(now / dayMs), item.timezone) - Math.floor(now / dayMs) * dayMs;
  const firsts = new Map<number, number>();
  for (const at of between(item.arrivals, now - 35 * dayMs, now)) {
    const day = Math.floor((at - offset) / dayMs);
    if (!firsts.has(day)) firsts.set(day, (at - offset - day * dayMs) / minuteMs);
  }
  const weeks = Math.min(35, (now - item.begin) / dayMs) / 7;
  const days = weekdays.filter(
    (_, weekday) => [...firsts.keys()].filter((day) => weekdayOfDay(day) === weekday).length >= 0.6 * weeks,
  );
  const times = [...firsts.values()];
  const mean = times.reduce((sum, it) => sum + it, 0) / times.length;
  const sigma = Math.sqrt(times.reduce((sum, it) => sum + (it - mean) ** 2, 0) / times.length);
  const minutes = Math.min(24 * 60 - 1, Math.ceil(mean + 3 * sigma));
  if (days.length === 0) return [];
  return [{ kind: 'by', minutes, days, timezone: item.timezone, sinceMs: minutes * minuteMs, holidays: given }];
};

/** The times at which an item is found to be late, once for each time without new data. */
export function pagesOf(item: Item, rule: Rule): number[] {
  const duesAt = rule(item);
  const firstDay = Math.round(item.end / dayMs) - judgedDays;
  const pages: number[] = [];
  let pagedFor: number | null = null;
  for (let day = firstDay; day < firstDay + judgedDays; day += 1) {
    const [from, to] = [midnight(day, item.timezone), midnight(day + 1, item.timezone)];
    const late = duesAt(from)
      .flatMap((due) => (due.kind === 'by' ? lateBy(item, due, day) : lateByAge(item, due.maxAgeMs, from, to)))
      .toSorted((one, other) => one.at - other.at);
    for (const { at, last } of late) {
      if (last !== pagedFor) pages.push(at);
      pagedFor = last;
    }
  }
  return pages;
}

interface LateAt {
  at: number;
  last: number;
}

function lateBy({ arrivals }: Item, due: DailyDue, day: number): LateAt[] {
  const isHoliday = due.holidays?.dates.includes(new Date(day * dayMs).toISOString().slice(0, 10)) === true;
  if (isHoliday || !due.days.includes(weekdays[weekdayOfDay(day)] ?? 'mon')) return [];
  const at = clockTime(day, due.minutes, due.timezone);
  const last = arrivals[countUntil(arrivals, at) - 1] ?? 0;
  return at - last > due.sinceMs ? [{ at, last }] : [];
}

function lateByAge({ arrivals }: Item, maxAgeMs: number, from: number, to: number): LateAt[] {
  const before = arrivals[countUntil(arrivals, from) - 1] ?? 0;
  const during = between(arrivals, from, to);
  return [before, ...during].flatMap((last, index) => {
    const at = Math.max(from, last + maxAgeMs);
    return at < (during[index] ?? to) ? [{ at, last }] : [];
  });
}

export interface Score {
  pages: number;
  truePages: number;
  troubles: number;
  found: number;
  /** Of every trouble, before a person would have noticed it; minus infinity for one that was not found. */
  leadsMs: number[];
}

export function scoreOf(items: readonly Item[], rule: Rule): Score {
  const score: Score = { pages: 0, truePages: 0, troubles: 0, found: 0, leadsMs: [] };
  for (const item of items) {
    const judgedFrom = item.end - judgedDays * dayMs;
    const troubles = item.troubles.filter(({ expectedAt }) => expectedAt > judgedFrom && expectedAt < item.end - dayMs);
    const pages = pagesOf(item, rule);
    score.pages += pages.length;
    score.truePages += pages.filter((page) =>
      item.troubles.some(({ expectedAt, overAt }) => expectedAt <= page && page < overAt),
    ).length;
    score.troubles += troubles.length;
    for (const { expectedAt, overAt } of troubles) {
      const page = pages.find((at) => at < overAt && between(item.arrivals, at, expectedAt).length === 0);
      if (page !== undefined) {
        score.found += 1;
        score.leadsMs.push(noticedAt(expectedAt, item.timezone) - Math.max(page, expectedAt));
      } else score.leadsMs.push(-Infinity);
    }
  }
  return score;
}

/** How many of the times, oldest first, are at or before a time. */
function countUntil(times: readonly number[], at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const between = (times: readonly number[], after: number, until: number): number[] =>
  times.slice(countUntil(times, after), countUntil(times, until));

/** People notice on a workday between 9 and 18, and four hours after the time at the earliest. */
function noticedAt(expectedAt: number, timezone: string): number {
  const earliest = expectedAt + 4 * hourMs;
  for (let day = Math.floor(earliest / dayMs) - 1; ; day += 1) {
    const [from, to] = [clockTime(day, 9 * 60, timezone), clockTime(day, 18 * 60, timezone)];
    if (weekdayOfDay(day) < 5 && earliest < to) return Math.max(from, earliest);
  }
}

export const precisionOf = ({ pages, truePages }: Score): number => (pages === 0 ? 1 : truePages / pages);
export const recallOf = ({ troubles, found }: Score): number => (troubles === 0 ? 1 : found / troubles);
export function medianLeadHours({ leadsMs }: Score): number {
  return (leadsMs.toSorted((a, b) => a - b)[Math.floor(leadsMs.length / 2)] ?? 0) / hourMs;
}

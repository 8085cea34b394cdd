/** Whether one item keeps one promise. Pure. */
import { lastDeadline, learnedText, nextDeadline, promiseText } from './deadlines.js';
import { daysLearnt, leastHistoryDays } from './learned.js';
import type { Learning } from './learning.js';
import type { DailyDue, Due, FreshnessPromise, LearnedDue } from './promise.js';
import type { Remembered } from './remembered.js';

/** A promise whose times are learnt of each item. */
export interface LearnedPromise extends FreshnessPromise {
  due: LearnedDue;
}
export interface DeclaredPromise extends FreshnessPromise {
  due: Due;
}
export const isLearned = (promise: FreshnessPromise): promise is LearnedPromise => promise.due.kind === 'learned';
export const isDeclared = (promise: FreshnessPromise): promise is DeclaredPromise => promise.due.kind !== 'learned';

export interface Verdict {
  promise: FreshnessPromise;
  /** For the row of the item: "new data by 07:00 Europe/Berlin". */
  text: string;
  /** The deadline that has passed, and the earliest time of data that counts for it. */
  passed: { deadline: number; dataFrom: number } | null;
  nextAt: number | null;
  isLate: boolean;
}

/** What an item has. */
export interface Seen {
  /** The time of its data; undefined where it is not known. */
  data: number | undefined;
  /** Deadlines up to then do not count. */
  since: number;
  /** Of the last look. */
  known: Remembered | undefined;
}

/** Finds the deadlines around now; those of many items that are due at the same time once. */
export function createDates(now: number) {
  const found = new Map<string, { last: number | null; next: number | null }>();

  function around(promise: string, due: DailyDue) {
    const key = `${promise} ${due.minutes} ${due.days.join()}`;
    const known = found.get(key);
    if (known) return known;
    const dates = { last: lastDeadline(due, now), next: nextDeadline(due, now) };
    found.set(key, dates);
    return dates;
  }

  /** @param promise the id of the promise that `due` is of */
  return (promise: string, due: Due, { data, since }: Seen): Pick<Verdict, 'passed' | 'nextAt'> => {
    if (due.kind === 'by') {
      const { last, next } = around(promise, due);
      const hasPassed = last !== null && last > since;
      return { passed: hasPassed ? { deadline: last, dataFrom: last - due.sinceMs } : null, nextAt: next };
    }
    // Data that was too old when the promise was made gets its time once more.
    const from = data === undefined || data + due.maxAgeMs <= since ? since : data;
    const deadline = from + due.maxAgeMs;
    if (deadline > now) return { passed: null, nextAt: deadline };
    return { passed: { deadline, dataFrom: Math.max((data ?? 0) + 1, now - due.maxAgeMs) }, nextAt: null };
  };
}
export type Dates = ReturnType<typeof createDates>;

export const isOlder = (data: number | undefined, from: number): boolean => data === undefined || data < from;

export const declaredVerdict = (promise: DeclaredPromise, dates: Dates, seen: Seen): Verdict =>
  verdictOf({ promise, due: promise.due, text: promiseText(promise) }, dates, seen);

interface Judged {
  promise: FreshnessPromise;
  due: Due;
  text: string;
}

function verdictOf({ promise, due, text }: Judged, dates: Dates, seen: Seen): Verdict {
  const { passed, nextAt } = dates(promise.id, due, seen);
  return { promise, text, passed, nextAt, isLate: passed !== null && isOlder(seen.data, passed.dataFrom) };
}

/**
 * By what was learnt of the item: the first of its deadlines that it missed, else the next one. What is late stays late by the same deadline until
 * there is new data, whatever is due since: an item that stops is one trouble, however often it was refreshed before.
 * @param history encoded; undefined where none is kept
 */
export function learnedVerdict(
  promise: LearnedPromise,
  dates: Dates,
  seen: Seen & { history: string | undefined },
  learning: Learning,
): Verdict {
  const { known, data, history } = seen;
  const dues = history === undefined ? null : learning.duesOf(history, promise);
  const verdicts = (dues ?? [])
    .map((due) => verdictOf({ promise, due, text: learnedText(due) }, dates, seen))
    .toSorted((one, other) => (one.nextAt ?? Infinity) - (other.nextAt ?? Infinity));
  const [next] = verdicts;
  const nextAt = next?.nextAt ?? null;
  if (known?.lateBy === promise.id && known.deadline !== undefined && data === known.lastDataAt) {
    const passed = { deadline: known.deadline, dataFrom: (data ?? 0) + 1 };
    return { promise, text: known.promise, passed, nextAt, isLate: true };
  }
  const [missed] = verdicts
    .filter(({ isLate }) => isLate)
    .toSorted((one, other) => (one.passed?.deadline ?? 0) - (other.passed?.deadline ?? 0));
  const shown = missed ?? next;
  return shown
    ? { ...shown, nextAt }
    : { promise, text: learningText(history), passed: null, nextAt: null, isLate: false };
}

/** Of an item that has no deadline yet. */
function learningText(history: string | undefined): string {
  if (history === undefined) return 'not learned: no history is kept of it';
  const days = daysLearnt(history);
  return days < leastHistoryDays
    ? `learning: ${days} of ${leastHistoryDays} days`
    : 'learned: it has new data at no regular time';
}

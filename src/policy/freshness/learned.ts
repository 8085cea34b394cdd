/**
 * By when an item usually has new data, from when it had (docs/decisions, 38): deadlines of weekdays, or an age for what has new data at all hours. Pure.
 */
import { weekdays, type Weekday } from '../local-time.js';
import { decodeHistory, type History } from './history.js';
import { createLocalMinutes, type LocalMinutes } from './local-minutes.js';
import type { DailyDue, Due, Holidays } from './promise.js';
import { dayMinutes, slotsOf, type Run, type Slot, type Span } from './slots.js';
import type { Usual } from './usual.js';
import { deadlinesAfter, frequencyOf } from './working-hours.js';

export interface LearnedOptions {
  /** An IANA name. */
  timezone: string;
  /** Nothing is learnt from these days, and nothing is due on them. */
  holidays?: Holidays;
}

const minuteMs = 60_000;
const dayMs = dayMinutes * minuteMs;
/** So long a history shows three of each weekday. */
export const leastHistoryDays = 21;

/**
 * What is due together; null where there is too little to go by: fewer than 21 days, too few runs, or too irregular ones. It changes only when
 * new data is seen, so that an item that is late stays so.
 * @param localMinutes shared by many histories, it is faster
 */
export function learnedDue(
  history: History,
  options: LearnedOptions,
  localMinutes: LocalMinutes = createLocalMinutes(),
): Due[] | null {
  if (daysOf(history) < leastHistoryDays) return null;
  const { runs, span } = onLocalClock(history, options, localMinutes);
  const dues = isFrequent(history) ? ofFrequent(runs, span, options) : toDues(slotsOf(runs, span), options);
  return dues.length === 0 ? null : dues;
}

const daysOf = ({ from, last }: History): number => (last - from) / dayMs;

/** The whole days that an encoded history spans, at most 35. */
export function daysLearnt(text: string): number {
  const history = decodeHistory(text);
  return history === null ? 0 : Math.floor(daysOf(history));
}

function onLocalClock(
  { from, last, seen }: History,
  { timezone, holidays }: LearnedOptions,
  localMinutesBetween: LocalMinutes,
): { runs: Run[]; span: Span } {
  const localMinutes = localMinutesBetween(from, last, timezone);
  const runs = seen
    .filter(({ gapMs }) => gapMs > 0)
    .map(({ at, gapMs }) => ({ at: localMinutes(at), gap: gapMs / minuteMs }));
  const days = (holidays?.dates ?? []).map((date) => Date.parse(`${date}T00:00:00Z`) / dayMs);
  return { runs, span: { from: localMinutes(from), to: localMinutes(last), holidays: new Set(days) } };
}

/** Whether runs are often missing from the history, since a day had more than it keeps. */
function isFrequent({ seen }: History): boolean {
  const thinned = seen.filter(({ at, gapMs }, index) => index > 0 && at - gapMs !== seen[index - 1]?.at);
  return thinned.length > 0.3 * seen.length;
}

/** Looks are an hour apart, and each sees the last data only. */
const leastAgeMinutes = 90;

function ofFrequent(runs: readonly Run[], span: Span, options: LearnedOptions): Due[] {
  const { between, pauses } = frequencyOf(runs);
  if (between === null) return [];
  const age = ageOf(between);
  if (age > dayMinutes) return [];
  if (pauses.length === 0) return [{ kind: 'age', maxAgeMs: age * minuteMs }];
  const begins = slotsOf(pauses, span).map((slot) => {
    const minutes = Math.max(slot.minutes, Math.ceil((slot.low + between.high) / 5) * 5);
    return { ...slot, minutes, since: slot.since + minutes - slot.minutes };
  });
  return toDues(
    begins.flatMap((begin) => [begin, ...deadlinesAfter(begin, pauses, age, between.high)]),
    options,
  );
}

/** What comes about every two hours, or more often, may miss one run. */
const mayMissMinutes = 150;

function ageOf({ median, limit }: Usual): number {
  const missed = median <= mayMissMinutes ? 2 * median + 20 : 0;
  return Math.ceil(Math.max(leastAgeMinutes, limit, missed) / 5) * 5;
}

/** Slots of the same time of day and age are one. */
function toDues(slots: readonly Slot[], { timezone, holidays }: LearnedOptions): DailyDue[] {
  const byTime = new Map<string, { minutes: number; since: number; days: Set<Weekday> }>();
  for (const slot of slots) {
    const minutes = slot.minutes % dayMinutes;
    const later = Math.floor(slot.minutes / dayMinutes);
    const key = `${minutes} ${slot.since}`;
    const due = byTime.get(key) ?? { minutes, since: slot.since, days: new Set() };
    for (const weekday of slot.weekdays) due.days.add(weekdays[(weekday + later) % 7] ?? 'mon');
    byTime.set(key, due);
  }
  return [...byTime.values()].map(({ minutes, since, days }) => ({
    kind: 'by',
    minutes,
    days: weekdays.filter((day) => days.has(day)),
    timezone,
    sinceMs: since * minuteMs,
    ...(holidays && { holidays }),
  }));
}

/** How often an item has new data that has it many times a day, and between which hours. Pure; everything is in minutes on a local clock. */
import { dayMinutes, weekdayOfDay, type Run, type Slot } from './slots.js';
import { sinceShift, usualOf, type Usual } from './usual.js';

export interface Frequency {
  /** Between two runs, pauses apart; null while it changes. */
  between: Usual | null;
  /** The first runs after a night or a weekend; none where there is new data at all hours. */
  pauses: readonly Run[];
}

/** A wait is a pause from four hours on, and where it is several times the usual one. */
const pauseMinutes = 4 * 60;
const pauseFactor = 3;
const leastPauses = 3;

export function frequencyOf(runs: readonly Run[]): Frequency {
  const gaps = runs.map(({ gap }) => gap).toSorted((a, b) => a - b);
  const short = gaps[Math.floor(gaps.length / 4)] ?? 0;
  const isLong = ({ gap }: Run): boolean => gap > Math.max(pauseMinutes, pauseFactor * short);
  const long = runs.filter(isLong);
  const hasPauses = long.length >= leastPauses && !areOutages(long, runs.length);
  const between = sinceShift((hasPauses ? runs.filter((run) => !isLong(run)) : runs).map(({ gap }) => gap));
  return {
    between: between === null || between.length === 0 ? null : usualOf(between),
    pauses: hasPauses ? long : [],
  };
}

/** Few long waits, on weekdays of all kinds. */
function areOutages(long: readonly Run[], runs: number): boolean {
  const weekdays = long.map(({ at }) => weekdayOfDay(Math.floor(at / dayMinutes)));
  const most = Math.max(...weekdays.map((weekday) => weekdays.filter((it) => it === weekday).length));
  return long.length <= 0.1 * runs && most < long.length / 2;
}

/** A few more deadlines a day are enough: new data by each of them. */
const leastStepMinutes = 4 * 60;
/** Steps that come at the same time of every day, for what runs through the night. */
const stepsOfDay = [4 * 60, 6 * 60, 8 * 60, 12 * 60, dayMinutes];

const lastOfDay = dayMinutes - 5;

/**
 * Deadlines from the one at which a pause is over until the next pause.
 * @param begin the slot of the first run after a pause
 * @param age what the data is never older than in between
 * @param mayMiss so much earlier the last run may be: one of many may be missed
 */
export function deadlinesAfter(begin: Slot, pauses: readonly Run[], age: number, mayMiss: number): Slot[] {
  const end = endOf(begin, pauses, mayMiss);
  if (end === null) return [];
  // Within a day where it can be, so that holidays are those of its date.
  const last = end < lastOfDay && end + age > lastOfDay ? lastOfDay : end + age;
  const span = last - begin.minutes;
  const least = Math.max(age, leastStepMinutes);
  if (span < least) return [];
  const step =
    span <= dayMinutes ? span / Math.floor(span / least) : (stepsOfDay.find((it) => it >= least) ?? dayMinutes);
  return Array.from({ length: Math.floor(span / step) }, (_, index) => {
    const minutes = Math.floor((begin.minutes + step * (index + 1)) / 5) * 5;
    return { ...begin, minutes, since: age };
  }).filter(({ minutes }) => minutes % dayMinutes >= age);
}

/** Until when there is new data at least, in minutes since midnight of the day on which the pause ended. */
function endOf(begin: Slot, pauses: readonly Run[], mayMiss: number): number | null {
  const ends = pauses.slice(0, -1).flatMap(({ at }, index) => {
    const day = Math.ceil((at - begin.minutes) / dayMinutes);
    const next = pauses[index + 1];
    return next && begin.weekdays.includes(weekdayOfDay(day)) ? [day * dayMinutes - (next.at - next.gap)] : [];
  });
  const settled = sinceShift(ends);
  if (settled === null || settled.length === 0) return null;
  const { median, limit } = usualOf(settled);
  return -Math.max(limit, median + mayMiss);
}

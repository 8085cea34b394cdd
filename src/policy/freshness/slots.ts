/** The times of day at which an item usually has new data, and on which weekdays. Pure; everything is in minutes on a local clock. */
import { sinceShift, usualOf, type Usual } from './usual.js';

export const dayMinutes = 24 * 60;

/** New data, in minutes since midnight of 1970-01-01 on the local clock. */
export interface Run {
  at: number;
  gap: number;
}

export interface Span {
  /** The first and the last minute that there is a history of. */
  from: number;
  to: number;
  /** Days since 1970-01-01 on which nothing is expected. */
  holidays: ReadonlySet<number>;
}

/** New data by a minute of certain weekdays. */
export interface Slot {
  /** Since midnight of the weekday; may be 1440 and more. */
  minutes: number;
  /** The earliest that is usual, on the same clock. */
  low: number;
  /** The data is at most this old then. */
  since: number;
  /** 0 is Monday. */
  weekdays: readonly number[];
}

/** 1970-01-01 was a Thursday. */
export const weekdayOfDay = (day: number): number => (((day + 3) % 7) + 7) % 7;

/** Runs further apart than this on the clock are of two slots. */
const slotGapMinutes = 90;

/** The slots that runs show; none where they are too few or too irregular. */
export function slotsOf(runs: readonly Run[], span: Span): Slot[] {
  const slots = clustersOf(runs).flatMap((cluster) => slotsOfCluster(cluster, span));
  const last = runs.at(-1);
  if (!last || slots.some((slot) => minutesIn(slot, last) <= slot.minutes)) return slots;
  return slots.map((slot) => afterLate(slot, last));
}

/** The time of a run since midnight of the last day on which it is not before the slot. */
const minutesIn = (slot: Slot, { at }: Run): number => slot.low + ((at - slot.low) % dayMinutes);

/** After a run that was late the next one may be as late: where the schedule has moved, one false alarm is enough. */
function afterLate(slot: Slot, last: Run): Slot {
  const late = minutesIn(slot, last) + afterLateMinutes - slot.minutes;
  const weekday = weekdayOfDay(Math.floor((last.at - slot.low) / dayMinutes));
  if (!slot.weekdays.includes(weekday) || late > maxMarginMinutes) return slot;
  const later = Math.max(0, Math.ceil(late / stepMinutes) * stepMinutes);
  return { ...slot, minutes: slot.minutes + later, since: slot.since + later };
}

const afterLateMinutes = 60;

interface Cluster {
  /** The minute of the day at which it begins. */
  begin: number;
  runs: readonly Run[];
}

/** Groups of runs at about the same time of day, whatever the day. */
function clustersOf(runs: readonly Run[]): Cluster[] {
  const byClock = runs
    .map((run) => ({ run, clock: run.at % dayMinutes }))
    .toSorted((one, other) => one.clock - other.clock);
  const gaps = byClock.map(({ clock }, index) => {
    const before = byClock.at(index - 1)?.clock ?? 0;
    return index === 0 ? clock + dayMinutes - before : clock - before;
  });
  const begins = gaps.flatMap((gap, index) => (gap > slotGapMinutes ? [index] : []));
  return begins.map((first, index) => {
    const next = begins[index + 1];
    const members =
      next === undefined ? [...byClock.slice(first), ...byClock.slice(0, begins[0])] : byClock.slice(first, next);
    return { begin: members[0]?.clock ?? 0, runs: members.map(({ run }) => run) };
  });
}

/** The last run of a day: the data of the day is complete then. */
interface DayRun {
  day: number;
  /** Since midnight of the day. */
  minutes: number;
  gap: number;
}

function slotsOfCluster({ begin, runs }: Cluster, span: Span): Slot[] {
  const byDay = new Map<number, DayRun>();
  for (const { at, gap } of runs.toSorted((one, other) => one.at - other.at)) {
    const day = Math.floor((at - begin) / dayMinutes);
    if (!span.holidays.has(day)) byDay.set(day, { day, minutes: at - day * dayMinutes, gap });
  }
  const found = [...byDay.values()];
  if (found.length < leastRuns) return [];
  const expected = daysOf(found, span);
  const weekdays = weekdaysOf(found, expected);
  const kept = found.filter(({ day }) => weekdays.includes(weekdayOfDay(day)));
  // After a holiday something else may come on another day.
  const other = found.filter((run) => !kept.includes(run) && !span.holidays.has(run.day - 1));
  const due = expected.filter((day) => weekdays.includes(weekdayOfDay(day)));
  if (!isRegular(kept, other.length, due)) return [];
  return alikeWeekdays(kept, weekdays).flatMap((alike) => slotOf(kept, alike));
}

const leastRuns = 3;
/** A slot that begins later than this after the history is a new one. */
const newAfterDays = 7;

/** The days on which a run of the slot can have been seen: since its first one, and until the last run of the item. */
function daysOf(found: readonly DayRun[], span: Span): number[] {
  const first = found[0]?.day ?? 0;
  const begun = Math.floor(span.from / dayMinutes) + 1;
  const usual = usualOf(found.map(({ minutes }) => minutes));
  const last = Math.max(found.at(-1)?.day ?? 0, Math.floor((span.to - usual.high) / dayMinutes));
  const from = first - begun > newAfterDays ? first : Math.min(first, begun);
  return Array.from({ length: last - from + 1 }, (_, index) => from + index).filter((day) => !span.holidays.has(day));
}

/** Weekdays with a run nearly every week. */
function weekdaysOf(found: readonly DayRun[], expected: readonly number[]): number[] {
  const isNew = (found[0]?.day ?? 0) === expected[0];
  return [0, 1, 2, 3, 4, 5, 6].filter((weekday) => {
    const hits = found.filter(({ day }) => weekdayOfDay(day) === weekday).length;
    const chances = expected.filter((day) => weekdayOfDay(day) === weekday).length;
    return hits >= (isNew ? 1 : 2) && hits > 0.5 * chances;
  });
}

/** Whether the runs on the weekdays are enough, nearly all that were due, and nearly all that there were. */
function isRegular(kept: readonly DayRun[], others: number, due: readonly number[]): boolean {
  const weekdays = new Set(due.map(weekdayOfDay)).size;
  const misses = due.length - kept.length;
  const allowed = Math.max(due.length >= 5 ? 1 : 0, Math.floor(0.12 * due.length));
  const days = new Set(kept.map(({ day }) => day));
  // A slot that was missed twice while other data came has moved or ended.
  const hasEnded = due.length > 1 && due.slice(-2).every((day) => !days.has(day));
  const least = weekdays === 1 ? leastRuns : 5;
  return kept.length >= least && misses <= allowed && others <= 0.25 * kept.length && !hasEnded;
}

/** Weekdays in groups, each with a deadline of its own: those of a median of their own apart. */
function alikeWeekdays(kept: readonly DayRun[], weekdays: readonly number[]): number[][] {
  const all = usualOf(kept.map(({ minutes }) => minutes));
  const apart = weekdays.filter((weekday) => {
    const own = kept.filter(({ day }) => weekdayOfDay(day) === weekday).map(({ minutes }) => minutes);
    if (own.length < leastRuns) return false;
    return Math.abs(usualOf(own).median - all.median) > Math.max(30, 5 * all.spread);
  });
  const together = weekdays.filter((weekday) => !apart.includes(weekday));
  return [together, ...apart.map((weekday) => [weekday])].filter((group) => group.length > 0);
}

/** With more than this between the usual run and the deadline it says nothing of use. */
const maxMarginMinutes = 5 * 60;
const stepMinutes = 5;

function slotOf(kept: readonly DayRun[], weekdays: readonly number[]): Slot[] {
  const runs = kept.filter(({ day }) => weekdays.includes(weekdayOfDay(day)));
  const settled = sinceShift(runs.map(({ minutes }) => minutes));
  if (settled === null || settled.length < leastRuns) return [];
  const usual = usualOf(settled);
  if (usual.limit - usual.median > maxMarginMinutes) return [];
  const wait = usualOf(runs.map(({ gap }) => gap)).median;
  const [low, minutes] = [Math.floor(usual.low), deadlineOf(usual)];
  // What comes a little early counts; what came a day late does not count for the next.
  return [{ minutes, low, since: minutes - low + Math.floor(wait / 3), weekdays }];
}

/** More than an hour: what runs by UTC is an hour later for half of the year. */
const leastMarginMinutes = 75;
/** The last of a day, so that the holiday that it belongs to is that of its date. */
const lastOfDay = dayMinutes - stepMinutes;

function deadlineOf({ median, high, limit }: Usual): number {
  const minutes = Math.ceil(Math.max(limit, median + leastMarginMinutes) / stepMinutes) * stepMinutes;
  return minutes > lastOfDay && high + 2 * stepMinutes < lastOfDay ? lastOfDay : minutes;
}

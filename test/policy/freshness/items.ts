/** Items with a schedule, and what their runs did for three months: seeded, with what really goes wrong. */
import { weekdayOfDay } from '../../../src/policy/freshness/slots.js';
import { localTimeAt } from '../../../src/policy/local-time.js';
import { createRandom, type Random } from '../../simulation/random.js';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export const kinds = [
  'daily',
  'weekdays',
  'twice a day',
  'weekly',
  'hourly',
  'every 15 minutes',
  'every 4 hours',
  'working hours',
  'every 2 working hours',
  'hourly until Friday',
  'end of month',
  'by hand',
] as const;
export type Kind = (typeof kinds)[number];

/** A hundred items of a site. */
export const mix: Record<Kind, number> = {
  daily: 30,
  weekdays: 30,
  'twice a day': 8,
  weekly: 8,
  hourly: 5,
  'every 15 minutes': 3,
  'every 4 hours': 4,
  'working hours': 4,
  'every 2 working hours': 2,
  'hourly until Friday': 2,
  'end of month': 2,
  'by hand': 2,
};

export const itemsOf = (kind: Kind, count: number, seed: number): Item[] =>
  Array.from({ length: count }, (_, index) => itemOf(kind, seed + kinds.indexOf(kind) * 104_729 + index * 7_919));

export const holidays = [
  '2026-10-05',
  '2026-11-26',
  '2026-12-24',
  '2026-12-25',
  '2027-03-26',
  '2027-03-29',
  '2027-04-05',
];
const holidayDays = new Set(holidays.map((date) => Date.parse(date) / dayMs));

/** Data that a person missed: late by two hours or more, or not there at all. */
export interface Trouble {
  expectedAt: number;
  /** When there was new data again. */
  overAt: number;
}

export interface Item {
  kind: Kind;
  timezone: string;
  begin: number;
  /** Of learning, after which 60 are judged. */
  learnDays: number;
  end: number;
  /** When new data came, oldest first. */
  arrivals: number[];
  troubles: Trouble[];
}

const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'Europe/London', 'Asia/Kolkata'] as const;
/** Clocks change in the 60 days that are judged, back and forth. */
const begins = ['2026-09-28', '2027-02-15'] as const;
export const judgedDays = 60;

function itemOf(kind: Kind, seed: number): Item {
  const random = createRandom(seed);
  for (let n = 0; n < 10; n += 1) random.next();
  const timezone = random.pick(zones);
  const firstDay = Date.parse(random.pick(begins)) / dayMs;
  const learnDays = random.between(21, 35);
  const days = learnDays + judgedDays;
  const runs = runsOf(kind, random, { timezone, firstDay, days: days + 3 });
  const arrivals = runs.flatMap(({ arrivedAt }) => (arrivedAt === null ? [] : [arrivedAt])).toSorted((a, b) => a - b);
  const troubles = runs.flatMap(({ expectedAt, overFrom, day, outage }) => {
    if (
      overFrom === null ||
      kind === 'by hand' ||
      holidayDays.has(day) ||
      (outage && outage.missed < leastMissed(kind))
    )
      return [];
    return [{ expectedAt, overAt: arrivals.find((at) => at >= overFrom) ?? Infinity }];
  });
  const begin = midnight(firstDay, timezone);
  return { kind, timezone, begin, learnDays, end: midnight(firstDay + days, timezone), arrivals, troubles };
}

const offsets = new Map<string, number>();
/** The time of so many minutes on the clock of a day, by the offset of its morning. */
export function clockTime(day: number, minutes: number, timezone: string): number {
  const key = `${day} ${timezone}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    const at = day * dayMs + 6 * hourMs;
    const local = localTimeAt(at, timezone);
    offset = Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute) - at;
    offsets.set(key, offset);
  }
  return day * dayMs + Math.round(minutes) * minuteMs - offset;
}
export const midnight = (day: number, timezone: string): number => clockTime(day, 0, timezone);

interface Run {
  day: number;
  expectedAt: number;
  /** Null: it did not run. */
  arrivedAt: number | null;
  /** Of what is trouble: new data from then on ends it. */
  overFrom: number | null;
  outage?: Outage;
}

interface Calendar {
  timezone: string;
  firstDay: number;
  days: number;
}

function runsOf(kind: Kind, random: Random, { timezone, firstDay, days }: Calendar): Run[] {
  const start = random.between(0, 23 * 60);
  const takes = random.between(3, 60);
  const sigma = 0.25 + 0.35 * random.next();
  const drift = random.chance(0.08) ? 0.5 + random.next() : 0;
  const movesOn = random.chance(0.1) ? firstDay + random.between(5, days) : Infinity;
  const movesBy = random.pick([-180, -60, 60, 150, 240]);
  const clock = random.chance(0.1) ? 'UTC' : timezone;
  // What runs at all hours, or by the clock of another country, knows no holidays.
  const skipsHolidays = random.chance(0.4) && !everyHour.includes(kind) && clock === timezone;
  const weekday = random.between(0, 6);
  const outages = outagesOf(kind, random, firstDay, days, timezone);
  return Array.from({ length: days }, (_, index) => firstDay + index).flatMap((day) => {
    if (skipsHolidays && holidayDays.has(day)) return [];
    return startsOf(kind, { day, start, weekday, random }).flatMap((minutes): Run[] => {
      const moved = minutes + (day >= movesOn ? movesBy : 0) + drift * (day - firstDay);
      const begunAt = clockTime(day, moved, clock);
      const expectedAt = begunAt + takes * minuteMs;
      const arrivedAt = begunAt + Math.round(takes * Math.exp(sigma * normal(random)) * minuteMs);
      const isAbsent = random.chance(0.01);
      const outage = outages.find(({ from, to }) => from <= begunAt && begunAt < to);
      if (outage) {
        outage.missed += 1;
        return [{ day, expectedAt, arrivedAt: null, overFrom: outage.missed === 1 ? outage.to + 1 : null, outage }];
      }
      if (isAbsent) return [{ day, expectedAt, arrivedAt: null, overFrom: often.includes(kind) ? null : expectedAt }];
      const delay = !isFrequent(kind) && random.chance(0.02) ? random.between(120, 720) * minuteMs : 0;
      return [{ day, expectedAt, arrivedAt: arrivedAt + delay, overFrom: delay > 0 ? arrivedAt + delay : null }];
    });
  });
}

/** Of these a missed run is no trouble: the next one comes within two hours. */
const often: readonly Kind[] = [
  'hourly',
  'every 15 minutes',
  'working hours',
  'every 2 working hours',
  'hourly until Friday',
];
const leastMissed = (kind: Kind): number => (kind === 'every 2 working hours' ? 2 : often.includes(kind) ? 3 : 1);
const everyHour: readonly Kind[] = ['hourly', 'every 15 minutes', 'every 4 hours'];
const isFrequent = (kind: Kind): boolean => [...often, ...everyHour, 'every 2 working hours'].includes(kind);

interface Outage {
  from: number;
  to: number;
  /** Runs that did not take place. */
  missed: number;
}

/** Hours in which what runs often does not run. */
function outagesOf(kind: Kind, random: Random, firstDay: number, days: number, timezone: string): Outage[] {
  if (!isFrequent(kind)) return [];
  return Array.from({ length: random.between(1, 5) }, () => {
    const day = firstDay + random.between(0, days - 1);
    const from = clockTime(day, random.between(0, 24 * 60), timezone);
    return { from, to: from + random.between(6 * 60, 16 * 60) * minuteMs, missed: 0 };
  });
}

interface Chosen {
  day: number;
  /** Minutes since midnight. */
  start: number;
  weekday: number;
  random: Random;
}

/** When runs begin on a day, in minutes since midnight. */
function startsOf(kind: Kind, { day, start, weekday, random }: Chosen): number[] {
  const today = weekdayOfDay(day);
  const isWorkday = today < 5;
  const every = (step: number, from = start % step, to = 24 * 60): number[] =>
    Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);
  switch (kind) {
    case 'daily':
      return [start];
    case 'weekdays':
      return isWorkday ? [start] : [];
    case 'twice a day':
      return [start, (start + 9 * 60) % (24 * 60)];
    case 'weekly':
      return today === weekday ? [start] : [];
    case 'hourly':
      return every(60);
    case 'every 15 minutes':
      return every(15);
    case 'every 4 hours':
      return every(240);
    case 'working hours':
      return isWorkday ? every(60, 7 * 60 + (start % 60), 19 * 60) : [];
    case 'every 2 working hours':
      return isWorkday ? every(120, 6 * 60 + (start % 120), 20 * 60) : [];
    case 'hourly until Friday':
      return isWorkday ? every(60) : [];
    case 'end of month':
      return new Date((day + 1) * dayMs).getUTCDate() === 1 ? [start] : [];
    case 'by hand':
      return isWorkday && random.chance(0.5) ? [8 * 60 + random.between(0, 600)] : [];
  }
}

const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/**
 * Who is on call when: rotations, restricted hours and overrides of a schedule. Pure; times are milliseconds since the epoch. Hand-overs are at
 * the hour that a clock of the schedule's zone shows, also across daylight saving.
 */
import { Temporal } from 'temporal-polyfill';
import { instantOf, isWithin, localTimeAt, nextEdge, type Hours } from './local-time.js';

/** One contact after the other, each for a period. */
export interface Rotation {
  contacts: readonly string[];
  every: { hours: number } | { days: number };
  /** When the first contact begins, on the clock of the zone (`2026-11-23T09:00`). Before it nobody is on call by this rotation. */
  start: string;
  /** Nobody is on call by this rotation at other hours; none: it always counts. */
  hours?: readonly Hours[];
}

/** Somebody is on call in place of whoever would be. */
export interface Override {
  contact: string;
  /** The end is excluded. */
  from: number;
  to: number;
}

/** A contact's turn of a calendar; the end is excluded. */
export interface Turn {
  contact: string;
  from: number;
  to: number;
}

export interface Schedule {
  timezone: string;
  /** By order: the first that has somebody on call counts. */
  rotations: readonly Rotation[];
  /** The rotations count in these hours alone; at others `otherwise` is on call. */
  restriction?: { hours: readonly Hours[]; otherwise?: string };
  /** Where several cover a time, the last one counts. */
  overrides: readonly Override[];
  /** In place of rotations, from a calendar: by their beginning. Where several cover a time, the one that began last counts. */
  turns?: readonly Turn[];
}

export interface Duty {
  /** Null: nobody, which is a gap. */
  contact: string | null;
  isOverride: boolean;
}

/** A stretch of time with one and the same contact. */
export interface Shift extends Duty {
  from: number;
  /** The end is excluded. Null where nothing changes within the time that was looked at. */
  until: number | null;
}

/** Everybody whom the schedule can have on call. */
export const contactsOn = ({ rotations, restriction, overrides, turns = [] }: Schedule): string[] => [
  ...turns.map(({ contact }) => contact),
  ...rotations.flatMap(({ contacts }) => contacts),
  ...(restriction?.otherwise === undefined ? [] : [restriction.otherwise]),
  ...overrides.map(({ contact }) => contact),
];

/** Who is on call at a time. */
export function dutyAt(schedule: Schedule, at: number): Duty {
  const override = schedule.overrides.findLast(({ from, to }) => from <= at && at < to);
  if (override) return { contact: override.contact, isOverride: true };
  return { contact: plannedAt(schedule, at), isOverride: false };
}

function plannedAt({ timezone, rotations, restriction, turns = [] }: Schedule, at: number): string | null {
  const counts = (hours: readonly Hours[] | undefined): boolean =>
    hours === undefined || hours.some((each) => isWithin(each, at, timezone));
  if (restriction && !counts(restriction.hours)) return restriction.otherwise ?? null;
  for (const rotation of rotations) {
    const contact = counts(rotation.hours) ? turnAt(rotation, at, timezone) : null;
    if (contact !== null) return contact;
  }
  return turns.findLast(({ from, to }) => from <= at && at < to)?.contact ?? null;
}

/** How many periods of the rotation have begun before or at a time, minus one; negative before its start. */
function periodAt({ every, start }: Rotation, at: number, timezone: string): number {
  const begin = Temporal.PlainDateTime.from(start);
  const { hours, minutes, seconds } = begin.until(localTimeAt(at, timezone), { largestUnit: 'hours' });
  const passed = hours + minutes / 60 + seconds / 3_600;
  let period = Math.floor(passed / lengthHours(every));
  // The clock of the zone is not the time that passes: at a doubled hour it shows again what was before a hand-over.
  while (handOver({ every, start }, period + 1, timezone) <= at) period += 1;
  while (handOver({ every, start }, period, timezone) > at) period -= 1;
  return period;
}

const lengthHours = (every: Rotation['every']): number => ('days' in every ? 24 * every.days : every.hours);

/** When the period with this number, from 0, begins. */
const handOver = ({ every, start }: Pick<Rotation, 'every' | 'start'>, period: number, timezone: string): number =>
  instantOf(Temporal.PlainDateTime.from(start).add(times(every, period)), timezone);

const times = (every: Rotation['every'], count: number): Temporal.DurationLike =>
  'days' in every ? { days: every.days * count } : { hours: every.hours * count };

function turnAt(rotation: Rotation, at: number, timezone: string): string | null {
  const period = periodAt(rotation, at, timezone);
  return period < 0 ? null : (rotation.contacts[period % rotation.contacts.length] ?? null);
}

/** None after the start of a rotation with one contact. */
function nextHandOver(rotation: Rotation, at: number, timezone: string): number[] {
  const period = Math.max(0, periodAt(rotation, at, timezone) + 1);
  return period > 0 && new Set(rotation.contacts).size === 1 ? [] : [handOver(rotation, period, timezone)];
}

/** The first time after `at` when somebody else may be on call; null where nothing is planned to change any more. */
function nextChange(schedule: Schedule, at: number): number | null {
  const { timezone, rotations, restriction, overrides, turns = [] } = schedule;
  const edges = (hours: readonly Hours[] = []) => hours.map((each) => nextEdge(each, at, timezone));
  const changes = [
    ...[...overrides, ...turns].flatMap(({ from, to }) => [from, to]),
    ...rotations.flatMap((rotation) => nextHandOver(rotation, at, timezone)),
    ...rotations.flatMap(({ hours }) => edges(hours)),
    ...edges(restriction?.hours),
  ].filter((change): change is number => change !== null && change > at);
  return changes.length > 0 ? Math.min(...changes) : null;
}

/**
 * The shifts of a schedule from one time until another, in order and without a gap between them: where nobody is on call the contact is null.
 * The first begins at `from`, the last ends at `to`.
 */
export function shiftsBetween(schedule: Schedule, from: number, to: number): (Shift & { until: number })[] {
  const shifts: (Shift & { until: number })[] = [];
  for (let at = from; at < to;) {
    const duty = dutyAt(schedule, at);
    const until = Math.min(nextChange(schedule, at) ?? to, to);
    const last = shifts.at(-1);
    if (last && last.contact === duty.contact && last.isOverride === duty.isOverride) last.until = until;
    else shifts.push({ ...duty, from: at, until });
    at = until;
  }
  return shifts;
}

/** Who is on call in turn from one time until another, each once. Of more than 1,000 changes the first count. */
export function contactsBetween(schedule: Schedule, from: number, to: number): string[] {
  const found = new Set<string>();
  const all = new Set(contactsOn(schedule)).size;
  let at: number | null = from;
  for (let count = 0; at !== null && at < to && count < maxChanges && found.size < all; count += 1) {
    const { contact } = dutyAt(schedule, at);
    if (contact !== null) found.add(contact);
    at = nextChange(schedule, at);
  }
  return [...found];
}

/** How far ahead the end of a shift is looked for. */
const horizonMs = 400 * 24 * 3_600_000;
/** As many changes are looked at: each takes up to half a millisecond. */
const maxChanges = 1_000;

/** Who is on call at a time and until when, and who comes next (null where nobody else does within 400 days and 1,000 changes). */
export function onCallAt(schedule: Schedule, at: number): { now: Shift; next: Shift | null } {
  let now: Shift = { ...dutyAt(schedule, at), from: at, until: null };
  let change = nextChange(schedule, at);
  for (let count = 0; change !== null && change - at < horizonMs && count < maxChanges; count += 1) {
    const duty = dutyAt(schedule, change);
    if (duty.contact !== now.contact) {
      now = { ...now, until: change };
      return { now, next: { ...duty, from: change, until: null } };
    }
    change = nextChange(schedule, change);
  }
  return { now, next: null };
}

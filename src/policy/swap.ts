/** What a contact means who gives duty to another by text (`SWAP ben tonight`). Pure; times are milliseconds since the epoch. */
import type { Temporal } from 'temporal-polyfill';
import { day, hour } from '../workflows/contract.js';
import { type Command, type DutyTime } from '../workflows/pager-contract.js';
import type { Override } from '../workflows/on-call-contract.js';
import { durationText } from './duration.js';
import { instantOf, localTimeAt, spanText } from './local-time.js';
import { dutyAt, type Schedule } from './on-call.js';
import { replacedBy, scheduleNamed, someOf, withOverrides } from './overrides.js';
import type { Escalation } from './route.js';

export type SwapCommand = Extract<Command, { verb: 'swap' }>;
export type Swap = Pick<Override, 'schedule' | 'contact' | 'from' | 'to'>;
interface Duty {
  name: string;
  schedule: Schedule;
  from: number;
  to: number;
}

/** A night from 18:00 to 09:00, also when the clock is set back in it. */
const longestMs = 16 * hour;

/**
 * Whose duty goes to whom, or why not, as a sentence.
 * @param by the contact who gives it
 * @param made the overrides that there are besides those of the file
 */
export function readSwap(
  escalation: Escalation,
  by: string,
  { contact, schedule: named, time }: SwapCommand,
  { now, made }: { now: number; made: readonly Override[] },
): { refused: string } | { swap: Swap; what: string } {
  const contacts = Object.keys(escalation.contacts);
  if (!contacts.includes(contact)) return refuse(`There is no contact "${contact}": known are ${contacts.join(', ')}.`);
  if (contact === by) return refuse('You cannot take your own place: name another contact.');
  const names = Object.keys(escalation.schedules ?? {});
  if (named !== undefined && !names.includes(named))
    return refuse(`There is no schedule "${named}": known are ${names.join(', ') || 'none'}.`);
  const duties = (named === undefined ? names : [named]).flatMap((name) =>
    dutyOf(escalation, by, name, time, { now, made }),
  );
  const [duty, ...others] = duties;
  if (duty === undefined)
    return refuse(`You are not on call${named === undefined ? '' : ` (${named})`} at the beginning of that time.`);
  if (others.length > 0) {
    const list = duties.map(({ name }) => name).join(', ');
    return refuse(`You are on call by ${list}. Reply for one: SWAP ${duty.name} ${contact} ${timeText(time)}`);
  }
  const { name, schedule, from, to } = duty;
  if (to <= from || to - from > longestMs) return refuse('A swap lasts at most 16 h.');
  const span = spanText(from, to, schedule.timezone, now);
  const other = made.find((one) => one.schedule === name && one.from < to && from < one.to && now < one.to);
  if (other) {
    const theirs = spanText(other.from, other.to, schedule.timezone, now);
    return refuse(`${other.contact} is on call (${name}) by an override from ${theirs} already: take other times.`);
  }
  const replaced = replacedBy(withOverrides(escalation, name, schedule, made), contact, from, to);
  const what = `put ${contact} on call (${name}) from ${span}${placeText(replaced, by)}`;
  return { swap: { schedule: name, contact, from, to }, what };
}

/** Where the time goes beyond a hand-over, the contact gives the duty of others, too. */
function placeText(replaced: readonly string[], by: string): string {
  const others = replaced.filter((one) => one !== by);
  return others.length === 0 ? '' : ` in place of ${someOf(['you', ...others])}`;
}

const refuse = (refused: string): { refused: string } => ({ refused });

/** Nothing where the contact is not on call by the schedule when the time begins. */
function dutyOf(
  escalation: Escalation,
  by: string,
  name: string,
  time: DutyTime,
  { now, made }: { now: number; made: readonly Override[] },
): Duty[] {
  const schedule = scheduleNamed(escalation, name);
  if (!schedule) return [];
  const [from, to] = spanOf(time, schedule.timezone, now);
  const { contact } = dutyAt(withOverrides(escalation, name, schedule, made), from);
  return contact === by ? [{ name, schedule, from, to }] : [];
}

const evening = 18 * 60;
const morning = 9 * 60;

/** From when until when; hours of which now is one begin now. */
function spanOf(time: DutyTime, timezone: string, now: number): [from: number, to: number] {
  const today = localTimeAt(now, timezone).toPlainDate();
  const on = (date: Temporal.PlainDate, minutes: number): number =>
    instantOf(date.toPlainDateTime().add({ minutes }), timezone);
  const next = (minutes: number): Temporal.PlainDate => (on(today, minutes) > now ? today : today.add({ days: 1 }));
  switch (time.kind) {
    case 'tonight':
      return [Math.max(now, on(today, evening)), on(today.add({ days: 1 }), morning)];
    case 'for':
      return [now, now + Math.min(time.ms, day)];
    case 'until':
      return [now, on(next(time.to), time.to)];
    case 'hours': {
      const end = next(time.to);
      const begin = time.from < time.to ? end : end.subtract({ days: 1 });
      return [Math.max(now, on(begin, time.from)), on(end, time.to)];
    }
  }
}

/** As the contact wrote it. */
function timeText(time: DutyTime): string {
  switch (time.kind) {
    case 'tonight':
      return 'tonight';
    case 'for':
      return durationText(time.ms);
    case 'until':
      return `until ${clock(time.to)}`;
    case 'hours':
      return `${clock(time.from)}-${clock(time.to)}`;
  }
}

const twoDigits = (count: number): string => String(count).padStart(2, '0');
const clock = (minutes: number): string => `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;

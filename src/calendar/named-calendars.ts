/** The calendars that an escalation file names, and what each of them is for. */
import { maskedAddress, turnsOf, type Calendar } from '../policy/calendar.js';
import type { SourceAlarm } from '../policy/escalation-source.js';
import { datesCovered, holidaysOf } from '../policy/freshness/holidays.js';
import { localTimeAt } from '../policy/local-time.js';
import { spell } from '../policy/reading.js';
import type { Escalation } from '../policy/route.js';
import type { Path } from '../policy/source.js';
import type { Expanded } from './occurrences.js';

interface Named {
  /** What it is for, address and zone: another one when any of these has changed. */
  key: string;
  /** An https address, which may hold a secret, or the absolute path of a file. */
  address: string;
  /** Of all-day events and of times without a zone; by default that of the calendar. */
  timezone?: string;
  /** Where the file names it first. */
  path: Path;
}
/** The turns of a schedule. */
export interface DutyCalendar extends Named {
  kind: 'duty';
  schedule: string;
  calendar: Calendar;
}
/** The holidays of promises. */
export interface HolidayCalendar extends Named {
  kind: 'holidays';
  timezone: string;
}
export type NamedCalendar = DutyCalendar | HolidayCalendar;

export const dutyCalendars = ({ calendars = {} }: Escalation): DutyCalendar[] =>
  Object.entries(calendars).map(([schedule, calendar]) => {
    const { address, timezone } = calendar;
    const key = JSON.stringify(['duty', schedule, address, timezone]);
    const path = ['schedules', schedule, 'ical'];
    return { kind: 'duty', key, schedule, calendar, address, path, ...(timezone !== undefined && { timezone }) };
  });

/** Of holidays that promises share. */
export const holidaysKey = (address: string, timezone: string): string =>
  JSON.stringify(['holidays', address, timezone]);

/** Promises with the same holidays and zone share one. */
export function holidayCalendars(escalation: Escalation): HolidayCalendar[] {
  const found = new Map<string, HolidayCalendar>();
  for (const { index, address, timezone } of holidaysOf(escalation)) {
    const key = holidaysKey(address, timezone);
    const path = ['freshness', String(index), 'holidays'];
    if (!found.has(key)) found.set(key, { kind: 'holidays', key, address, timezone, path });
  }
  return [...found.values()];
}

const dayMs = 24 * 3_600_000;

/**
 * The time whose events count. Holidays are those of last, this and next year, so that an escalation stays the same while its calendars do, and the last
 * deadline before a long break is found.
 */
export function rangeAt({ kind }: NamedCalendar, now: number): { from: number; to: number } {
  if (kind === 'duty') return { from: now - dayMs, to: now + 60 * dayMs };
  const year = yearAt(now);
  // A day more: years begin earlier or later than in UTC.
  return { from: Date.UTC(year - 1, 0, 1) - dayMs, to: Date.UTC(year + 2, 0, 1) + dayMs };
}

const yearAt = (now: number): number => new Date(now).getUTCFullYear();

/** The holidays of last, this and next year. */
export const datesOf = (calendar: HolidayCalendar, { occurrences }: Expanded, now: number): string[] =>
  datesCovered(occurrences, calendar.timezone, rangeAt(calendar, now)).filter(
    (date) => Math.abs(Number(date.slice(0, 4)) - yearAt(now)) <= 1,
  );

/** The alarm of a calendar that cannot be read, and the line of the log where there is no good copy. */
export const unreadable = {
  duty: { alarm: 'calendar-unreadable', message: 'a calendar cannot be read: nobody is on call by its schedule' },
  holidays: { alarm: 'holidays-unreadable', message: 'a calendar cannot be read: no day is a holiday by it' },
} as const satisfies Record<NamedCalendar['kind'], { alarm: SourceAlarm['code']; message: string }>;

/** `schedule` or `promise`, for the log. */
export const whatFor = (calendar: NamedCalendar): { schedule: string } | { promise: string } =>
  calendar.kind === 'duty' ? { schedule: calendar.schedule } : { promise: spell(calendar.path.slice(0, 2)) };

/** `The calendar of schedule "ops" (https://calendar.example.com/***)` */
export const nameOf = (calendar: NamedCalendar): string => {
  const what =
    calendar.kind === 'duty'
      ? `The calendar of schedule "${calendar.schedule}"`
      : `The calendar ${spell(calendar.path)}`;
  return `${what} (${maskedAddress(calendar.address)})`;
};

/** What of a calendar does not count: a sentence each, without anything that it holds. */
export function leftOut(expanded: Expanded, calendar: NamedCalendar, escalation: Escalation, now: number): string[] {
  const { withoutZone } = expanded;
  return [
    ...(calendar.kind === 'duty' ? unnamedIn(expanded, calendar, escalation) : noneToCome(expanded, calendar, now)),
    ...(withoutZone > 0 ? [`${eventsAre(withoutZone)} ignored: the time zone is not known`] : []),
  ];
}

function unnamedIn({ occurrences }: Expanded, { calendar }: DutyCalendar, escalation: Escalation): string[] {
  const { unnamed } = turnsOf(occurrences, calendar.by, escalation);
  return unnamed > 0 ? [`${eventsAre(unnamed)} ignored: ${unnamed === 1 ? 'it names' : 'they name'} no contact`] : [];
}

/** A file of last year is no error, and has no effect. */
function noneToCome(expanded: Expanded, calendar: HolidayCalendar, now: number): string[] {
  const today = localTimeAt(now, calendar.timezone).toPlainDate().toString();
  return datesOf(calendar, expanded, now).some((date) => date >= today)
    ? []
    : ['no event of this year or the next covers a whole day to come'];
}

const eventsAre = (count: number): string => (count === 1 ? '1 event is' : `${count} events are`);

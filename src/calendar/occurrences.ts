/** The events of an iCalendar text (RFC 5545) within a time, by node-ical. Runs in a thread: a calendar can be made to take for ever. */
import ical, { type EventInstance, type ExpandRecurringEventOptions, type VEvent } from 'node-ical';
import { Temporal } from 'temporal-polyfill';
import type { Occurrence } from '../policy/calendar.js';
import { instantOf, isTimeZone, localTimeAt } from '../policy/local-time.js';
import { clockZoneOf, withClockTimes } from './clock-times.js';
import { isSingle } from './event-lines.js';
import { CalendarProblem } from './problem.js';
import { canCompute } from './zone-names.js';

export interface Expansion {
  /** Of all-day events and of times without a zone; by default that of the calendar, else UTC. */
  timezone?: string;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
}

export interface Expanded {
  timezone: string;
  /** All that overlap the time, by their beginning. */
  occurrences: Occurrence[];
  /** Events that were left out, because their time zone is not known. */
  withoutZone: number;
}

const dayMs = 24 * 3_600_000;
const maxOccurrences = 10_000;
/** More of a title, and more who attend, are not looked at. */
const maxLength = 500;
const maxAttendees = 50;

/** @throws CalendarProblem */
export function occurrencesIn(text: string, { timezone: given, from, to }: Expansion): Expanded {
  const lines = unfolded(text);
  const timezone = given ?? zoneOfCalendar(lines) ?? 'UTC';
  const events = eventsIn(lines, timezone);
  const known = events.filter(hasKnownZone);
  const found = new Map<string, Occurrence>();
  for (const occurrence of known.flatMap((event) => occurrencesOf(event, timezone, { from, to }))) {
    found.set(JSON.stringify(occurrence), occurrence);
    if (found.size > maxOccurrences)
      throw new CalendarProblem(`has more than ${maxOccurrences} events in ${Math.round((to - from) / dayMs)} days`);
  }
  const occurrences = [...found.values()].toSorted((one, other) => one.from - other.from);
  return { timezone, occurrences, withoutZone: events.length - known.length };
}

/** RFC 5545, 3.1. */
function unfolded(text: string): string[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .replaceAll(/\r?\n[ \t]/g, '')
    .split(/\r?\n/)
    .filter((line) => line !== '');
  if (!/^BEGIN:VCALENDAR\s*$/i.test(lines[0] ?? '')) throw new CalendarProblem('is not iCalendar');
  if (!/^END:VCALENDAR\s*$/i.test(lines.at(-1) ?? ''))
    throw new CalendarProblem('is incomplete: END:VCALENDAR is missing at its end');
  return lines;
}

/** Not in the standard, and used by Google, Apple and others. */
function zoneOfCalendar(lines: readonly string[]): string | null {
  const line = lines.find((each) => /^X-WR-TIMEZONE[:;]/i.test(each));
  const name = line?.slice(line.indexOf(':') + 1).trim() ?? '';
  return isTimeZone(name) ? name : null;
}

function eventsIn(lines: readonly string[], timezone: string): VEvent[] {
  try {
    const parts: unknown[] = Object.values(ical.sync.parseICS(seriesFirst(withClockTimes(lines, timezone)).join('\n')));
    return parts.filter(isEvent);
  } catch (error) {
    throw new CalendarProblem(`has a part that is not iCalendar (${reasonOf(error)})`);
  }
}

const isEvent = (part: unknown): part is VEvent =>
  typeof part === 'object' &&
  part !== null &&
  'type' in part &&
  part.type === 'VEVENT' &&
  'start' in part &&
  part.start instanceof Date;

/** The library mixes an occurrence with its series where the occurrence comes first, such as that it is cancelled. */
function seriesFirst(lines: readonly string[]): string[] {
  const ordered: string[] = [];
  let event: string[] | null = null;
  let series: string[] = [];
  let single: string[] = [];
  for (const line of lines) {
    if (/^BEGIN:VEVENT/i.test(line)) event = [];
    if (event) event.push(line);
    else if (/^END:VCALENDAR/i.test(line)) {
      ordered.push([...series, ...single, line].join('\n'));
      [series, single] = [[], []];
    } else ordered.push(line);
    if (event && /^END:VEVENT/i.test(line)) {
      (isSingle(event) ? single : series).push(event.join('\n'));
      event = null;
    }
  }
  return ordered;
}

/** Undefined for a day without a time. */
const zoneOf = ({ start }: Pick<VEvent, 'start'>): string | undefined => start.tz;

/** The library takes the zone of this process in place of one that it does not know. */
function hasKnownZone(event: VEvent): boolean {
  const zone = zoneOf(event);
  return zone === undefined || canCompute(zone) || /[+-]\d{1,2}:?\d{2}/.test(zone);
}

function occurrencesOf(event: VEvent, timezone: string, { from, to }: { from: number; to: number }): Occurrence[] {
  // Days of this process and of the schedule differ by less than a day.
  const range = { from: new Date(from - dayMs), to: new Date(to + dayMs), expandOngoing: true };
  // The library finds a moved occurrence by the time that it was moved from, which may be outside of the range.
  const moved = [...new Set<unknown>(Object.values(event.recurrences ?? {}))].filter(isEvent);
  return [event, ...moved]
    .flatMap((each) => expanded(each, range))
    .filter((instance) => instance.event.status !== 'CANCELLED')
    .map((instance): Occurrence => {
      const times = instance.isFullDay
        ? daysOf(instance.start, instance.event, timezone)
        : timesOf(instance.start, instance.event);
      return { ...times, summary: textOf(instance.summary).slice(0, maxLength), emails: emailsOf(instance.event) };
    })
    .filter((occurrence) => occurrence.from < occurrence.to && occurrence.from < to && occurrence.to > from);
}

function expanded(event: VEvent, range: ExpandRecurringEventOptions): EventInstance[] {
  try {
    return ical.expandRecurringEvent(event, range);
  } catch (error) {
    throw new CalendarProblem(`has an event that repeats too often to be expanded (${reasonOf(error)})`);
  }
}

/** Of the library, cut. */
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message.slice(0, 120) : 'unknown');

/** The library gives days as midnights of this process. */
function daysOf(start: Date, event: Pick<VEvent, 'start' | 'end'>, timezone: string): { from: number; to: number } {
  const first = new Temporal.PlainDate(start.getFullYear(), start.getMonth() + 1, start.getDate());
  const lengthMs = (event.end?.getTime() ?? 0) - event.start.getTime();
  const days = Math.max(1, Math.round(lengthMs / dayMs));
  return {
    from: instantOf(first.toPlainDateTime(), timezone),
    to: instantOf(first.add({ days }).toPlainDateTime(), timezone),
  };
}

/**
 * When an occurrence begins and ends: at the times that a clock in its zone shows, so that a week ends at the hour at which the next one begins, also
 * across daylight saving. The hours of a duration are hours that pass (RFC 5545, 3.3.6).
 */
function timesOf(start: Date, event: Pick<VEvent, 'start' | 'end'>): { from: number; to: number } {
  const zone = clockZoneOf(event);
  const local = localTimeAt(start.getTime(), 'UTC');
  const from = instantOf(local, zone);
  const given: unknown = Reflect.get(event, 'duration');
  const duration = durationFrom(textOf(given));
  if (!duration) {
    const milliseconds = (event.end?.getTime() ?? event.start.getTime()) - event.start.getTime();
    return { from, to: instantOf(local.add({ milliseconds }), zone) };
  }
  const { weeks, days, hours, minutes, seconds } = duration;
  const passing = Temporal.Duration.from({ hours, minutes, seconds }).total('milliseconds');
  const begin = weeks === 0 && days === 0 ? from : instantOf(local.add({ weeks, days }), zone);
  return { from, to: begin + passing };
}

/** RFC 5545's form is one of ISO 8601. */
function durationFrom(text: string): Temporal.Duration | null {
  try {
    return text === '' ? null : Temporal.Duration.from(text);
  } catch {
    return null;
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || !('val' in value)) return '';
  return typeof value.val === 'string' ? value.val : '';
}

function emailsOf({ attendee = [] }: Pick<VEvent, 'attendee'>): string[] {
  return [attendee]
    .flat()
    .slice(0, maxAttendees)
    .flatMap((each) => {
      if (typeof each === 'object' && each.params.PARTSTAT === 'DECLINED') return [];
      // PagerDuty leaves out mailto:.
      const address = textOf(each)
        .slice(0, maxLength)
        .replace(/^mailto:/i, '')
        .trim()
        .toLowerCase();
      return address.includes('@') ? [address] : [];
    });
}

/**
 * Rewrites the events of a calendar so that the library computes with what a clock in their zone shows, as if that were UTC. With zones it keeps a series
 * an hour later after a day on which the clock skips its hour, and takes the second of an hour that comes twice for an exception, but the first for what
 * repeats.
 */
import { Temporal } from 'temporal-polyfill';
import { instantOf, localTimeAt, type LocalTime } from '../policy/local-time.js';
import { eventsOf, isSingle, mapEvents, timesIn, uidOf } from './event-lines.js';
import { localPattern, zoneNamesIn, type ZoneNames } from './zone-names.js';

/** The library keeps it with the event, without `X-`. */
const zoneProperty = 'CLOCK-ZONE';

/** The zone whose clock shows the times of the event; UTC for what is given in it, or by an offset. */
export function clockZoneOf(event: object): string {
  const zone: unknown = Reflect.get(event, zoneProperty);
  return typeof zone === 'string' ? zone : 'UTC';
}

/** @param timezone of times without a zone */
export function withClockTimes(lines: readonly string[], timezone: string): string[] {
  const zoned = inZone(lines, timezone);
  const names = zoneNamesIn(zoned);
  const series = new Map(
    eventsOf(zoned)
      .filter((event) => !isSingle(event))
      .map((event) => [uidOf(event), zoneOf(event, names)]),
  );
  return mapEvents(zoned, (event) => {
    const zone = zoneOf(event, names);
    const ofSeries = isSingle(event) ? (series.get(uidOf(event)) ?? null) : zone;
    return event
      .filter((line) => !line.startsWith(`X-${zoneProperty}`))
      .flatMap((line) => {
        if (zone !== null && /^END:VEVENT/i.test(line)) return [`X-${zoneProperty}:${zone}`, line];
        const target = /^RECURRENCE-ID[:;]/i.test(line) ? ofSeries : zone;
        return [target === null ? line : onClock(line, target, names)];
      });
  });
}

const localTimes = /^(DTSTART|DTEND|EXDATE|RECURRENCE-ID)((?:;(?!TZID=)[^:;]*)*):(\d{8}T\d{6}(?:,\d{8}T\d{6})*)\s*$/i;
/** Outlook numbers zones that it knows twice: `GMT Standard Time 1`. */
const numberedZone = /(TZID[=:]"?[A-Za-z. ]+ Time) \d+/;

/** A time without a zone is one of the schedule's zone. */
function inZone(lines: readonly string[], timezone: string): string[] {
  let isZone = false;
  return lines.map((line) => {
    if (/^BEGIN:VTIMEZONE/i.test(line)) isZone = true;
    else if (/^END:VTIMEZONE/i.test(line)) isZone = false;
    const named = line.replace(numberedZone, '$1');
    return isZone ? named : named.replace(localTimes, `$1$2;TZID=${timezone}:$3`);
  });
}

/** Null where it begins at an instant or on a day, or in a zone that is not known. */
function zoneOf(event: readonly string[], names: ZoneNames): string | null {
  const start = event.map(timesIn).find((times) => times?.name === 'DTSTART');
  const [value = ''] = start?.values ?? [];
  return start && start.zone !== null && localPattern.test(value) ? (names.get(start.zone) ?? null) : null;
}

const until = /(^RRULE[:;].*UNTIL=)(\d{8}T\d{6}Z?)/i;

/** The times of a line as the clock of the zone shows them. */
function onClock(line: string, zone: string, names: ZoneNames): string {
  const rule = until.exec(line);
  if (rule) return line.replace(until, (_, before: string, value: string) => `${before}${shown(value, zone, zone)}`);
  const times = timesIn(line);
  if (times === null || !times.values.some((value) => instantOrLocal.test(value))) return line;
  const given = times.zone === null ? zone : (names.get(times.zone) ?? zone);
  return `${times.name}${times.parameters}:${times.values.map((value) => shown(value, given, zone)).join(',')}`;
}

const instantOrLocal = /^\d{8}T\d{6}Z?$/;

/**
 * @param value in UTC, or what the clock shows in the given zone; anything else stays as it is
 * @returns what the clock shows in the other zone, as if that were UTC
 */
function shown(value: string, given: string, zone: string): string {
  if (!instantOrLocal.test(value)) return value;
  if (!value.endsWith('Z') && given === zone) return `${value}Z`;
  try {
    const at = value.endsWith('Z')
      ? Temporal.Instant.from(value).epochMilliseconds
      : instantOf(Temporal.PlainDateTime.from(value), given);
    return stamp(localTimeAt(at, zone));
  } catch {
    // No date of the calendar: what the library makes of it.
    return value.replace(/Z?$/, 'Z');
  }
}

const stamp = (local: LocalTime): string => `${local.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '')}Z`;

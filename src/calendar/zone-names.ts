/** What the names of zones in a calendar mean. */
import ical from 'node-ical';
import { localTimeAt } from '../policy/local-time.js';
import { eventsOf, timesIn, zoneLines } from './event-lines.js';

/** The IANA names (or offsets) of the zones that a calendar names; one that is not known is missing. */
export type ZoneNames = ReadonlyMap<string, string>;

export const localPattern = /^\d{8}T\d{6}$/;

/** Names that are not of IANA the library knows, or finds out by what the calendar says of them. */
export function zoneNamesIn(lines: readonly string[]): ZoneNames {
  const used = new Map<string, string>();
  for (const times of eventsOf(lines).flatMap((event) => event.flatMap((line) => timesIn(line) ?? []))) {
    const local = times.values.find((value) => localPattern.test(value));
    if (times.zone !== null && local !== undefined && !used.has(times.zone)) used.set(times.zone, local);
  }
  const plain = [...used.keys()].flatMap((name): [string, string][] => {
    const bare = name.replaceAll('"', '');
    return canCompute(bare) ? [[name, bare]] : [];
  });
  const names = new Map(plain);
  return new Map([
    ...names,
    ...explained(
      lines,
      [...used].filter(([name]) => !names.has(name)),
    ),
  ]);
}

function explained(lines: readonly string[], used: readonly [name: string, local: string][]): [string, string][] {
  if (used.length === 0) return [];
  const events = used.flatMap(([name, local], index) => [
    'BEGIN:VEVENT',
    `UID:${index}`,
    `DTSTART;TZID=${name}:${local}`,
    'END:VEVENT',
  ]);
  const text = ['BEGIN:VCALENDAR', ...zoneLines(lines), ...events, 'END:VCALENDAR'].join('\n');
  const found = ical.sync.parseICS(text);
  return used.flatMap(([name], index): [string, string][] => {
    const event = found[index];
    const zone = event?.type === 'VEVENT' ? event.start.tz : undefined;
    return zone !== undefined && canCompute(zone) ? [[name, zone]] : [];
  });
}

export function canCompute(zone: string): boolean {
  try {
    localTimeAt(0, zone);
    return true;
  } catch {
    return false;
  }
}

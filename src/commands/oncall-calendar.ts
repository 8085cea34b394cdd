import { createHash } from 'node:crypto';
import type { Schedule, shiftsBetween } from '../policy/on-call.js';

/** The shifts of a schedule. */
export interface Planned {
  name: string;
  schedule: Schedule;
  shifts: ReturnType<typeof shiftsBetween>;
}

/** `20261130T080000Z` */
const utc = (at: number): string => new Date(at).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');

/**
 * The shifts as an iCalendar text (RFC 5545): one event each, with the contact as its summary. Keys of contacts and schedules have no
 * character that the format would have to escape. A shift keeps its UID also when a later calendar begins
 * in the middle of it; one that the end of the calendar cuts gets another.
 */
export function calendarOf(planned: readonly Planned[], now: number): string {
  const events = planned.flatMap(({ name, shifts }) =>
    shifts.flatMap(({ from, until, contact }) => {
      if (contact === null) return [];
      const uid = createHash('sha256').update(`${name} ${contact} ${until}`).digest('hex').slice(0, 32);
      return [
        'BEGIN:VEVENT',
        `UID:${uid}@tableau-webhooks`,
        `DTSTAMP:${utc(now)}`,
        `DTSTART:${utc(from)}`,
        `DTEND:${utc(until)}`,
        `SUMMARY:${contact} on call (${name})`,
        'END:VEVENT',
      ];
    }),
  );
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//tableau-webhooks//on call//EN',
    ...events,
    'END:VCALENDAR',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** Texts in iCalendar. */

/** A calendar of these lines. */
export const calendar = (...lines: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n');

let uid = 0;
/** The lines of an event. */
export const event = (...lines: string[]) => [
  'BEGIN:VEVENT',
  ...(lines.some((line) => line.startsWith('UID:')) ? [] : [`UID:${(uid += 1)}`]),
  'DTSTAMP:20261101T000000Z',
  ...lines,
  'END:VEVENT',
];

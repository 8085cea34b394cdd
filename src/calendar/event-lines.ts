/** The lines of events in an iCalendar text (RFC 5545) that is unfolded. */

/** Changes the lines of each event, from its BEGIN to its END. */
export function mapEvents(lines: readonly string[], change: (event: readonly string[]) => readonly string[]): string[] {
  const mapped: string[] = [];
  let event: string[] | null = null;
  for (const line of lines) {
    if (/^BEGIN:VEVENT/i.test(line)) event = [];
    if (!event) {
      mapped.push(line);
      continue;
    }
    event.push(line);
    if (!/^END:VEVENT/i.test(line)) continue;
    for (const each of change(event)) mapped.push(each);
    event = null;
  }
  return [...mapped, ...(event ?? [])];
}

/** The lines of each event. */
export function eventsOf(lines: readonly string[]): (readonly string[])[] {
  const events: (readonly string[])[] = [];
  mapEvents(lines, (event) => {
    events.push(event);
    return event;
  });
  return events;
}

/** The lines that explain zones. */
export function zoneLines(lines: readonly string[]): string[] {
  let isZone = false;
  return lines.filter((line) => {
    if (/^BEGIN:VTIMEZONE/i.test(line)) isZone = true;
    const belongs = isZone;
    if (/^END:VTIMEZONE/i.test(line)) isZone = false;
    return belongs;
  });
}

/** Whether it is a changed occurrence of another event. */
export const isSingle = (event: readonly string[]): boolean => event.some((line) => /^RECURRENCE-ID[:;]/i.test(line));

export const uidOf = (event: readonly string[]): string =>
  event
    .find((line) => /^UID[:;]/i.test(line))
    ?.replace(/^[^:]*:/, '')
    .trim() ?? '';

/** A name, its parameters and its values. Some zones of Outlook have a colon in their name, and no quotes. */
const timeProperty = /^(DTSTART|DTEND|EXDATE|RECURRENCE-ID)((?:;[\w-]+=(?:"[^"]*"|[^";]+))*):([^:]*)$/i;
const zoneParameter = /;TZID=("[^"]*"|[^";]+)/i;

/** A line that gives times. */
export interface Times {
  /** In capitals. */
  name: string;
  /** Without the zone. */
  parameters: string;
  values: readonly string[];
  /** As the calendar names it. */
  zone: string | null;
}

/** Null for a line that gives none. */
export function timesIn(line: string): Times | null {
  const [, name = '', parameters = '', values = ''] = timeProperty.exec(line) ?? [];
  if (name === '') return null;
  return {
    name: name.toUpperCase(),
    parameters: parameters.replace(zoneParameter, ''),
    values: values.split(',').map((value) => value.trim()),
    zone: zoneParameter.exec(parameters)?.[1] ?? null,
  };
}

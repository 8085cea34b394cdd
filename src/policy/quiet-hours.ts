/** The quiet hours of contacts, on the clock that each lives by. Pure. */
import { endOfHours, nextEdge, parseTimeOfDay, weekdays, type Hours } from './local-time.js';
import { entries, part, spell, type Problem } from './reading.js';
import type { Escalation } from './route.js';
import { timezoneOf } from './timezone-of.js';

/** When the quiet hours end in which a time is for a contact; null where it is in none. Times are milliseconds since the epoch. */
export function quietUntil(escalation: Escalation, contact: string, at: number): number | null {
  const hours = hoursOf(escalation, contact);
  if (hours === null) return null;
  const timezone = timezoneOf(escalation, contact);
  let until = endOfHours(hours, at, timezone);
  // Where daylight saving moves their end past the next beginning, they go on.
  for (let next = until; next !== null; next = endOfHours(hours, next, timezone)) until = next;
  return until;
}

function hoursOf({ contacts }: Escalation, contact: string): Hours | null {
  const quiet = Object.hasOwn(contacts, contact) ? contacts[contact]?.quiet : undefined;
  return quiet ? { days: weekdays, ...quiet } : null;
}

/** The quiet hours of a contact in which a time is (without `from`), or the next ones after it; null where there are none. */
export function quietHoursAt(
  escalation: Escalation,
  contact: string,
  at: number,
): { from?: number; until: number } | null {
  const present = quietUntil(escalation, contact, at);
  if (present !== null) return { until: present };
  const hours = hoursOf(escalation, contact);
  const from = hours && nextEdge(hours, at, timezoneOf(escalation, contact));
  const until = from === null ? null : quietUntil(escalation, contact, from);
  return from === null || until === null ? null : { from, until };
}

/** Quiet hours without an end. */
export function quietProblems(value: unknown): Problem[] {
  return entries(part(value, 'contacts')).flatMap(([key, contact]): Problem[] => {
    const [from, to] = ['from', 'to'].map((edge) => {
      const time = part(part(contact, 'quiet'), edge);
      return typeof time === 'string' ? parseTimeOfDay(time) : null;
    });
    if (typeof from !== 'number' || typeof to !== 'number' || from % dayMinutes !== to % dayMinutes) return [];
    const path = ['contacts', key, 'quiet', 'to'];
    return [{ path, text: `${spell(path)} must be another time than from: quiet hours have an end.` }];
  });
}

const dayMinutes = 24 * 60;

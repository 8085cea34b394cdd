/** When people sleep: in the quiet hours that the file has for them, else in the night on their clock. */
import { endOfHours, spansBetween, weekdays, type Hours } from '../policy/local-time.js';
import type { Escalation } from '../policy/route.js';
import { timezoneOf } from '../policy/timezone-of.js';
import { night, type Period } from './periods.js';

function sleepOf({ contacts }: Escalation, contact: string): Hours {
  const quiet = Object.hasOwn(contacts, contact) ? contacts[contact]?.quiet : undefined;
  return quiet ? { days: weekdays, ...quiet } : night;
}

/** Whether a time is in the quiet hours that the file has for a contact, or in the night on the clock of one for whom it has none. */
export const isAsleep = (escalation: Escalation, contact: string, at: number): boolean =>
  endOfHours(sleepOf(escalation, contact), at, timezoneOf(escalation, contact)) !== null;

/** As `isAsleep`, for many times of a period: each takes a microsecond in place of a millisecond. */
export function createIsAsleep(escalation: Escalation, { from, to }: Period): (contact: string, at: number) => boolean {
  const known = new Map<string, (readonly [number, number])[]>();
  return (contact, at) => {
    const spans =
      known.get(contact) ?? spansBetween(sleepOf(escalation, contact), from, to, timezoneOf(escalation, contact));
    known.set(contact, spans);
    const index = spans.findLastIndex((span) => span[0] <= at);
    // Where daylight saving moves an end past the next beginning, it is the end of the one before.
    return [spans[index], spans[index - 1]].some((span) => span !== undefined && at < span[1]);
  };
}

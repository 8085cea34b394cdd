import type { EscalationSource } from '../policy/escalation-source.js';
import type { Clock } from './pages/times.js';
import type { Person } from './person.js';

/** Now, on the clock of a reader: by their own zone, or where they have none by that of the first schedule. @param now milliseconds since the epoch */
export function readerClock(person: Person | null, escalation: EscalationSource, now: number): Clock {
  const [schedule] = Object.values(escalation.current().schedules ?? {});
  const own = person === null || person.zone === 'UTC' ? undefined : person.zone;
  return { now, zone: own ?? schedule?.timezone ?? 'UTC' };
}

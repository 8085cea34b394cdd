import type { Clock } from '../pages/times.js';
import type { Person } from './person.js';

/** Now, on the clock of a reader. @param now milliseconds since the epoch */
export const readerClock = (person: Person | null, now: number): Clock => ({ now, zone: person?.zone ?? 'UTC' });

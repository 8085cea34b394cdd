/** Dates and hours in a time zone, for many times. */
import { localTimeAt } from '../policy/local-time.js';
import { day } from '../workflows/contract.js';

export interface LocalTimeOfDay {
  /** `2026-11-30` */
  date: string;
  hour: number;
}

const offsetAt = (at: number, zone: string): number =>
  localTimeAt(at, zone).toZonedDateTime('UTC').epochMilliseconds - at;

/** The offset of the zone is looked up once for each day, but on those on which it changes. @param zone a time zone of IANA */
export function createLocalClock(zone: string): (at: number) => LocalTimeOfDay {
  /** By the day since the epoch; null: it changes on that day. */
  const offsets = new Map<number, number | null>();
  const offsetOf = (at: number): number => {
    const index = Math.floor(at / day);
    let offset = offsets.get(index);
    if (offset === undefined) {
      const [begin, end] = [offsetAt(index * day, zone), offsetAt((index + 1) * day, zone)];
      offset = begin === end ? begin : null;
      offsets.set(index, offset);
    }
    return offset ?? offsetAt(at, zone);
  };
  return (at) => {
    const local = new Date(at + offsetOf(at));
    return { date: local.toISOString().slice(0, 10), hour: local.getUTCHours() };
  };
}

import type { Escalation } from './route.js';

/** What is wrong with where the escalation comes from, as plain data for another thread. */
export type SourceAlarm = {
  /** Milliseconds since the epoch. */
  since: number;
} & (
  | {
      code: 'escalation-file';
      /** How many problems the file on disk has. */
      problems: number;
    }
  | {
      /** Calendars of schedules, or those of holidays. */
      code: 'calendar-unreadable' | 'holidays-unreadable';
      /** How many cannot be read. */
      calendars: number;
    }
);

/** The escalation in force. Who runs for long asks for it at each use, since the file may change meanwhile. */
export interface EscalationSource {
  /** The same object until something changes. */
  current: () => Escalation;
  /** Reads the file now, since another process may know a newer one. Absent where nothing is read. */
  check?: () => Promise<void>;
  /** What an operator must fix; the same list until something changes. */
  alarms: () => readonly SourceAlarm[];
}

const noAlarms: readonly SourceAlarm[] = [];

/** An escalation that never changes. */
export const fixedEscalation = (escalation: Escalation): EscalationSource => ({
  current: () => escalation,
  alarms: () => noAlarms,
});

/** The alarms of the escalation file and the calendars that this api reads. */
import type { EscalationSource, SourceAlarm } from '../../policy/escalation-source.js';
import type { Alarm } from './alarm.js';

/** Counts and no names: everybody who knows the address sees them. */
export const sourceAlarms = (escalation: EscalationSource): Alarm[] =>
  escalation.alarms().map((alarm) => ({
    code: alarm.code,
    message: messageOf(alarm),
    since: new Date(alarm.since).toISOString(),
  }));

function messageOf(alarm: SourceAlarm): string {
  switch (alarm.code) {
    case 'escalation-file': {
      const problems = alarm.problems === 1 ? '1 problem' : `${alarm.problems} problems`;
      return (
        `The escalation file has changed and has ${problems}: the last good one stays in force. The log and the command ` +
        '"check" name them.'
      );
    }
    case 'calendar-unreadable': {
      return (
        `${counted(alarm.calendars)} of on-call schedules cannot be read: the last good copy stays in force, and without one nobody is on ` +
        'call. The log says which and why.'
      );
    }
    case 'holidays-unreadable': {
      return (
        `${counted(alarm.calendars)} of holidays cannot be read: the last good copy stays in force, and without one no day is ` +
        'a holiday, so that items without new data are late on holidays, too. The log says which and why.'
      );
    }
  }
}

const counted = (calendars: number): string => (calendars === 1 ? '1 calendar' : `${calendars} calendars`);

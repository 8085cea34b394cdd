/** The alarms of the escalation file and the calendars that this api reads. */
import type { EscalationSource, SourceAlarm } from '../policy/escalation-source.js';
import type { Alarm } from './home-page.js';

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
      const calendars = alarm.calendars === 1 ? '1 calendar' : `${alarm.calendars} calendars`;
      return (
        `${calendars} of on-call schedules cannot be read: the last good copy stays in force, and without one nobody is on ` +
        'call. The log says which and why.'
      );
    }
  }
}

import type { Logger } from 'pino';
import { createFetchCalendar } from '../calendar/fetch.js';
import { followCalendars } from '../calendar/follow-calendars.js';
import type { RoleConfig } from '../config/config.js';
import { fixedEscalation, type EscalationSource } from '../policy/escalation-source.js';
import type { Settings } from './settings.js';
import { watchEscalation } from './watch-escalation.js';

export interface FollowedEscalation extends EscalationSource {
  /** Reads the file and its calendars again, as SIGHUP asks for. */
  reload: () => Promise<void>;
  close: () => void;
}

/** The escalation of a process that runs for long: it follows its file and the calendars that this names, if there is a file. */
export function followEscalation({ config, escalation }: Settings<RoleConfig>, logger: Logger): FollowedEscalation {
  const { escalationFile } = config;
  if (escalationFile === undefined) {
    const reload = async () => logger.info('SIGHUP: there is no escalation file to read again');
    return { ...fixedEscalation(escalation), reload, close: () => {} };
  }
  const file = watchEscalation({ config: { ...config, escalationFile }, escalation, logger });
  const calendars = followCalendars({ source: file, fetchCalendar: createFetchCalendar(), logger });
  return {
    current: calendars.current,
    check: file.check,
    alarms: calendars.alarms,
    async reload() {
      await file.check();
      await calendars.refresh();
    },
    close() {
      calendars.close();
      file.close();
    },
  };
}

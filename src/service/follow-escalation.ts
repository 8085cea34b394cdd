import type { Logger } from 'pino';
import type { RoleConfig } from '../config/config.js';
import { fixedEscalation, type EscalationSource } from '../policy/escalation-source.js';
import type { Settings } from './settings.js';
import { watchEscalation } from './watch-escalation.js';

export interface FollowedEscalation extends EscalationSource {
  /** Reads the file again, as SIGHUP asks for. */
  reload: () => Promise<void>;
  close: () => void;
}

/** The escalation of a process that runs for long: it follows its file, if there is one. */
export function followEscalation({ config, escalation }: Settings<RoleConfig>, logger: Logger): FollowedEscalation {
  const { escalationFile } = config;
  if (escalationFile === undefined) {
    const reload = async () => logger.info('SIGHUP: there is no escalation file to read again');
    return { ...fixedEscalation(escalation), reload, close: () => {} };
  }
  const file = watchEscalation({ config: { ...config, escalationFile }, escalation, logger });
  return { current: file.current, alarms: file.alarms, reload: file.check, close: file.close };
}

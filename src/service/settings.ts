import { ConfigError } from '../config/config-error.js';
import { loadConfig, type Config } from '../config/config.js';
import type { Env } from '../config/variables.js';
import { loadEscalation, type EscalationConfig } from '../policy/load.js';
import type { Escalation } from '../policy/route.js';

export interface Settings {
  config: Config;
  escalation: Escalation;
}

/**
 * The environment and the escalation file together.
 *
 * @throws ConfigError with the problems of both, so that one start shows all of them
 */
export function loadSettings(env: Env): Settings {
  const config = attempt(() => loadConfig(env));
  const file = env.ESCALATION_FILE?.trim();
  // An invalid environment must not hide the problems of the file: WHATSAPP_FROM is then taken unchecked.
  const known: EscalationConfig | null =
    'value' in config
      ? config.value
      : file
        ? { escalationFile: file, defaultContact: {}, twilio: { whatsappFrom: env.WHATSAPP_FROM ?? '' } }
        : null;
  const escalation = known ? attempt(() => loadEscalation(known)) : { problems: [] };
  if ('value' in config && 'value' in escalation) return { config: config.value, escalation: escalation.value };
  throw new ConfigError([config, escalation].flatMap((result) => ('problems' in result ? result.problems : [])));
}

function attempt<T>(load: () => T): { value: T } | { problems: string[] } {
  try {
    return { value: load() };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    throw error;
  }
}

import { ConfigError } from '../config/config-error.js';
import { loadConfig, loadRoleConfig, type Config, type RoleConfig } from '../config/config.js';
import type { Part } from '../config/halves.js';
import type { Roles } from '../config/roles.js';
import type { Env } from '../config/variables.js';
import { loadEscalation, type EscalationConfig } from '../policy/load.js';
import type { Escalation } from '../policy/route.js';

export interface Settings<C = Config> {
  config: C;
  escalation: Escalation;
}

/**
 * The whole environment and the escalation file together.
 *
 * @throws ConfigError with the problems of both, so that one start shows all of them
 */
export const loadSettings = (env: Env): Settings => withEscalation(env, () => loadConfig(env));

/** As `loadSettings`, with what these roles need of the environment. */
export const loadRoleSettings = (env: Env, roles: Roles): Settings<RoleConfig> =>
  withEscalation(env, () => loadRoleConfig(env, roles));

function withEscalation<C extends EscalationConfig>(env: Env, load: () => C): Settings<C> {
  const config = attempt(load);
  const file = env.ESCALATION_FILE?.trim();
  // An invalid environment must not hide the problems of the file: WHATSAPP_FROM is then taken unchecked.
  const known: EscalationConfig | null =
    'value' in config
      ? config.value
      : file
        ? { escalationFile: file, defaultContact: {}, whatsappFrom: env.WHATSAPP_FROM ?? '' }
        : null;
  const escalation = known ? attempt(() => loadEscalation(known)) : { problems: [] };
  if ('value' in config && 'value' in escalation) return { config: config.value, escalation: escalation.value };
  throw new ConfigError([config, escalation].flatMap((result) => ('problems' in result ? result.problems : [])));
}

/** What `load` gives, or the problems of the ConfigError that it throws. */
export function attempt<T>(load: () => T): Part<T> {
  try {
    return { value: load() };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    throw error;
  }
}

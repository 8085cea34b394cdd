import { setTimeout as sleep } from 'node:timers/promises';
import type { Env } from '../config/env.js';
import { secretsOf } from '../config/config.js';
import { createLogger } from './logger.js';
import { openHouse, type HouseOptions } from './service.js';
import { refuseSandbox } from './refuse-sandbox.js';
import { loadSettings } from './settings.js';
import { askedToEnd } from './signals.js';

/** Whoever asked us to end kills us after 10 s, as a rule. */
const patience = 9_500;

/**
 * Runs roles until the process is asked to end, or until something breaks.
 *
 * @returns the exit code
 * @throws ConfigError, before anything is begun
 */
export async function runRoles(roles: HouseOptions['roles'], env: Env): Promise<number> {
  const settings = loadSettings(env);
  const { config } = settings;
  await refuseSandbox(config);
  const logger = createLogger({ ...config.log, secrets: secretsOf(config) });
  const end = askedToEnd();
  const house = await openHouse({ ...settings, roles, env, logger, directory: '.data' });
  if (house.webUi !== undefined) logger.info(`Temporal Web UI at ${house.webUi}`);
  if (house.api !== undefined) logger.info(`Tableau and Twilio reach this service at ${config.http.publicUrl}`);

  const why = await Promise.race([end, house.broken]);
  if (why instanceof Error) logger.fatal({ err: why, alarm: 'broken' }, 'ending, for something broke');
  else logger.info(`ending after ${why}`);
  const late = sleep(patience, 'late' as const);
  if ((await Promise.race([house.close(), late])) === 'late') logger.warn('ending without what is still open');
  else logger.info('ended');
  return why instanceof Error ? 1 : 0;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Env } from '../config/variables.js';
import { secretsOf } from '../config/config.js';
import { createLogger } from './logger.js';
import { startService, type ServiceOptions } from './service.js';
import { refuseSandbox } from './refuse-sandbox.js';
import { loadSettings } from './settings.js';
import { shutdownRequested } from './process-end.js';

/** Container runtimes and systemd usually kill a process 10 s after SIGTERM. */
const closeTimeoutMs = 9_500;

/**
 * Runs roles until the process receives a signal to end, or until a part of the service fails.
 *
 * @returns the exit code
 * @throws ConfigError, before anything is started
 */
export async function runRoles(roles: ServiceOptions['roles'], env: Env): Promise<number> {
  const settings = loadSettings(env);
  const { config, escalation } = settings;
  await refuseSandbox(config);
  const logger = createLogger({ ...config.log, secrets: secretsOf(config) });
  if (roles.worker) logger.info(config.tableau.signInReason);
  for (const warning of escalation.warnings ?? []) logger.warn(warning);
  const shutdown = shutdownRequested();
  const service = await startService({ ...settings, roles, env, logger, directory: '.data' });
  if (service.webUi !== undefined) logger.info(`Temporal Web UI at ${service.webUi}`);
  if (service.api !== undefined) logger.info(`Tableau and Twilio reach this service at ${config.http.publicUrl}`);

  const why = await Promise.race([shutdown, service.broken]);
  if (why instanceof Error) logger.fatal({ err: why, alarm: 'broken' }, 'shutting down: a part of the service failed');
  else logger.info(`shutting down after ${why}`);
  const timeout = sleep(closeTimeoutMs, 'timeout' as const);
  if ((await Promise.race([service.close(), timeout])) === 'timeout')
    logger.warn('stopped before everything was closed');
  else logger.info('stopped');
  return why instanceof Error ? 1 : 0;
}

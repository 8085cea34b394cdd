import { setTimeout as sleep } from 'node:timers/promises';
import type { Env } from '../config/variables.js';
import type { Roles } from '../config/roles.js';
import { misspelt } from '../config/misspelt.js';
import { filesReadableByOthers, inContainer } from '../config/readable-files.js';
import { followEscalation } from './follow-escalation.js';
import { createLogger } from './logger.js';
import { startService } from './service.js';
import { refuseSandbox } from './refuse-sandbox.js';
import { loadRoleSettings } from './settings.js';
import { exitOnUncaught, shutdownRequested } from './process-end.js';

/** Container runtimes and systemd usually kill a process 10 s after SIGTERM. */
const closeTimeoutMs = 9_500;

/**
 * Runs roles until the process receives a signal to end, or until a part of the service fails.
 *
 * @returns the exit code
 * @throws ConfigError, before anything is started
 */
export async function runRoles(roles: Roles, env: Env): Promise<number> {
  const settings = loadRoleSettings(env, roles);
  const { config } = settings;
  await refuseSandbox(config);
  const log = { ...config.log, secrets: config.secrets };
  const logger = createLogger(log);
  exitOnUncaught((err) => logger.fatal({ err, alarm: 'broken' }, 'ending: an exception that nothing caught'));
  if (config.tableau) logger.info(config.tableau.signInReason);
  for (const sentence of misspelt(env)) logger.warn(sentence);
  if (!inContainer(env))
    for (const file of filesReadableByOthers(env, process.cwd()))
      logger.warn({ file }, 'other users of this machine can read this file: chmod 600');
  for (const warning of settings.escalation.warnings ?? []) logger.warn(warning);
  const escalation = followEscalation(settings, logger);
  const shutdown = shutdownRequested(() => void escalation.reload());
  const service = await startService({ config, escalation, env, logger, log, directory: '.data' });
  if (service.webUi !== undefined) logger.info(`Temporal Web UI at ${service.webUi}`);
  if (service.api !== undefined) logger.info(`Tableau and Twilio reach this service at ${config.publicUrl}`);

  const why = await Promise.race([shutdown, service.broken]);
  if (why instanceof Error) logger.fatal({ err: why, alarm: 'broken' }, 'shutting down: a part of the service failed');
  else logger.info(`shutting down after ${why}`);
  escalation.close();
  const timeout = sleep(closeTimeoutMs, 'timeout' as const);
  if ((await Promise.race([service.close(), timeout])) === 'timeout')
    logger.warn('stopped before everything was closed');
  else logger.info('stopped');
  return why instanceof Error ? 1 : 0;
}

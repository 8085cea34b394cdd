import type { Logger } from 'pino';
import type { Env } from '../config/variables.js';
import { findBinary } from '../temporal/binaries.js';
import { connectTemporal } from '../temporal/connection.js';
import { startEmbedded, type EmbeddedTemporal } from '../temporal/embedded.js';
import { createSearchAttributes } from '../temporal/search-attributes.js';
import type { RoleConfig } from '../config/config.js';
import type { EscalationSource } from '../policy/escalation-source.js';
import { temporalWebUi } from '../api/external-links.js';
import { startApiInThread } from './api-in-thread.js';
import type { LogOptions } from './logger.js';
import { startApi } from './start-api.js';

/** What the configuration has decides what runs: with `http` the api, with `tableau` and `twilio` the worker. */
export interface ServiceOptions {
  config: RoleConfig;
  escalation: EscalationSource;
  /** Names the folders in which programs are searched (PATH, the cache). */
  env: Env;
  logger: Logger;
  /** How `logger` was made, for another thread. */
  log: Omit<LogOptions, 'destination'>;
  /** Where an embedded Temporal keeps its database. */
  directory: string;
}

export interface Service {
  /** The address at which the api listens, if it runs. */
  api?: string;
  /** Temporal's Web UI, when it is embedded. */
  webUi?: string;
  /** Settles when the workers, if they run, poll. */
  ready: Promise<unknown>;
  /** Settles with the failure when a part ended that must not. */
  broken: Promise<Error>;
  /** Closes the api, lets the workers finish, and stops an embedded Temporal last. */
  close: () => Promise<void>;
}

/** Starts Temporal (if embedded), the workers and the api, as far as the configuration has them. When one fails, closes those started. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { logger } = options;
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) {
      await closer().catch((err: unknown) => logger.error({ err }, 'a part of the service could not be closed'));
    }
  };
  try {
    return { ...(await open(options, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(options: ServiceOptions, closers: (() => Promise<void>)[]): Promise<Omit<Service, 'close'>> {
  const { config, escalation, logger, log } = options;
  const { http } = config;
  const broken: Promise<Error>[] = [];

  const embedded = await startTemporal(options);
  if (embedded) {
    closers.push(embedded.stop);
    broken.push(embedded.gone.then((why) => new Error(`Temporal's development server is gone: ${why}.`)));
  }
  const connect = embedded ? { connectionOptions: { address: embedded.address } } : config.temporal.connect;
  const temporal = connectTemporal(connect);
  closers.push(temporal.close);
  const { address, namespace, security } = temporal;
  logger.info({ address, namespace, security }, 'address of Temporal');
  const searchAttributes = createSearchAttributes(temporal, logger);
  if (embedded) await searchAttributes();

  const { tableau, twilio } = config;
  // Loaded when a worker runs: the packages of workers take a third of a second, which the api and the commands spare.
  const workers =
    tableau && twilio
      ? (await import('./start-workers.js')).startWorkers({ ...options, temporal, tableau, twilio }, closers)
      : undefined;
  if (workers) broken.push(workers.failed);

  let api: string | undefined;
  if (http) {
    const { publicUrl, linkSecret } = config;
    const webUi = embedded?.webUi ?? http.temporalUi;
    const links = webUi === undefined ? {} : { [temporalWebUi]: webUi };
    const apiOptions = { http, publicUrl, ...(linkSecret !== undefined && { linkSecret }), links };
    if (workers) {
      const apart = await startApiInThread({ ...apiOptions, connect, log }, escalation, workers.state);
      broken.push(apart.failed);
      // Together, so that each has the whole time for closing.
      closers.push(async () => void (await Promise.all([apart.close(), workers.stop()])));
      api = apart.address;
    } else {
      const own = await startApi({ ...apiOptions, escalation }, temporal, searchAttributes, logger);
      closers.push(own.close);
      api = own.address;
    }
  }
  return {
    ...(api !== undefined && { api }),
    ...(embedded && { webUi: embedded.webUi }),
    ready: workers?.ready ?? Promise.resolve(),
    broken: Promise.race(broken),
  };
}

/** The embedded development server, or null when the configuration names another Temporal. */
async function startTemporal({ config, env, logger, directory }: ServiceOptions): Promise<EmbeddedTemporal | null> {
  const { embedded } = config.temporal;
  if (embedded === null) return null;
  const log = (line: string) => logger.info(line);
  const binary = await findBinary('temporal', env, { log });
  return startEmbedded({ binary, port: embedded.port, directory, log });
}

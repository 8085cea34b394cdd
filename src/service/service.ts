import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createActivities } from '../activities/index.js';
import { createMayBeAnswered } from '../activities/pending-answers.js';
import { createTableauClient } from '../tableau/client.js';
import { createTwilioClient } from '../twilio/client.js';
import { buildApp } from '../api/app.js';
import type { Env } from '../config/env.js';
import { addressOf } from '../policy/route.js';
import { findBinary } from '../temporal/binaries.js';
import { connectTemporal, type Temporal } from '../temporal/connection.js';
import { startEmbedded } from '../temporal/embedded.js';
import { createSearchAttributes } from '../temporal/search-attributes.js';
import { installRuntime } from './workers.js';
import type { Settings } from './settings.js';
import { hireCrew, type Crew } from './supervise-workers.js';

export interface HouseOptions extends Settings {
  roles: { api: boolean; worker: boolean };
  /** Where programs are looked for (PATH, the cache). */
  env: Env;
  logger: Logger;
  /** Where an embedded Temporal keeps its database. */
  directory: string;
}

export interface House {
  /** Where the api listens, when it does. */
  api?: string;
  /** Temporal's Web UI, when it is embedded. */
  webUi?: string;
  /** Settles when the workers, if there are any, work. */
  begun: Promise<unknown>;
  /** Settles when something ended that must not, with what it was. */
  broken: Promise<Error>;
  /** Closes the api, lets the workers finish, and stops an embedded Temporal last. */
  close: () => Promise<void>;
}

/** Tableau ends a session by itself too. */
const signOutPatience = 500;

/** Temporal, the workers and the api, as far as the roles ask for them. What was begun is closed again when it fails. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const { logger } = options;
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) {
      await closer().catch((err: unknown) => logger.error({ err }, 'something could not be closed'));
    }
  };
  try {
    return { ...(await open(options, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(options: HouseOptions, closers: (() => Promise<void>)[]): Promise<Omit<House, 'close'>> {
  const { config, escalation, roles, env, logger, directory } = options;
  const broken: Promise<Error>[] = [];
  installRuntime(logger);

  let connect = config.temporal.connect;
  let webUi: string | undefined;
  if (config.temporal.embedded) {
    const say = (line: string) => logger.info(line);
    const binary = await findBinary('temporal', env, { say });
    const server = await startEmbedded({ binary, port: config.temporal.embedded.port, directory, say });
    closers.push(server.stop);
    broken.push(server.gone.then((why) => new Error(`Temporal's development server is gone: ${why}.`)));
    connect = { connectionOptions: { address: server.address } };
    webUi = server.webUi;
  }
  const temporal = connectTemporal(connect);
  closers.push(temporal.close);
  const { address, namespace, security } = temporal;
  logger.info({ address, namespace, security }, 'Temporal is to be found there');
  const searchAttributes = createSearchAttributes(temporal, logger);
  if (config.temporal.embedded) await searchAttributes();

  const crew = roles.worker ? openWorkers(options, temporal, closers) : undefined;
  if (crew) broken.push(crew.died);

  let api: string | undefined;
  if (roles.api) {
    const app = await buildApp({
      client: temporal.client,
      config: { ...config.http, twilio: config.twilio },
      escalation,
      searchAttributes,
      logger,
      ...(crew && { workers: crew.state }),
      ...(webUi !== undefined && { links: { 'Temporal Web UI': webUi } }),
    });
    // Together: each may take what time there is.
    closers.push(async () => void (await Promise.all([app.close(), crew?.stop()])));
    const { host, port } = config.http;
    api = await app.listen({ host, port, listenTextResolver: (where) => `listening at ${where}` });
  }
  return {
    ...(api !== undefined && { api }),
    ...(webUi !== undefined && { webUi }),
    begun: crew?.begun ?? Promise.resolve(),
    broken: Promise.race(broken),
  };
}

function openWorkers(options: HouseOptions, temporal: Temporal, closers: (() => Promise<void>)[]): Crew {
  const { config, escalation, logger } = options;
  const tableau = createTableauClient(config.tableau, { logger });
  const activities = createActivities({
    paging: { client: temporal.client, settings: escalation.settings },
    tableau: { tableau, logger },
    twilio: {
      twilio: createTwilioClient(config.twilio),
      config: config.twilio,
      address: (contact, channel) => addressOf(escalation, contact, channel),
      publicUrl: config.http.publicUrl,
      logger,
      mayBeAnswered: createMayBeAnswered(temporal.client),
    },
  });
  closers.push(() => Promise.race([tableau.signOut(), sleep(signOutPatience)]));
  const crew = hireCrew(temporal, activities, logger);
  closers.push(crew.stop);
  return crew;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { workflowsFor } from './workflow-bundle.js';
import type { Activities } from '../activities/index.js';
import type { WorkersState } from '../api/routes/health.js';
import { temporalLogger } from './logger.js';
import type { Temporal } from '../temporal/connection.js';
import { createWorkers, runWorkers, type RunningWorkers } from './workers.js';

export interface Crew {
  state: () => WorkersState;
  /** Settles when the workers work, or were stopped before. */
  begun: Promise<unknown>;
  /** Settles when a worker died, which nothing in this process can mend. */
  died: Promise<Error>;
  stop: () => Promise<void>;
}

const longestPause = 30_000;

/** Brings the workers to work, now or as soon as Temporal can be reached. */
export function hireCrew(temporal: Temporal, activities: Activities, logger: Logger): Crew {
  const asked = new AbortController();
  let running: RunningWorkers | null = null;
  let connection: NativeConnection | null = null;

  async function begin(): Promise<RunningWorkers | null> {
    const workflowBundle = await workflowsFor(temporalLogger(logger));
    for (let pause = 1_000; !asked.signal.aborted; pause = Math.min(pause * 2, longestPause)) {
      try {
        connection = await temporal.forWorkers();
        const { namespace } = temporal;
        running = runWorkers(await createWorkers({ connection, namespace, activities, workflowBundle }));
        logger.info({ address: temporal.address, namespace }, 'workers have begun');
        return running;
      } catch (err) {
        await connection?.close().catch(() => undefined);
        connection = null;
        const { address, security } = temporal;
        logger.error({ err, address, security, alarm: 'temporal-away' }, 'workers cannot begin; trying again');
        await sleep(pause, undefined, { signal: asked.signal }).catch(() => undefined);
      }
    }
    return null;
  }

  const begun = begin();
  const died = new Promise<Error>((settle) => {
    begun
      .then((crew) => crew?.done)
      .catch((error: unknown) => settle(error instanceof Error ? error : new Error(String(error))));
  });
  return {
    state: () => ({ begun: running !== null, workers: running?.state() ?? {} }),
    begun: begun.catch(() => undefined),
    died,
    stop: async () => {
      asked.abort();
      const crew = await begun.catch(() => null);
      // A worker that died has been told by `died`; the others have stopped by then.
      await crew?.stop().catch(() => undefined);
      await connection?.close().catch(() => undefined);
    },
  };
}

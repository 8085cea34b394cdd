import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { loadWorkflowBundle } from './workflow-bundle.js';
import type { Activities } from '../activities/index.js';
import type { WorkersState } from '../api/health/workers-state.js';
import { temporalLogger } from './temporal-logger.js';
import type { Temporal } from '../temporal/connection.js';
import { createWorkers, runWorkers, type RunningWorkers } from './workers.js';

export interface SupervisedWorkers {
  state: () => WorkersState;
  /** Settles when the workers poll, or were stopped before. */
  ready: Promise<unknown>;
  /** Settles when a worker failed; the process cannot recover from that. */
  failed: Promise<Error>;
  stop: () => Promise<void>;
}

const retryMs = { first: 1_000, max: 30_000 };

/** Starts the workers, and retries until Temporal can be reached. */
export function superviseWorkers(temporal: Temporal, activities: Activities, logger: Logger): SupervisedWorkers {
  const stopping = new AbortController();
  let running: RunningWorkers | null = null;
  let connection: NativeConnection | null = null;

  async function start(): Promise<RunningWorkers | null> {
    const workflowBundle = await loadWorkflowBundle(temporalLogger(logger));
    for (let pauseMs = retryMs.first; !stopping.signal.aborted; pauseMs = Math.min(pauseMs * 2, retryMs.max)) {
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
        logger.error({ err, address, security, alarm: 'temporal-unavailable' }, 'workers cannot begin; trying again');
        await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
    return null;
  }

  const started = start();
  const failed = new Promise<Error>((settle) => {
    started
      .then((workers) => workers?.done)
      .catch((error: unknown) => settle(error instanceof Error ? error : new Error(String(error))));
  });
  return {
    state: () => ({ begun: running !== null, workers: running?.state() ?? {} }),
    ready: started.catch(() => undefined),
    failed,
    stop: async () => {
      stopping.abort();
      const workers = await started.catch(() => null);
      // `failed` reports a worker that failed; `runWorkers` has stopped the others.
      await workers?.stop().catch(() => undefined);
      await connection?.close().catch(() => undefined);
    },
  };
}

import { setFlagsFromString } from 'node:v8';
import {
  Runtime,
  Worker,
  type ActivityInterceptorsFactory,
  type NativeConnection,
  type WorkerOptions,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Activities } from '../activities/index.js';
import { mostWebhooks } from '../policy/webhooks.js';
import { temporalLogger } from './temporal-logger.js';
import { taskQueues } from '../workflows/contract.js';

/**
 * Installs Temporal's runtime with our log and without its signal handlers, and lets heaps grow slowly. Once per process, before any use of
 * the SDK.
 */
export function installRuntime(logger: Logger): void {
  // Of all threads: a storm leaves garbage for which V8 would otherwise keep half as much memory again (docs/decisions, 31).
  setFlagsFromString('--heap-growing-percent=30');
  const forward = { level: 'WARN' } as const;
  Runtime.install({
    logger: temporalLogger(logger),
    telemetryOptions: { logging: { forward: {}, filter: { core: forward.level, other: forward.level } } },
    shutdownSignals: [],
  });
}

export interface WorkersOptions {
  connection: NativeConnection;
  namespace: string;
  activities: Activities;
  /** `loadWorkflowBundle`: shared by all workers. */
  workflowBundle: WorkflowBundleOption;
  /** Milliseconds that running activities and workflow tasks get when the workers stop. */
  shutdownGraceMs?: number;
}

/**
 * One worker for each task queue, so that a storm of incidents delays neither pagers nor sends. The rates apply to all workers of
 * a queue together and are about what Twilio accepts from one sender.
 */
export function createWorkers(options: WorkersOptions): Promise<Worker[]> {
  const { activities, workflowBundle, shutdownGraceMs = 6_000, ...where } = options;
  const common = {
    ...where,
    shutdownGraceTime: shutdownGraceMs,
    shutdownForceTime: shutdownGraceMs + 2_000,
    interceptors: { activity: [failOnShutdown] },
  };
  const workflows = {
    workflowBundle,
    maxCachedWorkflows: 300,
    // After a worker was killed, its workflows wait this long before another worker takes them over.
    stickyQueueScheduleToStartTimeout: '3s',
    workflowThreadPoolSize: 1,
    maxConcurrentWorkflowTaskPolls: 5,
  };
  const sends = (perSecond: number) => ({
    activities: { ...activities.sends },
    maxTaskQueueActivitiesPerSecond: perSecond,
    maxConcurrentActivityTaskExecutions: 20,
    maxConcurrentActivityTaskPolls: 2,
  });
  const workers: WorkerOptions[] = [
    {
      ...workflows,
      taskQueue: taskQueues.incidents,
      // On the queue of the workflows that schedule them, so that most start eagerly with the completed workflow task.
      activities: { ...activities.incidents, ...activities.tableau },
      // Activities that call Tableau only wait for its responses.
      maxConcurrentActivityTaskExecutions: 100,
      maxConcurrentActivityTaskPolls: 3,
    },
    {
      ...workflows,
      taskQueue: taskQueues.pagers,
      // Without a rate, which would prevent an eager start: pagers schedule on it what they send alone.
      activities: { ...activities.answers, ...activities.requests, ...activities.sends },
      // Those that take answers to incidents only wait for these.
      maxConcurrentActivityTaskExecutions: 100,
      maxConcurrentActivityTaskPolls: 1,
    },
    {
      activities: { ...activities.intake },
      taskQueue: taskQueues.intake,
      // Batches that are delivered at once share one pace.
      maxConcurrentActivityTaskExecutions: 5,
      maxConcurrentActivityTaskPolls: 1,
    },
    {
      activities: { ...activities.webhooks },
      taskQueue: taskQueues.webhooks,
      // One post of each endpoint, and room for reports, of which a storm has one for each incident.
      maxConcurrentActivityTaskExecutions: mostWebhooks + 20,
      maxConcurrentActivityTaskPolls: 2,
    },
    { ...sends(80), taskQueue: taskQueues.sends.whatsapp },
    { ...sends(40), taskQueue: taskQueues.sends.sms },
    { ...sends(8), taskQueue: taskQueues.sends.call },
  ];
  return Promise.all(workers.map((worker) => Worker.create({ ...common, ...worker })));
}

/**
 * Fails an activity that does not complete within the grace time, so that the next worker retries it at once and not after its
 * timeout. What the activity has requested may still take effect, as when the worker is killed.
 */
const failOnShutdown: ActivityInterceptorsFactory = ({ cancelled }) => ({
  inbound: { execute: (input, next) => Promise.race([next(input), cancelled]) },
});

export interface RunningWorkers {
  /** Task queue → the state of its worker. */
  state: () => Record<string, string>;
  /** Settles when all have stopped; rejects when one failed, after the others were stopped. */
  done: Promise<void>;
  /** Lets running work complete within the grace time, then stops. */
  stop: () => Promise<void>;
}

/** Runs all workers and stops all when one fails: an incomplete set would accept pages and never send them. */
export function runWorkers(workers: readonly Worker[]): RunningWorkers {
  const stopAll = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = workers.map((worker) =>
    worker.run().catch((error: unknown) => {
      stopAll();
      throw new Error(`The worker of ${worker.options.taskQueue} failed.`, { cause: error });
    }),
  );
  const done = Promise.allSettled(runs).then((ends) => {
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  });
  return {
    state: () => Object.fromEntries(workers.map((worker) => [worker.options.taskQueue, worker.getState()])),
    done,
    stop: async () => {
      stopAll();
      await done;
    },
  };
}

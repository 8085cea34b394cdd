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
import { temporalLogger } from './logger.js';
import { taskQueues } from '../workflows/contract.js';

/** Sets Temporal's runtime up: our log, and signals left to us. Once per process, before any other use of the SDK. */
export function installRuntime(logger: Logger): void {
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
  /** `workflowsFor`: shared by all workers. */
  workflowBundle: WorkflowBundleOption;
  /** How long work that has begun may go on when the workers are stopped. */
  shutdownGraceTime?: number;
}

/**
 * One worker for each task queue, so that a storm of incidents stands neither before the pagers nor before the sends.
 * The rates are Temporal's, for all workers of a queue together: about what Twilio takes from one sender.
 */
export function createWorkers(options: WorkersOptions): Promise<Worker[]> {
  const { activities, workflowBundle, shutdownGraceTime = 6_000, ...where } = options;
  const common = {
    ...where,
    shutdownGraceTime,
    shutdownForceTime: shutdownGraceTime + 2_000,
    interceptors: { activity: [endingWithTheWorker] },
  };
  const workflows = {
    workflowBundle,
    maxCachedWorkflows: 300,
    // After a worker was killed its workflows wait as long for it before another takes them.
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
      // On the queue of the workflows that ask, so that the server hands most of them out with the end of the task that asked.
      activities: { ...activities.incidents, ...activities.tableau },
      // Those that Tableau is asked by only wait for answers.
      maxConcurrentActivityTaskExecutions: 100,
      maxConcurrentActivityTaskPolls: 3,
    },
    { ...workflows, taskQueue: taskQueues.pagers },
    { ...sends(80), taskQueue: taskQueues.sends.whatsapp },
    { ...sends(40), taskQueue: taskQueues.sends.sms },
    { ...sends(8), taskQueue: taskQueues.sends.call },
  ];
  return Promise.all(workers.map((worker) => Worker.create({ ...common, ...worker })));
}

/**
 * An activity that is not done within the grace time is given up, and Temporal hears of it at once: the next worker does not
 * have to wait until it is missed. What it has begun outside may yet be done, as when the worker is killed.
 */
const endingWithTheWorker: ActivityInterceptorsFactory = ({ cancelled }) => ({
  inbound: { execute: (input, next) => Promise.race([next(input), cancelled]) },
});

export interface RunningWorkers {
  /** Task queue → what its worker does now. */
  state: () => Record<string, string>;
  /** Settles when all have ended; rejects when one died, after the others were stopped. */
  done: Promise<void>;
  /** Lets the work that has begun end, then ends. */
  stop: () => Promise<void>;
}

/** Runs all workers. Half a set would take pages and never send them: when one dies, all stop. */
export function runWorkers(workers: readonly Worker[]): RunningWorkers {
  const stopAll = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = workers.map((worker) =>
    worker.run().catch((error: unknown) => {
      stopAll();
      throw new Error(`The worker of ${worker.options.taskQueue} died.`, { cause: error });
    }),
  );
  const done = Promise.allSettled(runs).then((ends) => {
    const died = ends.find((end) => end.status === 'rejected');
    if (died) throw died.reason;
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

/** A worker of the workflow `on-call` alone. */
import { DefaultLogger, Worker } from '@temporalio/worker';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createPagingActivities } from '../../src/activities/signal-pagers.js';
import { loadWorkflowBundle } from '../../src/service/workflow-bundle.js';
import { taskQueues } from '../../src/workflows/contract.js';
import { closeLater, escalation } from './service.js';

/** It is stopped at the end of the test file. @returns what stops it sooner */
export async function startOnCallWorker(temporal: TestWorkflowEnvironment): Promise<() => Promise<void>> {
  const lookUp = () => Promise.reject(new Error('nothing is looked up'));
  const worker = await Worker.create({
    connection: temporal.nativeConnection,
    namespace: temporal.namespace ?? 'default',
    taskQueue: taskQueues.incidents,
    workflowBundle: await loadWorkflowBundle(new DefaultLogger('ERROR')),
    activities: createPagingActivities({ client: temporal.client, settings: () => escalation.settings, lookUp }),
  });
  const running = worker.run();
  const stop = async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
  };
  // Before the connection is closed, which would otherwise wait for it.
  closeLater(stop);
  return stop;
}

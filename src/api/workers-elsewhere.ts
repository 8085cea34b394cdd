import type { Client } from '@temporalio/client';
import { taskQueues } from '../workflows/contract.js';

/** A worker asks for work for a minute at most, and then at once again; milliseconds. */
const silence = 90_000;
/** `TASK_QUEUE_TYPE_WORKFLOW` of https://github.com/temporalio/api/blob/master/temporal/api/enums/v1/task_queue.proto */
const ofWorkflows = 1;

/**
 * Whether a worker somewhere asks for work. Workers run all their task queues or none, so one queue tells. Temporal
 * remembers for five minutes who asked, so the time has to be looked at.
 */
export async function workersElsewhere(client: Client, now: number): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueues.incidents },
    taskQueueType: ofWorkflows,
  });
  return (pollers ?? []).some(({ lastAccessTime }) => now - Number(lastAccessTime?.seconds ?? 0) * 1_000 < silence);
}

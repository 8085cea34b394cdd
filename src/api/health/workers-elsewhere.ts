import type { Client } from '@temporalio/client';
import { taskQueues } from '../../workflows/contract.js';

/** A long poll of a worker takes a minute at most. */
const maxPollAgeMs = 90_000;
/** `TASK_QUEUE_TYPE_WORKFLOW` of https://github.com/temporalio/api/blob/master/temporal/api/enums/v1/task_queue.proto */
const ofWorkflows = 1;

/**
 * Whether a worker polls somewhere. A worker process polls all task queues or none, so one queue is enough. Temporal lists
 * pollers for five minutes, so their last access counts.
 */
export async function workersElsewhere(client: Client, now: number): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueues.incidents },
    taskQueueType: ofWorkflows,
  });
  return (pollers ?? []).some(
    ({ lastAccessTime }) => now - Number(lastAccessTime?.seconds ?? 0) * 1_000 < maxPollAgeMs,
  );
}

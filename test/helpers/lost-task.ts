import type { Client } from '@temporalio/client';
import { second } from '../../src/workflows/contract.js';

/** A server gives a workflow task that has not ended after 10 s to a worker again. */
const longestTaskMs = 30 * second;

/**
 * A sentence where the time-skipping server has lost a workflow task, else null. Now and then it executes what a workflow task ordered, such as
 * a signal to another workflow, and keeps the task as started in the history: then that workflow goes on no more.
 */
export async function lostTask({
  client,
  workflows,
  now,
}: {
  client: Client;
  workflows: () => string[];
  now: () => number;
}): Promise<string | null> {
  for (const workflowId of workflows()) {
    const handle = client.workflow.getHandle(workflowId);
    const description = await handle.describe().catch(() => null);
    if (description?.status.name !== 'RUNNING') continue;
    const last = (await handle.fetchHistory()).events?.at(-1);
    const startedMs = Number(last?.eventTime?.seconds ?? 0) * second;
    if (last?.workflowTaskStartedEventAttributes && now() - startedMs > longestTaskMs)
      return `The test server has lost a workflow task of ${workflowId}.`;
  }
  return null;
}

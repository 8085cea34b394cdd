import type { Client } from '@temporalio/client';
import { until } from './until.js';

/** Waits until none of these workflows has a pending workflow task or activity, three times in a row. */
export async function untilQuiet(client: Client, workflowIds: string[]): Promise<void> {
  let turns = 0;
  await until('quiet', async () => {
    turns = (await isQuiet(client, workflowIds)) ? turns + 1 : 0;
    return turns >= 3;
  });
}

async function isQuiet(client: Client, workflowIds: string[]): Promise<boolean> {
  for (const workflowId of workflowIds) {
    const description = await client.workflow
      .getHandle(workflowId)
      .describe()
      .catch(() => null);
    if (description?.raw.pendingWorkflowTask) return false;
    if ((description?.raw.pendingActivities?.length ?? 0) > 0) return false;
  }
  return true;
}

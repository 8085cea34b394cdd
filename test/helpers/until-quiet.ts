import type { Client } from '@temporalio/client';
import { until } from './until.js';

/**
 * Waits until none of these workflows has a pending activity or a new event, three times in a row. The time-skipping server tells of no
 * pending workflow task; one that runs ends with an event.
 */
export async function untilQuiet(client: Client, workflowIds: string[], timeoutMs?: number): Promise<void> {
  let turns = 0;
  let before = '';
  await until(
    'quiet',
    async () => {
      const lengths = await lengthsOf(client, workflowIds);
      turns = lengths !== null && lengths === before ? turns + 1 : 0;
      before = lengths ?? '';
      return turns >= 3;
    },
    timeoutMs,
  );
}

/** How many events each workflow has; null while an activity is pending. */
async function lengthsOf(client: Client, workflowIds: string[]): Promise<string | null> {
  const lengths: number[] = [];
  for (const workflowId of workflowIds) {
    const description = await client.workflow
      .getHandle(workflowId)
      .describe()
      .catch(() => null);
    if ((description?.raw.pendingActivities?.length ?? 0) > 0) return null;
    lengths.push(description?.historyLength ?? 0);
  }
  return lengths.join();
}

import type { Client } from '@temporalio/client';
import { until } from './until.js';

/**
 * Waits until none of these workflows has a pending activity, a workflow task, a signal to another workflow on its way, or a new event, three
 * times in a row.
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
      return turns >= 3 && !(await isBusy(client, workflowIds));
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

/** The time-skipping server shows workflow tasks and signals on their way in histories alone, which are read when all else is quiet. */
async function isBusy(client: Client, workflowIds: string[]): Promise<boolean> {
  for (const workflowId of workflowIds) {
    const handle = client.workflow.getHandle(workflowId);
    const description = await handle.describe().catch(() => null);
    if (description?.status.name !== 'RUNNING') continue;
    let open = 0;
    for (const event of (await handle.fetchHistory()).events ?? []) {
      if (event.workflowTaskScheduledEventAttributes || event.signalExternalWorkflowExecutionInitiatedEventAttributes)
        open += 1;
      else if (
        event.workflowTaskCompletedEventAttributes ||
        event.workflowTaskFailedEventAttributes ||
        event.workflowTaskTimedOutEventAttributes ||
        event.externalWorkflowExecutionSignaledEventAttributes ||
        event.signalExternalWorkflowExecutionFailedEventAttributes
      )
        open -= 1;
    }
    if (open > 0) return true;
  }
  return false;
}

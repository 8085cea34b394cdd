/** Batches of events (docs/decisions, 23) in Temporal's visibility store, which is eventually consistent. */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { intakeType } from '../workflows/intake-contract.js';

const running = `WorkflowType = "${intakeType}" AND ExecutionStatus = "Running"`;

/** Batches that have failures to deliver, those that began until `startedBy` (ms). The others have a memo with what waits. */
export async function* undelivered(client: Client, startedBy?: number): AsyncGenerator<WorkflowExecutionInfo> {
  const query =
    startedBy === undefined ? running : `${running} AND StartTime <= "${new Date(startedBy).toISOString()}"`;
  for await (const batch of client.workflow.list({ query })) if (batch.memo?.['intake'] === undefined) yield batch;
}

/** How many batches ended since then (ms) in another way than with all events delivered. */
export async function countUndelivered(client: Client, since: number): Promise<number> {
  const ends = ['Failed', 'Canceled', 'Terminated', 'TimedOut'].map((status) => `ExecutionStatus = "${status}"`);
  const closed = `CloseTime > "${new Date(since).toISOString()}"`;
  return (await client.workflow.count(`WorkflowType = "${intakeType}" AND ${closed} AND (${ends.join(' OR ')})`)).count;
}

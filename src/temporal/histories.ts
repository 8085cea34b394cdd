/** The histories of workflows as Temporal keeps them: they are read without a worker, also of workflows that have ended. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** A run of a workflow, by Temporal's list, which is a moment late. */
export interface Run {
  workflowId: string;
  runId: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** It had not ended when it was listed. */
  isRunning: boolean;
  /** Its memo as text, while it runs: another one says that something has changed. */
  stamp: string;
}

export interface RunsRequest {
  /** The type of the workflow. */
  type: string;
  /** Runs that ended after it, and those that run. Milliseconds since the epoch. */
  since: number;
  /** No more workflows than that. */
  max: number;
}

export interface ListedRuns {
  /** By workflow id: those that run first, then by their end, the newest first. */
  workflows: Map<string, Run[]>;
  /** There were more than `max`. */
  isCut: boolean;
}

/** @throws whatever Temporal says, also when it does not answer before the deadline of the client */
export async function listRuns(client: Client, { type, since, max }: RunsRequest): Promise<ListedRuns> {
  const over = `CloseTime > "${new Date(since).toISOString()}"`;
  const query = `WorkflowType = "${type}" AND (ExecutionStatus = "Running" OR ${over})`;
  const workflows = new Map<string, Run[]>();
  for await (const { workflowId, runId, startTime, status, memo } of client.workflow.list({
    query,
    pageSize: 1_000,
  })) {
    const runs = workflows.get(workflowId);
    const isRunning = status.name === 'RUNNING';
    const stamp = isRunning ? JSON.stringify(memo ?? {}) : '';
    const run = { workflowId, runId, startedAt: startTime.getTime(), isRunning, stamp };
    if (runs) runs.push(run);
    else if (workflows.size < max) workflows.set(workflowId, [run]);
    else return { workflows, isCut: true };
  }
  return { workflows, isCut: false };
}

/** Null where Temporal has removed it, since its retention was over. @throws as `listRuns` */
export async function readHistory(
  client: Client,
  { workflowId, runId }: Pick<Run, 'workflowId'> & Partial<Pick<Run, 'runId'>>,
): Promise<History | null> {
  try {
    return await client.workflow.getHandle(workflowId, runId).fetchHistory();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

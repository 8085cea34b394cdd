/** The histories of incidents as Temporal keeps them: they are read without a worker, also of workflows that have ended. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { incidentIdOf, incidentType } from '../workflows/contract.js';

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** One incident: the histories of its runs, the oldest first. */
export interface IncidentHistory {
  incident: string;
  runs: History[];
}

export interface HistoriesRequest {
  /** Incidents that ran after it are read. Milliseconds since the epoch. */
  since: number;
  /** No more incidents than that. */
  max: number;
  /** Receives each as it comes, in no order; they are not kept. */
  take: (history: IncidentHistory) => void;
  onProgress: (read: number, all: number) => void;
}

export interface HistoriesRead {
  incidents: number;
  /** There were more than `max`. */
  isCut: boolean;
  /** Runs that Temporal removed, since their retention was over, while they were read. */
  gone: number;
}

const listTimeoutMs = 20_000;
const fetchTimeoutMs = 30_000;
const atOnce = 8;
const tries = 3;
const pauseMs = 500;

interface Run {
  workflowId: string;
  runId: string;
  startedAt: number;
}

/**
 * Reads the histories of the incidents that ran after a time, some at once.
 * @throws whatever Temporal says, also when it does not answer in time
 */
export async function readIncidentHistories(client: Client, request: HistoriesRequest): Promise<HistoriesRead> {
  const { take, onProgress } = request;
  const { incidents, isCut } = await client.withDeadline(Date.now() + listTimeoutMs, () => runsSince(client, request));
  const pending = [...incidents];
  let [read, gone] = [0, 0];
  const work = async (): Promise<void> => {
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [workflowId, runs] = next;
      const histories: History[] = [];
      for (const run of runs.toSorted((a, b) => a.startedAt - b.startedAt)) {
        const history = await historyOf(client, run);
        if (history === null) gone += 1;
        else histories.push(history);
      }
      take({ incident: incidentIdOf(workflowId) ?? workflowId, runs: histories });
      read += 1;
      onProgress(read, incidents.size);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { incidents: incidents.size, isCut, gone };
}

/** The runs of each incident by its workflow id: those that run, and those that ended after the time, the newest end first. */
async function runsSince(client: Client, { since, max }: Pick<HistoriesRequest, 'since' | 'max'>) {
  const over = `CloseTime > "${new Date(since).toISOString()}"`;
  const query = `WorkflowType = "${incidentType}" AND (ExecutionStatus = "Running" OR ${over})`;
  const incidents = new Map<string, Run[]>();
  let isCut = false;
  for await (const { workflowId, runId, startTime } of client.workflow.list({ query, pageSize: 1_000 })) {
    const runs = incidents.get(workflowId);
    const run = { workflowId, runId, startedAt: startTime.getTime() };
    if (runs) runs.push(run);
    else if (incidents.size < max) incidents.set(workflowId, [run]);
    else {
      isCut = true;
      break;
    }
  }
  return { incidents, isCut };
}

/** Null where Temporal has removed it. */
async function historyOf(client: Client, { workflowId, runId }: Run): Promise<History | null> {
  for (let tried = 1; ; tried += 1) {
    try {
      const handle = client.workflow.getHandle(workflowId, runId);
      return await client.withDeadline(Date.now() + fetchTimeoutMs, () => handle.fetchHistory());
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      if (tried === tries) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

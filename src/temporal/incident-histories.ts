/** The histories of all incidents of some time, one after the other. */
import type { Client } from '@temporalio/client';
import { incidentIdOf, incidentType } from '../workflows/contract.js';
import { listRuns, readHistory, type History, type IncidentHistory, type Run } from './histories.js';

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

/**
 * Reads the histories of the incidents that ran after a time, some at once.
 * @throws whatever Temporal says, also when it does not answer in time
 */
export async function readIncidentHistories(client: Client, request: HistoriesRequest): Promise<HistoriesRead> {
  const { since, max, take, onProgress } = request;
  const { workflows: incidents, isCut } = await client.withDeadline(Date.now() + listTimeoutMs, () =>
    listRuns(client, { type: incidentType, since, max }),
  );
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

/** Null where Temporal has removed it. */
async function historyOf(client: Client, run: Run): Promise<History | null> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await client.withDeadline(Date.now() + fetchTimeoutMs, () => readHistory(client, run));
    } catch (error) {
      if (tried === tries) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

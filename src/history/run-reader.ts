/** Reads histories in the background, a few at a time, and keeps what they say: a run that is over is read once. */
import { ValueError } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { readHistory, type History, type Run } from '../temporal/histories.js';
import { isOver } from './history-events.js';
import { factsIn } from './incident-facts.js';
import { createKeptRuns, type RunFacts } from './kept-runs.js';
import { pagerFactsIn } from './pager-facts.js';

/** A call to Temporal with a time limit; it may be repeated. */
export type Request = <T>(timeoutMs: number, call: (client: Client) => Promise<T>) => Promise<T>;

/** The problem of a run for which there is no room. */
export const full = 'no room';

export type RunType = 'incident' | 'pager';

export interface ReaderOptions {
  request: Request;
  /** Histories that are read at the same time. */
  atOnce: number;
  /** What is kept of them takes about so much memory. */
  maxBytes: number;
  /** Milliseconds since the epoch. */
  clock: () => number;
  /** Aborted: nothing more is read. */
  stopped?: AbortSignal;
}

export interface RunReader {
  /** Begins to read what is not known of these runs; those that come first are read first. */
  want: (type: RunType, runs: readonly Run[]) => void;
  /** What is known of a run; undefined: nothing yet. */
  known: (run: Run) => RunFacts | undefined;
  /** Whether nothing more will be known of it for the time being. */
  isSettled: (type: RunType, run: Run) => boolean;
  /** Why a run could not be read lately: what Temporal said, or `full`. */
  problem: (run: Run) => unknown;
  bytes: () => number;
}

const fetchTimeoutMs = 30_000;
/** A run that goes on is read again after that, though its memo is the same. That of a pager changes rarely. */
const maxAgeMs = { incident: 120_000, pager: 5_000 } as const;
/** What could not be read is tried again after that; what there is no room for, later. */
const problemAgeMs = 10_000;
const fullAgeMs = 600_000;

export function createRunReader({ request, atOnce, maxBytes, clock, stopped }: ReaderOptions): RunReader {
  const kept = createKeptRuns(maxBytes, clock);
  const queue = new Map<string, { type: RunType; run: Run }>();
  const underWay = new Set<string>();
  const problems = new Map<string, { at: number; error: unknown }>();

  function isCurrent(type: RunType, run: Run): boolean {
    const entry = kept.get(run.runId);
    if (!entry) return false;
    return entry.isOver || (run.isRunning && entry.stamp === run.stamp && clock() - entry.readAt < maxAgeMs[type]);
  }

  const recentProblem = (runId: string): { error: unknown } | undefined => {
    const problem = problems.get(runId);
    return problem && clock() - problem.at < (problem.error === full ? fullAgeMs : problemAgeMs) ? problem : undefined;
  };

  async function read(type: RunType, run: Run): Promise<void> {
    const { runId } = run;
    try {
      const history = await request(fetchTimeoutMs, (client) => readHistory(client, run));
      const entry = {
        read: history === null ? ({ type: 'gone' } as const) : factsOf(type, history),
        isOver: history === null || isOver(history),
        stamp: run.stamp,
        readAt: clock(),
      };
      if (kept.set(runId, entry)) problems.delete(runId);
      else problems.set(runId, { at: clock(), error: full });
    } catch (error) {
      problems.set(runId, { at: clock(), error });
    }
  }

  async function work(): Promise<void> {
    for (const [runId, { type, run }] of queue) {
      if (stopped?.aborted) return;
      queue.delete(runId);
      underWay.add(runId);
      await read(type, run);
      underWay.delete(runId);
    }
  }

  let working = 0;
  function begin(): void {
    while (working < atOnce && working < queue.size) {
      working += 1;
      void work().finally(() => {
        working -= 1;
      });
    }
  }

  return {
    want: (type, runs) => {
      for (const run of runs) {
        const isDone = underWay.has(run.runId) || recentProblem(run.runId) !== undefined || isCurrent(type, run);
        if (!isDone) queue.set(run.runId, { type, run });
      }
      begin();
    },
    known: ({ runId }) => kept.get(runId)?.read,
    isSettled: (type, run) => recentProblem(run.runId) !== undefined || isCurrent(type, run),
    problem: ({ runId }) => recentProblem(runId)?.error,
    bytes: kept.bytes,
  };
}

function factsOf(type: RunType, history: History): RunFacts {
  try {
    return type === 'incident' ? { type, facts: factsIn(history) } : { type, facts: pagerFactsIn(history) };
  } catch (error) {
    if (error instanceof ValueError) return { type: 'unreadable' };
    throw error;
  }
}

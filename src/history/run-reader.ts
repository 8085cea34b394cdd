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
  /** Reads what is not known of these runs, in their order. Gives for each when it has been tried: none is rejected. */
  read: (type: RunType, runs: readonly Run[]) => Promise<void>[];
  /** What is known of a run; undefined: nothing yet. */
  known: (run: Run) => RunFacts | undefined;
  /** It is known or could not be read, and is not being read again. */
  isSettled: (run: Run) => boolean;
  /** Why a run could not be read when it was tried last: what Temporal said, or `full`. */
  problem: (run: Run) => unknown;
  bytes: () => number;
}

const fetchTimeoutMs = 30_000;
/** A run that goes on is read again after that, though its memo is the same. That of a pager changes rarely. */
const maxAgeMs = { incident: 120_000, pager: 5_000 } as const;
/** What could not be read is tried again after that; what there is no room for, later. */
const problemAgeMs = 10_000;
const fullAgeMs = 600_000;
/** After so many failures one after the other the next runs are not tried before `problemAgeMs` has passed: Temporal does not answer. */
const mostFailures = 20;
/** More problems are not kept; those of runs that are not listed any more go first. */
const mostProblems = 10_000;

export function createRunReader({ request, atOnce, maxBytes, clock, stopped }: ReaderOptions): RunReader {
  const kept = createKeptRuns(maxBytes, clock);
  const inTurn = createTurns(atOnce);
  /** Those that wait for their turn, too. */
  const underWay = new Map<string, Promise<void>>();
  const problems = new Map<string, Problem>();
  let failures: { count: number; last: Problem } | null = null;

  function isCurrent(type: RunType, run: Run): boolean {
    const entry = kept.get(run.runId);
    if (!entry) return false;
    return entry.isOver || (run.isRunning && entry.stamp === run.stamp && clock() - entry.readAt < maxAgeMs[type]);
  }

  const isRecent = ({ at, error }: Problem): boolean => clock() - at < (error === full ? fullAgeMs : problemAgeMs);

  function isWanted(type: RunType, run: Run): boolean {
    const problem = problems.get(run.runId);
    return !(problem && isRecent(problem)) && !isCurrent(type, run);
  }

  function addProblem(runId: string, problem: Problem): void {
    problems.delete(runId);
    problems.set(runId, problem);
    const [oldest] = problems.keys();
    if (problems.size > mostProblems && oldest !== undefined) problems.delete(oldest);
  }

  async function read(type: RunType, run: Run): Promise<void> {
    if (stopped?.aborted) return;
    const { runId } = run;
    if (failures && failures.count >= mostFailures && isRecent(failures.last)) {
      addProblem(runId, failures.last);
      return;
    }
    try {
      const history = await request(fetchTimeoutMs, (client) => readHistory(client, run));
      failures = null;
      const entry = {
        read: history === null ? ({ type: 'gone' } as const) : factsOf(type, history),
        isOver: history === null || isOver(history),
        stamp: run.stamp,
        readAt: clock(),
      };
      if (kept.set(runId, entry)) problems.delete(runId);
      else addProblem(runId, { at: clock(), error: full });
    } catch (error) {
      const last = { at: clock(), error };
      failures = { count: (failures?.count ?? 0) + 1, last };
      addProblem(runId, last);
    }
  }

  function begin(type: RunType, run: Run): Promise<void> {
    const reading = inTurn(() => read(type, run)).finally(() => underWay.delete(run.runId));
    underWay.set(run.runId, reading);
    return reading;
  }

  return {
    read: (type, runs) =>
      runs.map((run) => underWay.get(run.runId) ?? (isWanted(type, run) ? begin(type, run) : Promise.resolve())),
    known: ({ runId }) => kept.get(runId)?.read,
    isSettled: ({ runId }) => !underWay.has(runId) && (problems.has(runId) || kept.get(runId) !== undefined),
    problem: ({ runId }) => problems.get(runId)?.error,
    bytes: kept.bytes,
  };
}

interface Problem {
  at: number;
  error: unknown;
}

/** Does so much work at a time; what was asked for first is done first. */
function createTurns(atOnce: number): (work: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = [];
  let working = 0;
  return async (work) => {
    // Whoever ends hands its turn over.
    if (working < atOnce) working += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else working -= 1;
    }
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

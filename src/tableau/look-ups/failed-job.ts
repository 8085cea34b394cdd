import { setTimeout as sleep } from 'node:timers/promises';
import { minute, second, type Item } from '../../workflows/contract.js';
import type { Jobs, KnownJob } from './jobs.js';

/** A job ends at most this long before or after the `created_at` of its event. */
const maxDistanceMs = 10 * minute;
/** More look-ups do not wait that long for a job: waiting ones occupy the task queue. */
const longDelayMs = second;
const maxWaiting = 10;

export type FindFailedJob = (
  item: Item,
  at: number,
  retryDelaysMs: readonly number[],
  signal: AbortSignal,
) => Promise<KnownJob | undefined>;

/** So long after an event a list of jobs shows what it will ever show of it. */
const settledMs = minute;

/**
 * Finds the failed job of an event that was created at `at`: only a list that was requested after that can have it. Searches again after each
 * delay, because Tableau sends the event before it marks the job failed, and because its clock may be behind ours. So look-ups of a storm share
 * lists, and long after the event one search is enough.
 */
export function createFindFailedJob(jobs: Jobs): FindFailedJob {
  let waiting = 0;
  return async (item, at, retryDelaysMs, signal) => {
    const budget = { left: 5 };
    const search = { status: 'Failed', from: at - maxDistanceMs, to: at + maxDistanceMs, near: at } as const;
    const isSettled = Date.now() >= at + settledMs;
    const listedSince = isSettled ? at + settledMs : at;
    let job = await jobs.find(item, { ...search, listedSince }, budget, signal);
    if (isSettled) return job;
    for (const delayMs of retryDelaysMs) {
      const isLong = delayMs >= longDelayMs;
      if (job || signal.aborted || (isLong && waiting >= maxWaiting)) break;
      if (isLong) waiting += 1;
      await sleep(delayMs);
      if (isLong) waiting -= 1;
      job = await jobs.find(item, { ...search, listedSince: Date.now() - delayMs / 2 }, budget, signal);
    }
    return job;
  };
}

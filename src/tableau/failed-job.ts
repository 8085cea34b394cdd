import { setTimeout as sleep } from 'node:timers/promises';
import { minute, type Item } from '../workflows/contract.js';
import type { Jobs, KnownJob } from './jobs.js';

/** A job ends at most this long before or after the `created_at` of its event. */
const maxDistanceMs = 10 * minute;
const maxListAgeMs = 1_500;
/** More look-ups do not wait for a job: waiting ones occupy the task queue. */
const maxWaiting = 10;

export type FindFailedJob = (
  item: Item,
  at: number,
  retryDelaysMs: readonly number[],
  signal: AbortSignal,
) => Promise<KnownJob | undefined>;

/** Finds the failed job of an event. Searches again after each delay, because Tableau sends the event before it marks the job failed. */
export function createFindFailedJob(jobs: Jobs): FindFailedJob {
  let waiting = 0;
  return async (item, at, retryDelaysMs, signal) => {
    const budget = { left: 5 };
    const search = { status: 'Failed', from: at - maxDistanceMs, to: at + maxDistanceMs, near: at } as const;
    let job = await jobs.find(item, { ...search, maxListAgeMs }, budget, signal);
    for (const delayMs of retryDelaysMs) {
      if (job || signal.aborted || waiting >= maxWaiting) break;
      waiting += 1;
      await sleep(delayMs);
      waiting -= 1;
      job = await jobs.find(item, { ...search, maxListAgeMs: delayMs / 2 }, budget, signal);
    }
    return job;
  };
}

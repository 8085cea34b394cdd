/** What activities that make many requests share. */
import { heartbeat } from '@temporalio/activity';

const heartbeatMs = 10_000;

/** Heartbeats while the work runs. */
export async function withHeartbeat<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => heartbeat(), heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Works on all, so many at once, and resolves when all are done. Rejects with the first failure. */
export async function inLanes<T>(all: readonly T[], lanes: number, work: (one: T) => Promise<void>): Promise<void> {
  const queue = [...all];
  const lane = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

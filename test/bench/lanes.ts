import { setTimeout as pause } from 'node:timers/promises';

/** Runs `work` for 0, 1, … `count - 1`, at most `lanes` at once, and starts at most `perSecond`. */
export async function inLanes<T>(
  count: number,
  lanes: number,
  work: (n: number) => Promise<T>,
  perSecond = Infinity,
): Promise<T[]> {
  const results: T[] = [];
  const began = Date.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const n = next;
      next += 1;
      const waitMs = began + (n * 1_000) / perSecond - Date.now();
      if (waitMs > 0) await pause(waitMs);
      results[n] = await work(n);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane));
  return results;
}

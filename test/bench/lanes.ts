import { setTimeout as pause } from 'node:timers/promises';

/** Does `work` for 0, 1, … `count - 1`, as many at once as there are lanes, and begins at most `perSecond` of them. */
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
      const wait = began + (n * 1_000) / perSecond - Date.now();
      if (wait > 0) await pause(wait);
      results[n] = await work(n);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane));
  return results;
}

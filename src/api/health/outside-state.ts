/** What Tableau and Twilio say of a part of the service, as a worker reads it when somebody looks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cached } from '../cached.js';
import { minute, second } from '../../workflows/contract.js';
import type { OutsideActivities } from '../../workflows/background-contract.js';
import type { ReadByWorker } from '../worker-reads.js';

/** A worker may ask twice. */
const timeoutMs = 9 * second;
/** A page waits so long; then it shows what was known before. */
const waitMs = second;

/**
 * @param states that the activity gives
 * @returns what is known; it reads again what is older than a minute
 */
export function createOutsideState<State extends string>(
  readByWorker: ReadByWorker,
  activity: keyof OutsideActivities,
  states: readonly State[],
  clock: () => number,
): () => Promise<State | 'unknown'> {
  let known: State | 'unknown' = 'unknown';
  const refresh = cached(
    async () => {
      const found = await readByWorker({ activity, id: activity, args: [], timeoutMs });
      known = states.find((state) => state === found) ?? 'unknown';
    },
    minute,
    clock,
  );
  return async () => {
    await Promise.race([refresh(), sleep(waitMs, undefined, { ref: false })]);
    return known;
  };
}

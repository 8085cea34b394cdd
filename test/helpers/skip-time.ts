import { setTimeout as pause } from 'node:timers/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';

/** The server does not skip time any more. Nothing but a new server helps. */
export class ClockLockedError extends Error {}

const lookEveryMs = 5_000;
/** A worker that is slow ends its activity in this time. */
const looksBeforeLocked = 6;

/**
 * Skips time. Now and then Temporal's test server keeps its clock locked, as when a workflow cancels a timer that has just fired
 * (https://github.com/temporalio/sdk-java/issues/2606): then the time would pass as slowly as anywhere.
 * @throws ClockLockedError
 */
export async function skipTime(environment: TestWorkflowEnvironment, ms: number): Promise<void> {
  const giveUp = new AbortController();
  const over = environment.connection.withAbortSignal(giveUp.signal, () => environment.sleep(ms)).then(() => true);
  over.catch(() => undefined);
  let looks = 0;
  let before = await environment.currentTimeMs();
  while (!(await Promise.race([over, pause(lookEveryMs, false, { ref: false })]))) {
    const now = await environment.currentTimeMs();
    // By less than twice the time that has passed: nothing was skipped.
    looks = now - before < 2 * lookEveryMs ? looks + 1 : 0;
    before = now;
    if (looks < looksBeforeLocked) continue;
    // Without this the SDK would repeat the request when the server ends, on a connection that is closed by then.
    giveUp.abort();
    throw new ClockLockedError(`The test server has not skipped time for ${(looks * lookEveryMs) / 1_000} s.`);
  }
}

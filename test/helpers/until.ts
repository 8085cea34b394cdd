import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds from one look to the next: the longer it takes already the more, as each look costs the servers time. */
export const pollAfter = (elapsedMs: number): number => Math.min(250, Math.max(20, elapsedMs / 25));

/**
 * Polls until `find` gives a value; throws after the timeout, naming what did not happen. The timeout is for a machine that is kept busy
 * by other programs.
 */
export async function until<T>(
  what: string | (() => string),
  find: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  timeoutMs = 60_000,
): Promise<T> {
  const began = Date.now();
  for (;;) {
    const found = await find();
    if (found !== null && found !== undefined && found !== false) return found;
    const elapsed = Date.now() - began;
    if (elapsed > timeoutMs) throw new Error(`timed out waiting for ${typeof what === 'string' ? what : what()}`);
    await pause(pollAfter(elapsed));
  }
}

import { setTimeout as pause } from 'node:timers/promises';

/**
 * Polls until `find` gives a value; throws after the timeout, naming what did not happen. The timeout is for a machine that is kept busy
 * by other programs.
 */
export async function until<T>(
  what: string | (() => string),
  find: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await find();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`timed out waiting for ${typeof what === 'string' ? what : what()}`);
    await pause(20);
  }
}

import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until something is there; after `patience` milliseconds it says what was missed. */
export async function until<T>(
  what: string | (() => string),
  find: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  patience = 10_000,
): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await find();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${typeof what === 'string' ? what : what()}`);
    await pause(20);
  }
}

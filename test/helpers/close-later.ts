import { after } from 'node:test';

const closers: (() => Promise<unknown>)[] = [];

/** Closes something at the end of the test file; what was opened last is closed first. */
export const closeLater = (close: () => Promise<unknown>): void => void closers.push(close);

/**
 * `after` within a hook or a test would close what the next test still needs, and here it belongs to the first file that imports
 * this. So `scripts/test.mjs` calls it once more at the end of each file of a process.
 */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close();
}
after(closeAll);

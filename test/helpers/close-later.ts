import { after } from 'node:test';

const ofFile: (() => Promise<unknown>)[] = [];
const ofProcess: (() => Promise<unknown>)[] = [];

/** Closes something at the end of the test file; what was opened last is closed first. */
export const closeLater = (close: () => Promise<unknown>): void => void ofFile.push(close);

/** Closes at the end of the process what its files share. */
export const closeAtEnd = (close: () => Promise<unknown>): void => void ofProcess.push(close);

/**
 * `after` within a hook or a test would close what the next test still needs, and here it belongs to the first file that imports
 * this. So `scripts/test.mjs` calls it once more at the end of each file of a process.
 */
export const closeAll = (): Promise<void> => closeInReverse(ofFile);

async function closeInReverse(closers: (() => Promise<unknown>)[]): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close();
}

after(async () => {
  await closeAll();
  await closeInReverse(ofProcess);
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

/** The greatest heap of a process that leaves 400 MiB of garbage and keeps 20 MiB. */
const greatestHeapBytes = (flag: string): number =>
  Number(
    execFileSync(process.execPath, [
      '--eval',
      `${flag}
      let most = 0;
      const kept = Array.from({ length: 40 }, () => Array.from({ length: 32_000 }, () => ({ a: 1 })));
      for (let round = 0; round < 400; round += 1) {
        kept[round % 40] = Array.from({ length: 32_000 }, () => ({ a: round }));
        most = Math.max(most, process.memoryUsage().heapUsed);
      }
      console.log(most);`,
    ]).toString(),
  );

// A later V8 may not have it: docs/decisions, 31.
test('the flag that workers set keeps a heap with garbage small', () => {
  const without = greatestHeapBytes('');
  const withFlag = greatestHeapBytes("require('node:v8').setFlagsFromString('--heap-growing-percent=30');");
  assert.ok(withFlag < 0.85 * without, `${withFlag} against ${without} bytes`);
});

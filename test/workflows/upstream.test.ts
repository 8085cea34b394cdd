/** Faults of the SDK that the service works around: a failure says that an upgrade has fixed one, and that the work-around can go. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startTemporal } from '../api/service.js';
import { slowMachineTimeoutMs } from '../helpers/processes.js';

const main = fileURLToPath(new URL('../../docs/upstream/query-before-workflow-task/main.mjs', import.meta.url));

test('the SDK applies events that a query brings before their workflow task', async () => {
  const { address } = await startTemporal();
  const options = { env: { PATH: process.env.PATH, TEMPORAL_ADDRESS: address }, timeout: slowMachineTimeoutMs };
  const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
    execFile(process.execPath, [main], options, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? error.signal) : 0, output: stdout + stderr }),
    );
  });
  assert.equal(code, 0, `With code 1, src/workflows/reject-early-events.ts may not be needed any more. ${output}`);
  assert.match(output, /^FAULT: [^]*TMPRL1100/m);
});

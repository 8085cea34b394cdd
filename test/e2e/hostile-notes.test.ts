/** Notes of failed jobs that are made to be slow to read, while the service must answer everybody else. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { createSandbox } from '../../sandbox/sandbox.js';
import { freePort } from '../../src/temporal/ports.js';
import { run } from '../commands/process.js';
import { slowMachineTimeoutMs } from '../helpers/processes.js';
import { until } from '../helpers/until.js';

const accountSid = `AC${'a'.repeat(32)}`;
const authToken = 'c'.repeat(32);
const ana = '+15550141421';

/** A busy machine may take a second; the notes once took 6 s (64 KB) and more than 80 s (150 KB). */
const maxAnswerMs = 3_000;

test('blanks in the notes of a job do not freeze the process', { timeout: 600_000 }, async (t) => {
  const sandbox = createSandbox({ accountSid, authToken, pat: { name: 'e2e', secret: 'pat-secret' } });
  const outside = await sandbox.listen();
  t.after(() => sandbox.close());
  const done = new AbortController();
  // Also after a failure, before the service stops: a refused request would fail the next file of the process.
  t.after(() => done.abort());
  const port = await freePort(21_000 + (process.pid % 500));
  const temporal = await freePort(22_000 + (process.pid % 500), [0, 1000]);
  const url = `http://127.0.0.1:${port}`;
  const started = await run(t, ['start'], {
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: url,
    API_TOKEN: 'api-token-for-e2e-tests',
    TABLEAU_DOMAIN: outside,
    TABLEAU_WEBHOOK_SECRET: 'webhook-secret-for-e2e',
    TABLEAU_PAT_NAME: 'e2e',
    TABLEAU_PAT_SECRET: 'pat-secret',
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_API_BASE_URL: outside,
    TWILIO_FROM_NUMBER: '+15550008888',
    TWILIO_TO_NUMBER: ana,
    EMBEDDED_TEMPORAL_PORT: String(temporal),
  });
  const isReady = async () => (await fetch(`${url}/readyz`).catch(() => null))?.status === 200;
  await until(started.output, isReady, slowMachineTimeoutMs);
  sandbox.subscribe(`${url}/notifier/webhook-secret-for-e2e`);

  let slowestMs = 0;
  const watching = (async () => {
    while (!done.signal.aborted) {
      const before = performance.now();
      assert.equal((await fetch(`${url}/healthz`)).status, 200);
      slowestMs = Math.max(slowestMs, performance.now() - before);
      await sleep(50);
    }
  })();
  const jobsRead = () => sandbox.requests({ target: 'tableau' }).filter(({ path }) => /\/jobs\//.test(path)).length;
  const fails = (name: string, notes: string) => {
    const { luid } = sandbox.panel.add({ kind: 'workbook', name, owner: 'Olga', project: 'Finance' });
    return sandbox.panel.fail(sandbox.panel.find(luid) ?? assert.fail('it was added'), { notes, wait: true });
  };
  await fails('Small', `Login failed.${' '.repeat(64 * 1024)}x`);
  await fails('Large', `Login failed.${' '.repeat(150 * 1024)}x`);
  await until('the jobs to be read', async () => jobsRead() >= 2, slowMachineTimeoutMs);
  const { deliveries } = await fails('Other', 'Disk full.');
  assert.deepEqual(
    deliveries.map(({ status, tries }) => [status, tries]),
    [[200, 1]],
  );
  await until('all three to have been looked up', async () => jobsRead() >= 3, slowMachineTimeoutMs);
  // The notes are read at once when Tableau has answered.
  await sleep(1_000);
  done.abort();
  await watching;
  t.diagnostic(`the slowest answer of /healthz took ${Math.round(slowestMs)} ms`);
  assert.ok(slowestMs < maxAnswerMs, `/healthz took ${Math.round(slowestMs)} ms`);
});

import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { leftRunning } from '../../../src/temporal/embedded.js';
import { freePort } from '../../../src/temporal/ports.js';
import { until } from '../../helpers/until.js';
import { run } from '../../commands/process.js';

const data = (directory: string) => join(directory, '.data');

async function environment(from: number) {
  const port = await freePort(from + (process.pid % 500));
  const temporal = await freePort(from + 1000 + (process.pid % 500), [0, 1000]);
  return {
    NODE_ENV: 'development',
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    API_TOKEN: 'abcdefgh12345678',
    TABLEAU_DOMAIN: 'http://127.0.0.1:9',
    TABLEAU_WEBHOOK_SECRET: 'an-open-secret-of-tests',
    TABLEAU_PAT_NAME: 'pager',
    TABLEAU_PAT_SECRET: 'pat-secret',
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
    TWILIO_API_BASE_URL: 'http://127.0.0.1:9',
    TWILIO_FROM_NUMBER: '+15550009999',
    TWILIO_TO_NUMBER: '+15550000001',
    EMBEDDED_TEMPORAL_PORT: String(temporal),
  };
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/readyz`).catch(() => null);
  return response?.status === 200;
}

describe('start', { timeout: 600_000 }, () => {
  test('embeds Temporal, becomes ready, accepts an event, and stops everything after SIGINT', async (t) => {
    const env = await environment(14_000);
    const open = join(await mkdtemp(join(tmpdir(), 'open-')), 'api-token');
    await chmod(dirname(open), 0o755);
    await writeFile(open, env.API_TOKEN, { mode: 0o644 });
    t.after(() => rm(dirname(open), { recursive: true }));
    const started = await run(t, ['start'], { ...env, API_TOKEN: '', API_TOKEN_FILE: open });
    await until(started.output, () => isReady(env.PUBLIC_URL), 60_000);
    assert.match(
      started.output(),
      new RegExp(`Temporal Web UI at http://127.0.0.1:${Number(env.EMBEDDED_TEMPORAL_PORT) + 1000}`),
    );

    const event = { event_type: 'WorkbookRefreshFailed', resource_luid: 'w-1', resource_name: 'Sales' };
    const post = { method: 'POST', body: JSON.stringify(event) };
    const answer = await fetch(`${env.PUBLIC_URL}/notifier/${env.TABLEAU_WEBHOOK_SECRET}`, post);
    assert.deepEqual([answer.status, await answer.json()], [200, { status: 'accepted', incident: 'refresh:-:w-1' }]);

    assert.match(started.output(), /other users of this machine can read this file: chmod 600.*api-token/);
    started.signal('SIGINT');
    assert.equal(await started.ended, 0);
    assert.match(started.output(), /shutting down after SIGINT[^]*stopped/);
    assert.doesNotMatch(started.output(), /an-open-secret|15550000001|pat-secret/);
    assert.equal(await leftRunning(data(started.directory)), null);
  });

  for (const command of ['api', 'start'])
    test(`a port that is taken is named by ${command}, and nothing is left running`, async (t) => {
      const env = await environment(17_000);
      const foreign = createServer().listen(Number(env.PORT), '127.0.0.1');
      t.after(() => foreign.close());
      const started = await run(t, [command], env);
      assert.equal(await started.ended, 1);
      assert.match(started.output(), /EADDRINUSE.*: set PORT to a free port/);
      assert.equal(await leftRunning(data(started.directory)), null);
    });

  test('when the embedded Temporal dies, the process logs it and exits with 1', async (t) => {
    const env = await environment(12_000);
    const started = await run(t, ['api'], env);
    await until(started.output, () => isReady(env.PUBLIC_URL), 60_000);
    const { readPidFile } = await import('../../../src/temporal/pid-file.js');
    const server = await readPidFile(join(data(started.directory), 'temporal.pid'));
    process.kill(server?.pid ?? assert.fail('there is a pid file'), 'SIGKILL');
    assert.equal(await started.ended, 1);
    assert.match(started.output(), /Temporal's development server is gone: it ended with SIGKILL/);
  });

  test('while Temporal is unavailable, the api starts and reports that it is not ready', async (t) => {
    const env = { ...(await environment(19_500)), TEMPORAL_ADDRESS: '127.0.0.1:9' };
    const started = await run(t, ['start'], env);
    const health = await until(started.output, () => fetch(`${env.PUBLIC_URL}/healthz`).catch(() => null), 60_000);
    assert.equal(health.status, 200);
    const ready = await fetch(`${env.PUBLIC_URL}/readyz`);
    assert.equal(ready.status, 503);
    await until(started.output, () => /workers cannot begin; trying again/.test(started.output()), 30_000);
    started.signal('SIGTERM');
    assert.equal(await started.ended, 0);
  });
});

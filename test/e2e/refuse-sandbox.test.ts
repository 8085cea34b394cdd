import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { refuseSandbox } from '../../src/service/refuse-sandbox.js';
import { loadConfig } from '../../src/config/config.js';
import { createSandbox } from '../../sandbox/sandbox.js';
import { run } from '../commands/process.js';

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
const sandbox = createSandbox({ accountSid: `AC${hex(16)}`, authToken: hex(16), pat: { name: 'x', secret: hex(16) } });
const pretend = await sandbox.listen();
after(() => sandbox.close());

async function server(answer: RequestListener): Promise<string> {
  const listening = createServer(answer).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  after(() => {
    listening.closeAllConnections();
    listening.close();
  });
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

const env = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://pager.example.com',
  API_TOKEN: hex(24),
  TABLEAU_DOMAIN: 'eu-west-1a.online.tableau.com',
  TABLEAU_WEBHOOK_SECRET: hex(24),
  TABLEAU_PAT_NAME: 'pager',
  TABLEAU_PAT_SECRET: hex(24),
  TWILIO_ACCOUNT_SID: `AC${hex(16)}`,
  TWILIO_AUTH_TOKEN: hex(16),
  TWILIO_FROM_NUMBER: '+15550009999',
  TWILIO_TO_NUMBER: '+15550000001',
  TEMPORAL_ADDRESS: '127.0.0.1:9',
};
const refuse = (more: object) => refuseSandbox(loadConfig({ ...env, ...more }));

describe('in production the sandbox is refused', { concurrency: 3 }, () => {
  for (const command of ['start', 'worker'])
    test(`${command} names the variables with its address, and exits with 1`, async (t) => {
      const started = await run(t, [command], { ...env, TABLEAU_DOMAIN: pretend, TWILIO_API_BASE_URL: pretend });
      assert.equal(await started.ended, 1);
      for (const name of ['TABLEAU_DOMAIN', 'TWILIO_API_BASE_URL'])
        assert.match(started.output(), new RegExp(`^  - ${name} leads to the sandbox`, 'm'));
      assert.doesNotMatch(started.output(), /\bat .*\.ts/);
    });

  test('demo does not run, but its help does', async (t) => {
    const [demo, help] = [
      await run(t, [], { NODE_ENV: 'production' }, 'demo'),
      await run(t, ['--help'], { NODE_ENV: 'production' }, 'demo'),
    ];
    assert.equal(await demo.ended, 1);
    assert.match(demo.output(), /does not run with NODE_ENV=production/);
    assert.equal(await help.ended, 0);
  });
});

test('another program on this machine is accepted, whatever it answers', async () => {
  const proxy = await server((_request, response) => response.writeHead(502).end());
  await refuse({ TABLEAU_DOMAIN: proxy, TWILIO_API_BASE_URL: proxy });
});

test('an address that does not answer is accepted within the time limit', async () => {
  const silent = await server(() => undefined);
  const began = Date.now();
  await refuse({ TABLEAU_DOMAIN: silent, TWILIO_API_BASE_URL: 'http://127.0.0.1:9' });
  assert.ok(Date.now() - began < 10_000, `it took ${Date.now() - began} ms`);
});

test('outside production the sandbox is accepted', async () => {
  await refuse({ NODE_ENV: 'test', TABLEAU_DOMAIN: pretend });
});

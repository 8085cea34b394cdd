import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { sendRaw } from '../../helpers/raw-http.js';
import { eventually } from '../service.js';
import { heapUsed, marker, startFuzzedApp, runs, secret } from './service.js';
import { forged, noise } from './requests.js';
import { config } from '../service.js';

let server: Awaited<ReturnType<typeof startFuzzedApp>>;
before(async () => {
  server = await startFuzzedApp();
});

test('a request without valid credentials is 4xx, and Temporal receives nothing', async () => {
  await server.assertHealthy();
  const heap = heapUsed();
  const check = fc.asyncProperty(forged, async ({ pieces, cut }) => {
    const { statuses, text } = await sendRaw(server.port, pieces, { cut });
    for (const status of statuses) assert.ok(status >= 400 && status < 500, `${status}: ${text}`);
    assert.doesNotMatch(text, new RegExp(`${marker}|${secret}|${config.apiToken}|\\.[jt]s:\\d|node_modules`));
    assert.deepEqual(server.requests, []);
  });
  await fc.assert(check, runs(400));
  await server.assertHealthy();
  const grown = heapUsed() - heap;
  assert.ok(grown < 64e6, `${grown} bytes more on the heap`);
});

test('malformed HTTP is never a 5xx, and Temporal receives nothing', async () => {
  const check = fc.asyncProperty(noise, async ({ pieces, cut }) => {
    const { statuses, text } = await sendRaw(server.port, pieces, { cut });
    for (const status of statuses) assert.ok(status < 500, `${status}: ${text}`);
    assert.deepEqual(server.requests, []);
  });
  await fc.assert(check, runs(300));
  await server.assertHealthy();
});

test('afterwards Temporal has only the workflows of valid requests, and the log contains no credential and nothing of the forged requests', async () => {
  const workflows = await eventually(server.workflows, ({ length }) => length >= server.known.size);
  assert.deepEqual(new Set(workflows), server.known);
  assert.doesNotMatch(server.log(), new RegExp(`${marker}|${secret}|${config.apiToken}`));
});

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { sendRaw } from '../../helpers/raw-http.js';
import { eventually } from '../service.js';
import { heapUsed, marker, startFuzzedApp, runs, secret } from './service.js';
import { forged, noise } from './requests.js';
import { config } from '../service.js';

let house: Awaited<ReturnType<typeof startFuzzedApp>>;
before(async () => {
  house = await startFuzzedApp();
});

test('whatever a stranger sends is refused, and Temporal never hears of it', async () => {
  await house.isWell();
  const heap = heapUsed();
  const check = fc.asyncProperty(forged, async ({ pieces, cut }) => {
    const { statuses, text } = await sendRaw(house.port, pieces, { cut });
    for (const status of statuses) assert.ok(status >= 400 && status < 500, `${status}: ${text}`);
    assert.doesNotMatch(text, new RegExp(`${marker}|${secret}|${config.apiToken}|\\.[jt]s:\\d|node_modules`));
    assert.deepEqual(house.told, []);
  });
  await fc.assert(check, runs(400));
  await house.isWell();
  const grown = heapUsed() - heap;
  assert.ok(grown < 64e6, `${grown} bytes more on the heap`);
});

test('what is hardly HTTP is refused, redirected or served as a page, and breaks nothing', async () => {
  const check = fc.asyncProperty(noise, async ({ pieces, cut }) => {
    const { statuses, text } = await sendRaw(house.port, pieces, { cut });
    for (const status of statuses) assert.ok(status < 500, `${status}: ${text}`);
    assert.deepEqual(house.told, []);
  });
  await fc.assert(check, runs(300));
  await house.isWell();
});

test('and in the end Temporal holds nothing but what was sent by who may send it, and the log nothing of the rest', async () => {
  const workflows = await eventually(house.workflows, ({ length }) => length >= house.known.size);
  assert.deepEqual(new Set(workflows), house.known);
  assert.doesNotMatch(house.log(), new RegExp(`${marker}|${secret}|${config.apiToken}`));
});

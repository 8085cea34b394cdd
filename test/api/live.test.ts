import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientWithoutServer, buildTestApi } from './service.js';
import { until } from '../helpers/until.js';

/** An app with a topic whose value the test sets; null: it cannot be read. */
async function liveApp() {
  const app = await buildTestApi(clientWithoutServer(), {
    liveLimits: { everyMs: 20, heartbeatMs: 30, perAddress: 2 },
  });
  let value: string | null = 'one';
  let reads = 0;
  let released = Promise.resolve();
  const read = async () => {
    reads += 1;
    await released;
    if (value === null) throw new Error('unavailable');
    return value;
  };
  app.get('/watched', (request, reply) => app.live(request, reply, { key: 'k', read }, 'one'));
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    app,
    reads: () => reads,
    /** No read ends before the test calls what this gives. */
    hold: () => {
      let release = () => {};
      released = new Promise((resolve) => (release = resolve));
      return () => release();
    },
    set: (to: string | null) => (value = to),
    watch: async () => {
      const ending = new AbortController();
      const response = await fetch(`${address}/watched`, { signal: ending.signal });
      let text = '';
      const done = (async () => {
        for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
      })().catch(() => undefined);
      const events = () => [...text.matchAll(/^event: (.*)$/gm)].map(([, event]) => event);
      return { response, events, text: () => text, done, end: () => ending.abort() };
    },
  };
}

test('a page hears once that it has changed, that nobody can know, and that one can again', async () => {
  const { set, watch } = await liveApp();
  const page = await watch();
  assert.equal(page.response.headers.get('content-type'), 'text/event-stream');
  await until('a heartbeat', async () => /^:$/m.test(page.text()));
  assert.deepEqual(page.events(), []);
  set('two');
  await until('changed', async () => page.events().length === 1);
  set(null);
  await until('unavailable', async () => page.events().length === 2);
  set('two');
  await until('available', async () => page.events().length === 3);
  assert.deepEqual(page.events(), ['changed', 'unavailable', 'available']);
  page.end();
});

test('what many watch is read once for all of them', async () => {
  const { reads, hold, watch, set } = await liveApp();
  const release = hold();
  const pages = [await watch(), await watch()];
  assert.equal(reads(), 1);
  set('two');
  release();
  await until('both hear it', async () => pages.every(({ events }) => events().length === 1));
  for (const page of pages) page.end();
});

test('one address has no more than its share, and the end of the process ends the events', async () => {
  const { app, watch } = await liveApp();
  const pages = [await watch(), await watch()];
  const third = await watch();
  assert.equal(third.response.status, 429);
  await app.close();
  await Promise.all(pages.map(({ done }) => done));
});

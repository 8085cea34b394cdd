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
  const read = async () => {
    reads += 1;
    if (value === null) throw new Error('away');
    return value;
  };
  app.get('/watched', (request, reply) => app.live(request, reply, { key: 'k', read }, 'one'));
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    app,
    reads: () => reads,
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
  await until('away', async () => page.events().length === 2);
  set('two');
  await until('back', async () => page.events().length === 3);
  assert.deepEqual(page.events(), ['changed', 'away', 'back']);
  page.end();
});

test('what many watch is read once, and not at all when nobody does', async () => {
  const { reads, watch, set } = await liveApp();
  const [one, other] = [await watch(), await watch()];
  const before = reads();
  await until('more reads', async () => reads() > before + 5);
  set('two');
  await until('both hear it', async () => one.events().length + other.events().length === 2);
  one.end();
  other.end();
  let last = -1;
  await until('no more reads', async () => {
    const same = last === reads();
    last = reads();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return same;
  });
});

test('one address has no more than its share, and the end of the process ends the events', async () => {
  const { app, watch } = await liveApp();
  const pages = [await watch(), await watch()];
  const third = await watch();
  assert.equal(third.response.status, 429);
  await app.close();
  await Promise.all(pages.map(({ done }) => done));
});

/** Messages and the report while Temporal is unavailable, and where nothing happened. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { assertHas, buildTestApp, clientWithoutServer, config, startTemporal } from './service.js';

const headers = { authorization: `Bearer ${config.apiToken}` };
const asHtml = { ...headers, accept: 'text/html,*/*;q=0.8' };
let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});

test('without Temporal they are answered soon: nothing is known, or Temporal is unavailable', async () => {
  const { app } = await buildTestApp(clientWithoutServer(), { temporalTimeouts: { readyTimeoutMs: 200 } });
  for (const url of ['/messages', '/report', '/report.csv']) {
    const startedAt = Date.now();
    const { statusCode, body } = await app.inject({ url, headers });
    // Temporal alone would be waited for for 20 s; a busy machine is slow.
    assert.ok(Date.now() - startedAt < 8_000, url);
    assert.ok([200, 503].includes(statusCode), `${url}: ${statusCode}`);
    if (statusCode === 200 && url !== '/report.csv') assertHas(JSON.parse(body), { isComplete: false });
    if (statusCode === 200 && url === '/report') assertHas(JSON.parse(body), { lastNight: null, isWhole: false });
  }
});

test('where nothing happened there is nothing, as JSON for whoever takes anything and as a page for a browser', async () => {
  const { app } = await buildTestApp(client);
  const list = await app.inject({ url: '/messages?since=1h', headers: { ...headers, accept: '*/*' } });
  assertHas(list.json(), { messages: [], next: null, currency: null, isComplete: true, notes: [] });
  assert.equal(list.headers.vary, 'accept');
  const report = await app.inject({ url: '/report?since=7d', headers });
  assertHas(report.json(), { zone: 'UTC', currency: null, people: [], isComplete: true });
  for (const [url, title] of [
    ['/messages', 'Messages and calls'],
    ['/report', 'Report'],
  ] as const) {
    const { statusCode, body, headers: sent } = await app.inject({ url, headers: asHtml });
    assert.equal(statusCode, 200);
    assert.match(String(sent['content-type']), /^text\/html/);
    assert.match(body, new RegExp(`<h1>${title}</h1>`));
    assert.doesNotMatch(body, /data-live/, 'a page that is complete asks for nothing more');
  }
});

test('the CSV is named after the day on the clock of the reader', async () => {
  const { app } = await buildTestApp(client, { clock: () => Date.parse('2026-11-30T23:30:00Z') });
  const nameIn = async (zone: string) =>
    (await app.inject({ url: `/report.csv?since=24h&zone=${zone}`, headers })).headers['content-disposition'];
  assert.equal(await nameIn('UTC'), 'attachment; filename="report-2026-11-30-24h.csv"');
  assert.equal(await nameIn('Europe/Berlin'), 'attachment; filename="report-2026-12-01-24h.csv"');
});

test('messages say that Temporal does not keep them as long as was asked for', async () => {
  const { app } = await buildTestApp(client);
  const kept = /Temporal keeps what has ended for \d+ (?:hours|days?), so that older messages may be missing\./;
  const { notes } = (await app.inject({ url: '/messages?since=90d', headers })).json<{ notes: string[] }>();
  assert.match(notes.join(' '), kept);
  assert.match((await app.inject({ url: '/messages?since=90d', headers: asHtml })).body, kept);
  const { body } = await app.inject({ url: '/messages?since=1h', headers: asHtml });
  assert.doesNotMatch(body, kept);
});

test('a page that was not complete hears when more has been read', async () => {
  const { app } = await buildTestApp(client, { liveLimits: { everyMs: 50 } });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const ending = new AbortController();
  for (const of of ['messages', 'report']) {
    const response = await fetch(`${address}/live/history?of=${of}&since=7d&seen=0-9.0-`, {
      headers,
      signal: ending.signal,
    });
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (/^event: changed$/m.test(text)) break;
    }
    assert.match(text, /^event: changed$/m);
  }
  ending.abort();
  const other = await app.inject({ url: '/live/history?of=everything&since=7d&seen=', headers });
  assert.equal(other.statusCode, 400);
  const stranger = await app.inject({ url: '/live/history?of=report&since=7d&seen=' });
  assert.equal(stranger.statusCode, 401);
});

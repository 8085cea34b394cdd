/** Requests with valid credentials and unusual contents. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { sendRaw, rawRequest } from '../../helpers/raw-http.js';
import { byTwilio, config, sidFor } from '../service.js';
import { startFuzzedApp, runs, secret } from './service.js';
import { bodies } from './requests.js';

let server: Awaited<ReturnType<typeof startFuzzedApp>>;
before(async () => {
  // No worker runs, so that no outcome is worth waiting for.
  server = await startFuzzedApp({ temporalTimeouts: { outcomeTimeoutMs: 1 } });
});

const post = (path: string, body: Uint8Array, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { method: 'POST', body, headers });
const bearer = { authorization: `Bearer ${config.apiToken}` };
const anyText = (maxLength: number) => fc.string({ unit: 'binary', maxLength });
const luid = fc.uuid().map((id) => `item-${id}`);

test('with the right secret a body that is not an event is 400 or 413, and Temporal receives nothing', async () => {
  const wrong = bodies.filter((body) => !/^\uFEFF?\s*(\{\s*\})?\s*$|"event_type"/.test(Buffer.from(body).toString()));
  const check = fc.asyncProperty(wrong, async (body) => {
    const answer = await post(`/notifier/${secret}`, body, { 'content-type': 'text/plain' });
    assert.ok([400, 413].includes(answer.status), `${answer.status}`);
    assert.deepEqual(server.requests, []);
  });
  await fc.assert(check, runs(150));
  await server.assertHealthy();
});

test('an event may have any text in any field, unknown fields, and any content type', async () => {
  const printable = fc
    .string({
      unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constant('\uD800')),
      maxLength: 250,
    })
    .map((text) => text.replaceAll(/\p{Cc}/gu, '').slice(0, 200));
  const event = fc.record({
    event_type: printable.map((text) => `${text}RefreshFailed`),
    resource_luid: fc.tuple(luid, printable).map(([id, text]) => (id + text).slice(0, 256)),
    site_luid: fc.oneof(printable, fc.constant(null)),
    resource_name: fc.oneof(anyText(5_000), fc.constant('́'.repeat(20_000)), fc.constant(null)),
    created_at: fc.oneof(anyText(50), fc.constantFrom('9999-12-31T23:59:59Z', '0000-01-01T00:00:00+99:99', '')),
    resource: fc.constantFrom('WORKBOOK', null),
    ['__proto__']: fc.jsonValue({ maxDepth: 2 }),
    more: fc.jsonValue({ maxDepth: 3 }),
  });
  const check = fc.asyncProperty(event, fc.constantFrom('', '\uFEFF', ' \n'), async (fields, mark) => {
    const answer = await post(`/notifier/${secret}`, Buffer.from(mark + JSON.stringify(fields)), {
      'content-type': 'x/y',
    });
    assert.equal(answer.status, 200, await answer.text());
    assert.equal(server.requests.splice(0).length, 1);
  });
  await fc.assert(check, runs(100));
});

test('a body that is not UTF-8 is 400, whole or chunked, at every endpoint that reads JSON', async () => {
  const event = Buffer.from('{"event_type":"WorkbookRefreshFailed","resource_luid":"Ä","by":"Ä"}', 'latin1');
  for (const endpoint of [`/notifier/${secret}`, '/incidents/x/acknowledge', '/silences', '/schedules/x/overrides']) {
    const head: [string, string][] = [
      ['Host', 'x'],
      ['Connection', 'close'],
      ['Content-Type', 'application/json'],
      ['Authorization', bearer.authorization],
    ];
    const chunk = Buffer.concat([Buffer.from(`${event.length.toString(16)}\r\n`), event, Buffer.from('\r\n0\r\n\r\n')]);
    const whole = rawRequest('POST', endpoint, [...head, ['Content-Length', String(event.length)]], event);
    const chunked = rawRequest('POST', endpoint, [...head, ['Transfer-Encoding', 'chunked']], chunk);
    for (const request of [whole, chunked]) {
      const { statuses, text } = await sendRaw(server.port, [request]);
      assert.deepEqual(statuses, [400]);
      assert.match(text, /not UTF-8/);
    }
  }
  assert.deepEqual(server.requests, []);
});

test('the secret may be percent-encoded', async () => {
  const encoded = Buffer.from(secret).toString('hex').replaceAll(/../g, '%$&');
  for (const path of [`/notifier/${encoded}`, `/notifier?secret=${encoded}`])
    assert.equal((await post(path, Buffer.from('{}'))).status, 200, path);
});

test('a request with a valid Twilio signature is answered with 2xx, whatever its fields contain, or 403 for its SID', async () => {
  const sids = [
    ['MessageSid', sidFor('SM', 'fuzz')],
    ['CallSid', sidFor('CA', 'fuzz')],
  ] as const;
  const name = fc.constantFrom(
    'From',
    'Body',
    'MessageSid',
    'Digits',
    'ButtonPayload',
    'ErrorCode',
    'MessageStatus',
    'X',
  );
  const value = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 100 }),
    fc.constantFrom(
      '+15550000001',
      'whatsapp:+15550000001',
      '1',
      'ACK',
      'SNOOZE 99999999999h',
      '9'.repeat(5_000),
      '\u0000',
    ),
  );
  const fields = fc.array(fc.tuple(name, value), { maxLength: 6 }).map((pairs) => [...new Map(pairs)]);
  const query = fc.constantFrom(
    'ana',
    'nobody',
    '',
    '%00',
    'a'.repeat(3_000),
    '%F0%9F%98%80',
    '__proto__',
    'constructor',
  );
  const endpoint = fc.constantFrom('message', 'call', 'status');
  const check = fc.asyncProperty(endpoint, query, fields, async (to, contact, form) => {
    const path = `/twilio/${to}?contact=${contact}&attempt=${contact}`;
    const { headers, payload } = byTwilio(path, [...new Map([...sids, ...form])]);
    const answer = await post(path, Buffer.from(payload), headers);
    const isExpected = answer.ok || (answer.status === 403 && form.some(([field]) => field === 'MessageSid'));
    assert.ok(isExpected, `${path} ${answer.status} ${await answer.text()}`);
  });
  await fc.assert(check, runs(150));
  server.requests.length = 0;
  await server.assertHealthy();
});

test('any request with the api token: an unknown id is 404, an invalid request is 400 or 413', async () => {
  // A client resolves dots by itself.
  const id = fc.oneof(
    anyText(50).filter((text) => !/^\.{0,2}$/.test(text)),
    fc.constantFrom(
      '\u0000',
      'a/b',
      '...',
      'x'.repeat(992),
      '😀'.repeat(300),
      '__proto__',
      'refresh:-:none',
      "' OR 1=1",
    ),
  );
  const verb = fc.constantFrom('', '/acknowledge', '/resolve', '/rerun', '/snooze');
  const body = fc.oneof(
    bodies.map((bytes) => Buffer.from(bytes)),
    fc.record({ by: anyText(80), duration: anyText(10) }).map((fields) => Buffer.from(JSON.stringify(fields))),
    fc.constant(Buffer.from('{"__proto__":{"by":"x"},"constructor":{"prototype":{}}}')),
  );
  const check = fc.asyncProperty(id, verb, body, async (what, endpoint, sent) => {
    const path = `/incidents/${encodeURIComponent(what)}${endpoint}`;
    const answer = endpoint
      ? await post(path, sent, { ...bearer, 'content-type': 'application/json' })
      : await fetch(server.url + path, { headers: bearer });
    assert.ok([400, 404, 413].includes(answer.status), `${path} ${answer.status} ${await answer.text()}`);
  });
  await fc.assert(check, runs(150));
  const entries = fc.asyncProperty(id, body, fc.constantFrom('/silences', '/overrides'), async (what, sent, kind) => {
    const encoded = encodeURIComponent(what);
    const path = kind === '/silences' ? kind : `/schedules/${encoded}${kind}`;
    const answers = [
      await post(path, sent, { ...bearer, 'content-type': 'application/json' }),
      await fetch(`${server.url}${path}/${encoded}`, { method: 'DELETE', headers: bearer }),
    ];
    for (const answer of answers)
      assert.ok([400, 404, 413].includes(answer.status), `${path} ${answer.status} ${await answer.text()}`);
  });
  await fc.assert(entries, runs(100));
  const list = fc.asyncProperty(
    anyText(40),
    fc.constantFrom('state', 'limit', 'cursor', 'x', '__proto__'),
    async (value, field) => {
      const query = new URLSearchParams([[field, value]]).toString();
      const answer = await fetch(`${server.url}/incidents?${query}`, { headers: bearer });
      // A long body that nobody reads keeps its connection: after thousands of them requests time out.
      await answer.arrayBuffer();
      assert.ok([200, 400].includes(answer.status), `${query} ${answer.status}`);
    },
  );
  await fc.assert(list, runs(100));
  server.requests.length = 0;
  await server.assertHealthy();
});

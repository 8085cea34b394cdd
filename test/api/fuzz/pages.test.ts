import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { buildTestApi, config, escalation, startTemporal } from '../service.js';
import { runs } from './service.js';

let app: FastifyInstance;
/** It waits for Temporal for a moment only: no worker takes an override, and what is valid is answered 503 then. */
let hurried: FastifyInstance;
let cookie: string;
let csrf: string;

before(async () => {
  const { client } = await startTemporal();
  app = await buildTestApi(client, { escalation });
  hurried = await buildTestApi(client, { escalation, temporalTimeouts: { readTimeoutMs: 300, outcomeTimeoutMs: 100 } });
  const headers = { authorization: `Bearer ${config.apiToken}`, accept: 'text/html' };
  const page = await app.inject({ url: '/on-call', headers });
  cookie = [page.headers['set-cookie'] ?? []]
    .flat()
    .map((line) => line.split(';')[0])
    .join('; ');
  csrf = /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
  assert.ok(csrf);
});

const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    'ana',
    '1h',
    '2026-12-24T18:00',
    'x'.repeat(600),
    '<script>alert(1)</script>',
    '\u202e',
    '%00',
  ),
);
const filters = fc.record(
  {
    state: odd,
    item: odd,
    project: odd,
    site: odd,
    contact: odd,
    since: odd,
    q: odd,
    limit: odd,
    cursor: odd,
    seen: odd,
  },
  { requiredKeys: [] },
);

const headersFor = (accept: string) => ({ authorization: `Bearer ${config.apiToken}`, accept, cookie });

test('no filter makes an error of ours, and none comes back as markup', async () => {
  const check = fc.asyncProperty(filters, fc.constantFrom('text/html', 'application/json'), async (given, accept) => {
    const query = new URLSearchParams(given).toString();
    const answer = await app.inject({ url: `/incidents?${query}`, headers: headersFor(accept) });
    assert.ok(answer.statusCode === 200 || answer.statusCode === 400, `${answer.statusCode} for ${query}`);
    assert.doesNotMatch(answer.body, accept === 'text/html' ? /<script>alert/ : /^</);
  });
  await fc.assert(check, runs(150));
});

test('no form makes an error of ours', async () => {
  const uuid = fc.uuid({ version: 4 });
  const forms = fc.oneof(
    fc.record({
      path: fc.constant('/on-call/overrides'),
      fields: fc.record(
        { id: fc.oneof(uuid, odd), schedule: odd, contact: odd, from: odd, to: odd },
        { requiredKeys: [] },
      ),
    }),
    fc.record({
      path: fc.constant('/on-call/silences'),
      fields: fc.record(
        { id: fc.oneof(uuid, odd), item: odd, project: odd, for: odd, reason: odd },
        { requiredKeys: [] },
      ),
    }),
    fc.record({
      path: fc.constantFrom('/on-call/overrides/end', '/on-call/silences/end'),
      fields: fc.record({ id: fc.oneof(uuid, odd), schedule: odd }, { requiredKeys: [] }),
    }),
    fc.record({
      path: fc.constant('/incidents/refresh:s:none/answers'),
      fields: fc.record(
        { nonce: fc.oneof(uuid, odd), verb: fc.oneof(fc.constantFrom('acknowledge', 'snooze'), odd), duration: odd },
        { requiredKeys: [] },
      ),
    }),
  );
  const check = fc.asyncProperty(forms, async ({ path, fields }) => {
    const payload = new URLSearchParams({ ...fields, _csrf: csrf }).toString();
    const headers = { ...headersFor('text/html'), 'content-type': 'application/x-www-form-urlencoded' };
    const { statusCode, body } = await hurried.inject({ method: 'POST', url: path, headers, payload });
    assert.ok([303, 400, 404, 503].includes(statusCode), `${statusCode} for ${path} ${payload}`);
    if (statusCode === 503) assert.match(body, /not known whether this was recorded|Temporal does not/);
    assert.doesNotMatch(body, /<script>alert/);
  });
  await fc.assert(check, runs(150));
});

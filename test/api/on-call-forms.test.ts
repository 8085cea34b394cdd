/** The forms of the page of who is on call, as a browser sends them. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { readEscalation } from '../../src/policy/load.js';
import { readOverrides } from '../../src/temporal/on-call.js';
import { csrfOf, signedIn, type BrowserSession } from './browser-session.js';
import { startOnCallWorker } from './on-call-worker.js';
import { buildTestApi, startTemporal } from './service.js';

const escalation = readEscalation(
  'e.yaml',
  `contacts:
  ana: { phone: "+15550000001" }
  ben: { phone: "+15550000002" }
schedules:
  data: { timezone: UTC, rotation: { contacts: [ana], every: 1w, start: "2026-01-05T09:00" } }
policies:
  default: { steps: [{ page: [schedule/data], by: sms, wait: 5m }] }
`,
);
let app: FastifyInstance;
let client: Client;
let olga: BrowserSession;
before(async () => {
  const temporal = await startTemporal();
  ({ client } = temporal);
  await startOnCallWorker(temporal);
  app = await buildTestApi(client, { escalation });
  olga = await signedIn(app);
});

const inDays = (days: number, clock = '10:00') =>
  `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T${clock}`;
/** What the form of a page carries besides what somebody fills in. */
const hiddenIn = (body: string, action: string) => {
  const form = body.slice(body.indexOf(`action="${action}"`));
  return { _csrf: csrfOf(form), id: /name="id" value="([^"]+)"/.exec(form)?.[1] ?? '' };
};

test('a form that was refused can be corrected and sent again', async () => {
  const action = '/on-call/overrides';
  const form = hiddenIn((await olga.get('/on-call')).body, action);
  const fields = { schedule: 'data', contact: 'ben' };
  const first = await olga.post(action, { ...form, ...fields, from: inDays(3), to: inDays(5) });
  assert.equal(first.statusCode, 303, first.body);
  const second = hiddenIn((await olga.get('/on-call')).body, action);
  const refused = await olga.post(action, { ...second, ...fields, from: inDays(4), to: inDays(6) });
  assert.equal(refused.statusCode, 400);
  assert.match(refused.body, /From and to overlap the override \(ben from \w+ \d+ \w+, 10:00 to/);
  const again = hiddenIn(refused.body, action);
  const corrected = await olga.post(action, { ...again, ...fields, from: inDays(5), to: inDays(6) });
  assert.equal(corrected.statusCode, 303, corrected.body);
  assert.equal((await readOverrides(client)).length, 2);
});

test('a form says what is missing in its own words', async () => {
  const page = (await olga.get('/on-call')).body;
  const override = hiddenIn(page, '/on-call/overrides');
  const times = { from: 'tomorrow', to: inDays(2) };
  const noTime = await olga.post('/on-call/overrides', { ...override, schedule: 'data', contact: 'ben', ...times });
  assert.match(noTime.body, /id="data-from-wrong">Give a date and a time\./);
  const silence = hiddenIn(page, '/on-call/silences');
  const noMatch = await olga.post('/on-call/silences', { ...silence, for: '2h', reason: 'Upgrade' });
  assert.match(noMatch.body, /class="wrong">Fill in at least one of item/);
});

test('what was made or ended is said only while it is so', async () => {
  const action = '/on-call/overrides';
  const form = hiddenIn((await olga.get('/on-call')).body, action);
  const fields = { schedule: 'data', contact: 'ben', from: inDays(10), to: inDays(11) };
  const made = String((await olga.post(action, { ...form, ...fields })).headers.location);
  assert.match((await olga.get(made)).body, /The override is made/);
  const end = { ...form, schedule: 'data' };
  const ended = String((await olga.post('/on-call/overrides/end', end)).headers.location);
  assert.match((await olga.get(ended)).body, /The override is ended/);
  assert.doesNotMatch((await olga.get(made)).body, /The override is made/);
});

test('an open page hears of a change alone', async () => {
  const seenBy = async () => /seen=([\w-]+)"/.exec((await olga.get('/on-call')).body)?.[1];
  const first = await seenBy();
  assert.ok(first);
  assert.equal(await seenBy(), first);
  const form = hiddenIn((await olga.get('/on-call')).body, '/on-call/silences');
  await olga.post('/on-call/silences', { ...form, item: 'Sales', for: '2h', reason: 'Upgrade' });
  assert.notEqual(await seenBy(), first);
});

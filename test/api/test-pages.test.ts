/** Test pages from the page of health: who may send them, and how many. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { defaultTemporalTimeouts } from '../../src/api/temporal-gateway.js';
import { createTestPages } from '../../src/api/health/test-pages.js';
import { pagerId } from '../../src/workflows/pager-contract.js';
import { browserSession, csrfOf, signedIn } from './browser-session.js';
import { buildTestApp, escalation, signalsOf, startTemporal, textsTo } from './service.js';

let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});

const formOf = (body: string, contact: string, channel: string) => {
  const forms = body.split('<form').filter((form) => form.includes('/health/test-page'));
  const form = forms.find((one) => one.includes(`id="test-${contact}-${channel}"`)) ?? '';
  return { _csrf: csrfOf(form), id: /name="id" value="([^"]+)"/.exec(form)?.[1] ?? '', contact, channel };
};

test('a test page goes to the pager of the contact, once for a form, and the page confirms it', async () => {
  const { app } = await buildTestApp(client);
  const admin = await signedIn(app);
  const fields = formOf((await admin.get('/health')).body, 'ana', 'sms');
  for (let times = 0; times < 2; times += 1) {
    const response = await admin.post('/health/test-page', fields);
    assert.deepEqual([response.statusCode, response.headers.location], [303, '/health?sent=ana&by=sms']);
  }
  const expected =
    'TEST by SMS: no refresh has failed, nothing is to be done. webhooks.example.com sends this to try how it reaches ana.';
  assert.deepEqual(await textsTo(client, 'ana'), [expected]);
  const { body } = await admin.get('/health?sent=ana&by=sms');
  assert.match(body, /role="status">A test to ana by SMS is recorded/);
  assert.doesNotMatch((await admin.get('/health?sent=%3Cb%3E&by=sms')).body, /A test to/);
});

test('a test page needs a form of the same browser, an admin, and a contact with such an address', async () => {
  const { app } = await buildTestApp(client);
  const admin = await signedIn(app);
  const fields = formOf((await admin.get('/health')).body, 'lead', 'sms');
  const codeOf = async (given: Record<string, string>, browser = admin) => {
    const { statusCode, body } = await browser.post('/health/test-page', given);
    return [statusCode, /<code>([A-Z_]+)<\/code>/.exec(body)?.[1]];
  };
  const { _csrf, ...without } = fields;
  const another = await signedIn(app, 'Ben');
  assert.deepEqual(await codeOf(without), [403, 'BAD_FORM']);
  assert.deepEqual(await codeOf({ ...fields, _csrf: `${_csrf}x` }), [403, 'BAD_FORM']);
  assert.deepEqual(await codeOf(fields, another), [403, 'BAD_FORM'], 'of another browser');
  assert.deepEqual(await codeOf({ ...fields, contact: 'stranger' }), [400, 'NO_ADDRESS']);
  assert.deepEqual(await codeOf({ ...fields, channel: 'whatsapp' }), [400, 'NO_ADDRESS']);
  assert.deepEqual((await codeOf({ ...fields, channel: 'fax' }))[0], 400);
  assert.equal((await browserSession(app).post('/health/test-page', fields)).statusCode, 401);
  assert.equal((await textsTo(client, 'lead')).length, 0);
});

test('a test call goes to the pager, too', async () => {
  const { app } = await buildTestApp(client);
  const admin = await signedIn(app);
  const fields = formOf((await admin.get('/health')).body, 'ana', 'call');
  const response = await admin.post('/health/test-page', fields);
  assert.equal(response.headers.location, '/health?sent=ana&by=call');
  const text =
    'TEST by call: no refresh has failed, nothing is to be done. webhooks.example.com calls to try how it reaches ana.';
  const { payload } = (await signalsOf(client, pagerId('ana'))).at(-1) ?? {};
  assert.deepEqual(payload, { noticeId: `test:${fields.id}`, kind: 'text', text, channel: 'call' });
  assert.match((await admin.get('/health?sent=ana&by=call')).body, /A test to ana by call is recorded/);
});

test('a test page is limited for each contact', async () => {
  const { app } = await buildTestApp(client);
  const admin = await signedIn(app);
  const codes: number[] = [];
  for (let times = 0; times < 4; times += 1) {
    const fields = formOf((await admin.get('/health')).body, 'lead', 'sms');
    codes.push((await admin.post('/health/test-page', fields)).statusCode);
  }
  assert.deepEqual(codes, [303, 303, 303, 429]);
  assert.equal((await textsTo(client, 'lead')).length, 3);
});

test('a test page is limited for forms that are sent at the same moment, too, and one form sent twice then is one page', async () => {
  const { app } = await buildTestApp(client);
  const admin = await signedIn(app);
  const fields = formOf((await admin.get('/health')).body, 'lead', 'sms');
  const earlier = (await textsTo(client, 'lead')).length;
  const send = async (id: string) => (await admin.post('/health/test-page', { ...fields, id })).statusCode;
  assert.deepEqual(await Promise.all([send(fields.id), send(fields.id)]), [303, 303]);
  assert.equal((await textsTo(client, 'lead')).length, earlier + 1);
  const codes = await Promise.all(Array.from({ length: 6 }, () => send(randomUUID())));
  assert.deepEqual(
    codes.toSorted((one, other) => one - other),
    [303, 303, 429, 429, 429, 429],
  );
  assert.equal((await textsTo(client, 'lead')).length, earlier + 3);
});

test('a test page can be sent again where Temporal did not take it, and counts once', async () => {
  let isAway = true;
  const send = createTestPages({
    temporal: {
      timeouts: defaultTemporalTimeouts,
      request: async (_timeoutMs, call) => {
        if (isAway) throw new Error('away');
        return call(client);
      },
    },
    escalation: () => escalation,
    host: 'webhooks.example.com',
    clock: Date.now,
  });
  const earlier = (await textsTo(client, 'lead')).length;
  const newForm = () => ({ id: randomUUID(), contact: 'lead', channel: 'sms' }) as const;
  const form = newForm();
  for (let times = 0; times < 4; times += 1) await assert.rejects(send(form), /away/);
  isAway = false;
  await send(form);
  await send(form);
  assert.equal((await textsTo(client, 'lead')).length, earlier + 1);
  await send(newForm());
  await send(newForm());
  await assert.rejects(send(newForm()), { code: 'TOO_MANY_TEST_PAGES' });
});

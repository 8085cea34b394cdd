import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { defaultTemporalTimeouts } from '../../src/api/temporal-gateway.js';
import { createTestPages } from '../../src/api/test-pages.js';
import { incidentType, incidentWorkflowId } from '../../src/workflows/contract.js';
import { freshnessType, freshnessWorkflowId } from '../../src/workflows/freshness-contract.js';
import { pagerId, pagerType } from '../../src/workflows/pager-contract.js';
import { asHtml, browserSession, csrfOf, signedIn } from './browser-session.js';
import { buildTestApp, clientWithoutServer, config, escalation, eventually, startTemporal, textsTo } from './service.js';

let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});

const bearer = { authorization: `Bearer ${config.apiToken}` };
const withoutWorkers = { taskQueue: 'without-workers', args: [] };
const reportOf = async (now?: () => number) => {
  const { app } = await buildTestApp(client, now ? { clock: now } : {});
  return (await app.inject({ url: '/health', headers: bearer })).json();
};

describe('the report', () => {
  test('says what is known where nothing is', async () => {
    const report = await reportOf();
    assert.deepEqual(
      [report.temporal.state, report.workers.state, report.webhooks.state, report.template.state, report.alarms],
      ['reachable', 'polling', 'unknown', 'unknown', []],
    );
    assert.match(report.webhooks.text, /tableau-webhooks webhooks list/);
    assert.match(report.template.text, /tableau-webhooks whatsapp template --status/);
    assert.deepEqual(
      report.channels.map(({ contact, channel, isUsed }: Record<string, unknown>) => [contact, channel, isUsed]),
      [
        ['ana', 'whatsapp', false],
        ['ana', 'sms', true],
        ['ana', 'call', false],
        ['lead', 'sms', true],
        ['lead', 'call', false],
      ],
    );
    assert.doesNotMatch(JSON.stringify(report), /\+1555/, 'no number');
  });

  test('names which contact cannot be reached by which channel, and what is wrong in Tableau', async () => {
    const since = '2026-11-24T04:00:00.000Z';
    await client.workflow.start(pagerType, {
      ...withoutWorkers,
      workflowId: pagerId('lead'),
      memo: { pager: { contact: 'lead', alarms: [{ code: 'contact-stopped', since, channel: 'sms' }] } },
    });
    await client.workflow.start(freshnessType, {
      ...withoutWorkers,
      workflowId: freshnessWorkflowId('sales'),
      memo: { freshness: { promised: 1, late: 0, alarms: [{ code: 'webhooks-disabled', since }] } },
    });
    const report = await eventually(reportOf, ({ alarms }) => alarms.length === 2);
    assert.equal(report.webhooks.state, 'disabled');
    const ofLead = report.channels.find(({ contact }: { contact: string }) => contact === 'lead');
    assert.deepEqual(ofLead.problems, [{ code: 'contact-stopped', since }]);
    const stopped = report.alarms.find(({ code }: { code: string }) => code === 'contact-stopped');
    assert.deepEqual(stopped.concerns, [{ contact: 'lead', channel: 'sms' }]);
    assert.match(stopped.todo, /reply START/);
  });

  test('is the page of a browser, and says whom each alarm concerns', async () => {
    const { app } = await buildTestApp(client);
    const { body, headers } = await (await signedIn(app)).get('/health');
    assert.match(String(headers['content-type']), /text\/html/);
    assert.match(body, /lead \(sms\)/);
    assert.match(body, /has replied STOP/);
    assert.match(body, /webhooks sync --yes/);
    assert.doesNotMatch(body, /\+1555/);
  });

  test('is for whoever is signed in alone', async () => {
    const { app } = await buildTestApp(client);
    assert.equal((await app.inject({ url: '/health', headers: asHtml })).statusCode, 303);
    assert.equal((await app.inject({ url: '/health' })).statusCode, 401);
    assert.equal((await app.inject({ url: '/live/health' })).statusCode, 401);
  });

  test('says that Temporal is away', async () => {
    const { app } = await buildTestApp(clientWithoutServer(), { temporalTimeouts: { readyTimeoutMs: 200 } });
    const report = (await app.inject({ url: '/health', headers: bearer })).json();
    assert.deepEqual([report.temporal.state, report.webhooks.state], ['unavailable', 'unknown']);
    assert.equal(report.alarms[0].code, 'temporal-unavailable');
  });

  test('shows nothing as healthy while the alarms cannot be read, also where the rest can', async () => {
    const { app } = await buildTestApp(client, { searchAttributes: () => Promise.reject(new Error('no answer')) });
    const report = (await app.inject({ url: '/health', headers: bearer })).json();
    assert.deepEqual(
      [report.temporal.state, report.workers.state, report.webhooks.state, report.template.state],
      ['unavailable', 'unknown', 'unknown', 'unknown'],
    );
    assert.deepEqual(
      report.channels.map(({ isKnown }: { isKnown: boolean }) => isKnown),
      [false, false, false, false, false],
    );
    const { body } = await (await signedIn(app)).get('/health');
    assert.match(body, /<h3>ana<\/h3>/);
    assert.doesNotMatch(body, /class="ok"|no problem known|no step pages by it/);
  });
});

describe('a test page', () => {
  const formOf = (body: string, contact: string, channel: string) => {
    const forms = body.split('<form').filter((form) => form.includes('/health/test-page'));
    const form = forms.find((one) => one.includes(`id="test-${contact}-${channel}"`)) ?? '';
    return { _csrf: csrfOf(form), id: /name="id" value="([^"]+)"/.exec(form)?.[1] ?? '', contact, channel };
  };

  test('goes to the pager of the contact, once for a form, and the page confirms it', async () => {
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
    assert.doesNotMatch((await admin.get('/health?sent=%3Cb%3E&by=sms')).body, /role="status"/);
  });

  test('needs a form of the same browser, an admin, and a contact with such an address', async () => {
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
    assert.deepEqual((await codeOf({ ...fields, channel: 'call' }))[0], 400);
    assert.equal((await browserSession(app).post('/health/test-page', fields)).statusCode, 401);
    assert.equal((await textsTo(client, 'lead')).length, 0);
  });

  test('is limited for each contact', async () => {
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

  test('is limited for forms that are sent at the same moment, too, and one form sent twice then is one page', async () => {
    const { app } = await buildTestApp(client);
    const admin = await signedIn(app);
    const fields = formOf((await admin.get('/health')).body, 'lead', 'sms');
    const before = (await textsTo(client, 'lead')).length;
    const send = async (id: string) => (await admin.post('/health/test-page', { ...fields, id })).statusCode;
    assert.deepEqual(await Promise.all([send(fields.id), send(fields.id)]), [303, 303]);
    assert.equal((await textsTo(client, 'lead')).length, before + 1);
    const codes = await Promise.all(Array.from({ length: 6 }, () => send(randomUUID())));
    assert.deepEqual(
      codes.toSorted((one, other) => one - other),
      [303, 303, 429, 429, 429, 429],
    );
    assert.equal((await textsTo(client, 'lead')).length, before + 3);
  });

  test('can be sent again where Temporal did not take it, and counts once', async () => {
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
    const before = (await textsTo(client, 'lead')).length;
    const newForm = () => ({ id: randomUUID(), contact: 'lead', channel: 'sms' }) as const;
    const form = newForm();
    for (let times = 0; times < 4; times += 1) await assert.rejects(send(form), /away/);
    isAway = false;
    await send(form);
    await send(form);
    assert.equal((await textsTo(client, 'lead')).length, before + 1);
    await send(newForm());
    await send(newForm());
    await assert.rejects(send(newForm()), { code: 'TOO_MANY_TEST_PAGES' });
  });
});

test('the overview names what nobody has taken to whoever is signed in, and no name to a stranger', async () => {
  const row = {
    id: 'refresh:site:sales',
    state: 'unacknowledged',
    item: { kind: 'workbook', luid: 'sales', name: 'Sales <b>& more', site: 'site' },
    event: 'WorkbookRefreshFailed',
    failures: 3,
    firstFailedAt: '2026-11-24T04:00:00.000Z',
    lastFailedAt: '2026-11-24T05:00:00.000Z',
    acknowledgedBy: null,
    policy: 'default',
    step: 3,
    next: null,
  };
  await client.workflow.start(incidentType, {
    ...withoutWorkers,
    workflowId: incidentWorkflowId(row.id),
    memo: { incident: row },
    searchAttributes: { IncidentState: ['unacknowledged'] },
  });
  const { app } = await buildTestApp(client);
  let now = Date.now();
  const { app: fresh } = await buildTestApp(client, { clock: () => (now += 5_000) });
  await eventually(
    async () => (await fresh.inject({ url: '/', headers: asHtml })).body,
    (body) => body.includes('incidents-unacknowledged'),
  );
  const { body } = await (await signedIn(app)).get('/');
  assert.match(body, /<a href="\/incidents\/refresh%3Asite%3Asales">Sales &lt;b&gt;&amp; more<\/a>/);
  assert.match(body, /data-live="\/live\/overview\?seen=[\w-]{16}"/);
  const stranger = (await app.inject({ url: '/', headers: asHtml })).body;
  assert.doesNotMatch(stranger, /Sales|lead|data-live/);
  assert.match(stranger, /1 incident is unacknowledged/);
});

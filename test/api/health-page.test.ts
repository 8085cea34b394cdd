import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { TemplateState } from '../../src/workflows/background-contract.js';
import { incidentType, incidentWorkflowId, minute, taskQueues } from '../../src/workflows/contract.js';
import { freshnessType, freshnessWorkflowId } from '../../src/workflows/freshness-contract.js';
import { pagerId, pagerType } from '../../src/workflows/pager-contract.js';
import { asHtml, signedIn } from './browser-session.js';
import { buildTestApp, clientWithoutServer, config, eventually, startTemporal } from './service.js';

let temporal: TestWorkflowEnvironment;
let client: Client;
before(async () => {
  temporal = await startTemporal();
  ({ client } = temporal);
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

  test('says whether WhatsApp has approved the template, and Tableau our webhooks, as soon as a worker has read it', async () => {
    let approval: TemplateState = 'pending';
    const worker = await Worker.create({
      connection: temporal.nativeConnection,
      namespace: temporal.namespace ?? 'default',
      taskQueue: taskQueues.incidents,
      activities: { readTemplate: async () => approval, readWebhooks: async () => 'found' },
    });
    await worker.runUntil(async () => {
      let now = Date.now();
      const { app } = await buildTestApp(client, { clock: () => now });
      const templateNow = async () => (await app.inject({ url: '/health', headers: bearer })).json().template;
      const isPending = await eventually(templateNow, ({ state }) => state !== 'unknown');
      assert.deepEqual([isPending.state, /not approved it yet/.test(isPending.text)], ['pending', true]);
      const { webhooks } = (await app.inject({ url: '/health', headers: bearer })).json();
      assert.equal(webhooks.state, 'disabled', 'the alarm counts until the next look finds that it is over');
      approval = 'approved';
      assert.equal((await templateNow()).state, 'pending', 'it is read once a minute');
      now += minute;
      assert.equal((await eventually(templateNow, ({ state }) => state !== 'pending')).state, 'approved');
    });
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

  test('says that workers of the same process hang, and so does the overview', async () => {
    const { app } = await buildTestApp(client, { workers: () => ({ begun: true, workers: {}, areStuck: true }) });
    const report = (await app.inject({ url: '/health', headers: bearer })).json();
    assert.equal(report.workers.state, 'none');
    const { alarms } = (await app.inject({ url: '/', headers: { accept: 'application/json' } })).json();
    assert.ok(alarms.some(({ code }: { code: string }) => code === 'no-workers'));
  });

  test('does not say that Twilio refuses what was never asked of it', async () => {
    await client.workflow.start(pagerType, {
      ...withoutWorkers,
      workflowId: pagerId('ana'),
      memo: { pager: { contact: 'ana', alarms: [{ code: 'twilio-no-sender', since: '2026-11-24T04:00:00.000Z' }] } },
    });
    const codeOf = ({ code }: { code: string }) => code === 'twilio-no-sender';
    const { alarms } = await eventually(reportOf, (report) => report.alarms.some(codeOf));
    const { message, todo } = alarms.find(codeOf);
    assert.match(message, /no WHATSAPP_FROM/);
    assert.match(todo, /Set WHATSAPP_FROM/);
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
  assert.match(body, /<a href="\/incidents\/refresh:site:sales"><bdi>Sales &lt;b&gt;&amp; more<\/bdi><\/a>/);
  assert.match(body, /data-live="\/live\/overview\?seen=[\w-]{16}"/);
  const stranger = (await app.inject({ url: '/', headers: asHtml })).body;
  assert.doesNotMatch(stranger, /Sales|lead|data-live/);
  assert.match(stranger, /1 incident is unacknowledged/);
});

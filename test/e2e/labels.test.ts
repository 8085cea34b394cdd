/** Readers are told in Tableau: the label of a data source from its failure to its recovery. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestPhone } from '../helpers/phone.js';
import { printingOutputOnFailure, slowMachineTimeoutMs } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { escalation, numbers } from './escalation-policies.js';
import { scriptOf, type Script } from './script.js';
import { startService, type Service } from './service.js';
import { contentSid, addTemplate } from './template.js';
import { waitingPhone } from './waiting-phone.js';

let service: Service;
let script: Script;
let ana: TestPhone;

before(async () => {
  service = await startService({
    env: { WHATSAPP_CONTENT_SID: contentSid },
    escalation: { ...escalation, labels: { who: false } },
  });
  script = scriptOf(service);
  ana = waitingPhone(service.sandbox, numbers.ana);
  await addTemplate(service.sandbox);
});
after(() => service?.close());

const scenario = (name: string, run: () => Promise<void>): void =>
  void test(
    name,
    printingOutputOnFailure(() => [service.api, service.worker, service.temporal], run),
  );
const shows = (datasource: string, pattern: RegExp): Promise<unknown> =>
  until(
    `a label that says ${pattern}`,
    () => service.sandbox.labels.list(datasource).some((label) => pattern.test(label)),
    slowMachineTimeoutMs,
  );
const showsNone = (datasource: string): Promise<unknown> =>
  until('no label', () => service.sandbox.labels.list(datasource).length === 0, slowMachineTimeoutMs);

scenario('a data source that fails is labelled; ACK changes the label, and recovery removes it', async () => {
  const orders = service.item('datasource', 'Orders');
  await service.fails(orders);
  await ana.receives('whatsapp', /^Data source refresh failed: "Orders"/);
  await shows(
    orders.luid,
    /^Stale data: Stale since \d\d:\d\d\. .*Times in UTC, .* \(Tableau Webhooks\) \(Tableau Admin\)$/,
  );
  assert.equal(await ana.replies('ACK', 'whatsapp'), 200);
  await ana.receives('whatsapp', /^Taken: "Orders"/);
  await shows(orders.luid, /Stale since \d\d:\d\d\. Somebody has it since \d\d:\d\d\. /);
  assert.doesNotMatch(service.sandbox.labels.list().join(), /ana/);
  await service.recovers(orders);
  await showsNone(orders.luid);
  await ana.receives('whatsapp', /"Orders"/);
  const entries = async (): Promise<string[]> =>
    (await script.incident(orders.id)).timeline.flatMap(({ type }) => (/label/.test(type) ? [type] : []));
  // The incident learns of it a moment after Tableau.
  await until('the entry', async () => (await entries()).includes('unlabelled'), slowMachineTimeoutMs);
  assert.deepEqual(await entries(), ['labelled', 'labelled', 'unlabelled']);
});

scenario('a label of a person stays, and an incident that is cancelled by hand removes its own', async () => {
  const [stock, prices] = ['Stock', 'Prices'].map((name) => service.item('datasource', name));
  assert.ok(stock && prices);
  service.sandbox.labels.set(stock.luid, 'Do not use.');
  await service.fails(stock);
  await ana.receives('whatsapp', /"Stock"/);
  await service.fails(prices);
  await ana.receives('whatsapp', /"Prices"/);
  await shows(prices.luid, /Stale since/);
  await service.recovers(stock);
  await service.client.workflow.getHandle(`incident:${prices.id}`).cancel();
  await showsNone(prices.luid);
  assert.deepEqual(service.sandbox.labels.list(), ['Warning: Do not use. (Sam Steward)']);
});

scenario('a label whose incident was terminated by hand is removed by the sweep, which needs no promise', async () => {
  const { client, worker } = service;
  const returns = service.item('datasource', 'Returns');
  await service.fails(returns);
  await shows(returns.luid, /Stale since/);
  await client.workflow.getHandle(`incident:${returns.id}`).terminate();
  // The next sweep of this one would be in a day. A worker that starts begins another.
  await client.workflow.getHandle('freshness:default').terminate();
  await worker.kill();
  await worker.start();
  await showsNone(returns.luid);
});

scenario('where Tableau refuses labels people are paged as before, and the front page says so', async () => {
  service.sandbox.settings.labels = 'unlicensed';
  const people = service.item('datasource', 'People');
  await service.fails(people);
  const isPaged = async (): Promise<boolean> =>
    (await script.incident(people.id)).timeline.some(({ type, text }) => type === 'sent' && text === 'WhatsApp to ana');
  await until('the page', isPaged, slowMachineTimeoutMs);
  const alarms = async (): Promise<string> =>
    (await fetch(`${service.url}/`, { headers: { accept: 'text/html' } })).text();
  await until('the alarm', async () => /Tableau refuses labels/.test(await alarms()), slowMachineTimeoutMs);
  const lines = service.worker.output().split('\n');
  assert.equal(lines.filter((line) => line.includes('"alarm":"labels-refused"')).length, 1);
  await service.recovers(people);
});

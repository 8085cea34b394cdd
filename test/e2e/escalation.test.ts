import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { TestPhone } from '../helpers/phone.js';
import { slowMachineTimeoutMs, printingOutputOnFailure } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { escalation, numbers } from './escalation-policies.js';
import { startService, type Service } from './service.js';
import { addTemplate, contentSid } from './template.js';
import { waitingPhone } from './waiting-phone.js';
import { scriptOf, type Script } from './script.js';
import { seenInTemporal } from './seen-in-temporal.js';

let service: Service;
let sandbox: Sandbox;
let url: string;
let script: Script;
let ana: TestPhone;
let ben: TestPhone;
let lead: TestPhone;

before(async () => {
  service = await startService({ env: { WHATSAPP_CONTENT_SID: contentSid }, escalation });
  ({ sandbox, url } = service);
  script = scriptOf(service);
  ana = waitingPhone(sandbox, numbers.ana);
  ben = waitingPhone(sandbox, numbers.ben);
  lead = waitingPhone(sandbox, numbers.lead);
  await addTemplate(sandbox);
});
after(() => service?.close());
const programs = () => [service.api, service.worker, service.temporal];
const scenario = (name: string, run: () => Promise<void>): void =>
  void test(name, printingOutputOnFailure(programs, run));

const nothingElse = async (): Promise<void> => {
  await service.quiet();
  const unexpected = [ana, ben, lead].map((phone) => phone.unexpected());
  assert.deepEqual(unexpected, [[], [], []]);
};
/** Resolves the incident of a scenario and waits for its workflow to close. */
const resolve = async (id: string): Promise<void> => {
  assert.equal((await script.post(id, 'resolve', { by: 'the-end' })).status, 200);
  await closed(id);
};
const closed = (id: string) =>
  until(
    `${id} to close`,
    async () => (await service.client.workflow.getHandle(`incident:${id}`).describe()).status.name === 'COMPLETED',
    slowMachineTimeoutMs,
  );
const alarms = async (): Promise<string> => (await fetch(`${url}/`, { headers: { accept: 'text/html' } })).text();

scenario('nobody answers: WhatsApp, SMS, calls, and an alarm on the front page', async () => {
  assert.doesNotMatch(await alarms(), /unacknowledged/);
  const sales = service.item('workbook', 'Sales');
  assert.deepEqual(
    (await service.fails(sales)).map(({ status }) => status),
    [200],
  );
  const first = await ben.receives(
    'whatsapp',
    /^Workbook refresh failed: "Sales"\nProject "Finance", owner "Olga Owner"/,
  );
  const second = await ben.receives('sms', /^\[1\] Workbook refresh failed: "Sales"\n/);
  assert.ok(second.at - first.at >= 2_000, `the SMS came after ${second.at - first.at} ms`);
  const calls = await Promise.all([ben.rings(), lead.rings()]);
  for (const { sid, at } of calls) {
    assert.ok(at - second.at >= 2_000, `the call came after ${at - second.at} ms`);
    await sandbox.phones.call(sid, 'voicemail');
  }
  const ofLead = (await seenInTemporal(service.client, 'pager:lead')).everything;
  assert.match(ofLead, /"others":\["ben"\]/, 'whoever was paged before may have answered');
  assert.match(ofLead, /"answerSources":{"pagers":\["pager:ben"\],"incidents":\["incident:/);
  await until(
    'the last step to be over',
    async () => (await script.incident(sales.id)).state === 'unacknowledged',
    slowMachineTimeoutMs,
  );
  await until('the alarm', async () => /1 incident is unacknowledged/.test(await alarms()), slowMachineTimeoutMs);
  await until(
    'the alarm in the log',
    () => service.worker.output().includes('"alarm":"unacknowledged"'),
    slowMachineTimeoutMs,
  );
  for (const phone of [ben, lead])
    await phone.receives('sms', /^\[1\] Workbook refresh failed: "Sales"\nNobody answered\. Paged: ben, lead\. /);
  await nothingElse();

  await resolve(sales.id);
  await ben.receives('sms', /^"Sales" was resolved by the-end/);
  await lead.receives('sms', /^"Sales" was resolved by the-end/);
  await until('the alarm to end', async () => !/unacknowledged/.test(await alarms()), slowMachineTimeoutMs);
});

scenario('a WhatsApp message that is not delivered is followed by an SMS at once, which is answered', async () => {
  const orders = service.item('datasource', 'Orders');
  sandbox.faults.add({ target: 'receipts.whatsapp', code: 63016 });
  await service.fails(orders);
  await ana.receives('whatsapp', /^Data source refresh failed: "Orders"/);
  await ana.receives('sms', /Data source refresh failed: "Orders"/);
  assert.equal(await ana.replies('Ok!', 'sms'), 200);
  await ana.receives('sms', /^Taken: "Orders"\. Reminder in 4 h\.$/);
  const { state, acknowledgedBy, timeline } = await script.incident(orders.id);
  assert.deepEqual({ state, acknowledgedBy }, { state: 'acknowledged', acknowledgedBy: 'ana' });
  assert.ok(
    timeline.some(({ text }) => /63016/.test(text)),
    JSON.stringify(timeline),
  );
  await nothingElse();
  await resolve(orders.id);
  await ana.receives('sms', /^"Orders" was resolved by the-end/);
});

scenario('by WhatsApp: a swipe names an older message, a button its own, a word the newest', async () => {
  const [prices, stock, people] = ['Prices', 'Stock', 'People'].map((name) => service.item('datasource', name));
  assert.ok(prices && stock && people);
  const states = async () => {
    const seen = await Promise.all([prices, stock, people].map(({ id }) => script.incident(id)));
    return seen.map(({ state }) => state);
  };
  await service.fails(prices);
  const older = await ana.receives('whatsapp', /Prices/);
  await service.fails(stock);
  const newer = await ana.receives('whatsapp', /Stock/);
  await service.fails(people);
  await ana.receives('whatsapp', /People/);

  await ana.replies('ok', 'whatsapp', older);
  await ana.receives('whatsapp', /^Taken: "Prices"\. Reminder in 4 h\. Still open: 2\.$/);
  assert.deepEqual(await states(), ['acknowledged', 'triggered', 'triggered']);
  const [button] = newer.buttons;
  assert.ok(button, 'the template has no button');
  await ana.taps(newer, button.payload, button.text);
  await ana.receives('whatsapp', /^Taken: "Stock"\. Reminder in 4 h\. Still open: 1\.$/);
  assert.deepEqual(await states(), ['acknowledged', 'acknowledged', 'triggered']);
  await ana.replies('ack');
  await ana.receives('whatsapp', /^Taken: "People"\. Reminder in 4 h\.$/);
  assert.deepEqual(await states(), ['acknowledged', 'acknowledged', 'acknowledged']);
  await nothingElse();
  for (const { id } of [prices, stock, people]) {
    await resolve(id);
    await ana.receives('whatsapp', /was resolved by the-end/);
  }
});

scenario('the key 1 in a call acknowledges, another key does not', async () => {
  const orders = service.item('datasource', 'Orders');
  sandbox.faults.add({ target: 'receipts.whatsapp', code: 63016 });
  sandbox.faults.add({ target: 'receipts.sms', code: 30003 });
  await service.fails(orders);
  await ana.receives('whatsapp', /Orders/);
  await ana.receives('sms', /Orders/);
  const call = await ana.rings();
  await ana.picksUp(call);
  assert.match(await ana.presses(call, '7'), /The data source Orders, in project Finance, failed to refresh/);
  assert.equal((await script.incident(orders.id)).state, 'triggered');
  assert.match(await ana.presses(call, '1'), /Acknowledged\. Good night\.$/);
  const { state, acknowledgedBy, step } = await script.incident(orders.id);
  assert.deepEqual({ state, acknowledgedBy, step }, { state: 'acknowledged', acknowledgedBy: 'ana', step: 3 });
  await nothingElse();
  await resolve(orders.id);
  await ana.receives('sms', /was resolved by the-end/);
});

scenario('a script acknowledges and resolves, and whoever was paged is notified', async () => {
  const orders = service.item('datasource', 'Orders');
  await service.fails(orders);
  await ana.receives('whatsapp', /Orders/);
  const path = `${url}/incidents/${encodeURIComponent(orders.id)}`;
  assert.equal((await fetch(path)).status, 401);
  assert.equal((await fetch(`${path}/acknowledge`, { method: 'POST' })).status, 401);
  assert.equal((await script.incident(orders.id)).state, 'triggered');

  const taken = { status: 200, state: 'acknowledged' };
  assert.deepEqual(await script.post(orders.id, 'acknowledge', { by: 'night-shift' }), taken);
  assert.deepEqual(await script.post(orders.id, 'acknowledge', { by: 'night-shift' }), taken);
  await ana.receives('whatsapp', /^"Orders" was taken by night-shift\. Nothing to do\.$/);
  assert.deepEqual(await script.post(orders.id, 'resolve'), { status: 200, state: 'resolved' });
  await ana.receives('whatsapp', /^"Orders" was resolved by api\. Nothing to do\.$/);
  await closed(orders.id);
  assert.equal((await script.post(orders.id, 'acknowledge')).status, 409);
  assert.equal((await script.post('refresh:none:none', 'resolve')).status, 404);
  await nothingElse();
});

scenario('it recovers, closes, and fails again: one row, found by its state', async () => {
  const orders = service.item('datasource', 'Orders');
  await service.fails(orders);
  await ana.receives('whatsapp', /Orders/);
  await service.recovers(orders);
  await ana.receives('whatsapp', /^"Orders" works again after 1 min\. Nothing to do\.$/);
  assert.equal((await script.incident(orders.id)).state, 'resolved');
  await closed(orders.id);
  const found = async (query: string) =>
    (await script.list(query)).incidents.filter(({ id }) => id === orders.id).map(({ state }) => state);
  await until(
    'it to be listed as resolved',
    async () => (await found('?state=resolved')).length === 1,
    slowMachineTimeoutMs,
  );

  await service.fails(orders);
  await ana.receives('whatsapp', /Data source refresh failed: "Orders"/);
  await until(
    'it to be listed as triggered',
    async () => (await found('?state=triggered')).length === 1,
    slowMachineTimeoutMs,
  );
  await until(
    'the older run to be left out',
    async () => (await found('?state=resolved')).length === 0,
    slowMachineTimeoutMs,
  );
  assert.deepEqual(await found(''), ['triggered']);
  const query = `TableauItem = "Orders" AND IncidentState = "triggered" AND TableauEvent = "DatasourceRefreshFailed"`;
  assert.deepEqual(await service.client.workflow.count(query), { count: 1, groups: [] });

  const all = (await script.list()).incidents.map(({ id }) => id);
  const paged: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await script.list(`?limit=2${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    assert.ok(page.incidents.length <= 2);
    paged.push(...page.incidents.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== null);
  assert.ok(all.length >= 8, `${all.length} incidents`);
  assert.deepEqual(paged.toSorted(), all.toSorted());
  await resolve(orders.id);
  await ana.receives('whatsapp', /was resolved by the-end/);
  await nothingElse();
});

scenario('a wrong configuration raises one alarm on the front page, which ends when it is fixed', async () => {
  sandbox.faults.add({ target: 'twilio.messages', status: 401, code: 20003, times: 4 });
  const item = service.item('datasource', 'Alarming');
  await service.fails(item);
  const codes = async (): Promise<string[]> => {
    const answer = await fetch(`${url}/`, { headers: { accept: 'application/json' } });
    return ((await answer.json()) as { alarms: { code: string }[] }).alarms.map(({ code }) => code);
  };
  await until('the alarm', async () => (await codes()).includes('twilio-20003'), slowMachineTimeoutMs);
  sandbox.faults.clear();
  await ana.receives('whatsapp', /Alarming/);
  await until('the alarm to be over', async () => !(await codes()).includes('twilio-20003'), slowMachineTimeoutMs);
  await resolve(item.id);
  await ana.receives('whatsapp', /"Alarming" was resolved/);
  // The output of a process may arrive later than its effects.
  const logged = (): number => service.worker.output().match(/"alarm":"twilio-20003"/g)?.length ?? 0;
  await until('the log lines', () => logged() >= 2, slowMachineTimeoutMs);
  assert.equal(logged(), 2, 'the alarm is logged when it begins and when it ends');
});

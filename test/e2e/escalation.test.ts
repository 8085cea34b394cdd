import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { patience, telling } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { openHouse } from './service.js';
import { patientPhone } from './waiting-phone.js';
import { scriptOf } from './script.js';
import { seenInTemporal } from './seen-in-temporal.js';

const numbers = { ana: '+15550100001', ben: '+15550100002', lead: '+15550100003' };
const contentSid = `HX${'d'.repeat(32)}`;
/** Workbooks climb without anybody; with data sources everybody has time to answer. */
const house = await openHouse({
  env: { WHATSAPP_CONTENT_SID: contentSid },
  escalation: {
    contacts: {
      ana: { whatsapp: numbers.ana, phone: numbers.ana },
      ben: { whatsapp: numbers.ben, phone: numbers.ben },
      lead: { phone: numbers.lead },
    },
    policies: {
      quick: {
        steps: [
          { page: ['ben'], by: 'whatsapp', wait: '2s' },
          { page: ['ben'], by: 'sms', wait: '2s' },
          { page: ['ben', 'lead'], by: 'call', wait: '2s' },
        ],
        repeat: 0,
      },
      calm: {
        steps: [
          { page: ['ana'], by: 'whatsapp', wait: '10m' },
          { page: ['ana'], by: 'sms', wait: '10m' },
          { page: ['ana'], by: 'call', wait: '10m' },
        ],
      },
    },
    routes: [
      { events: ['Workbook*'], policy: 'quick' },
      { events: ['*RefreshFailed'], policy: 'calm' },
    ],
    settings: { window: '0s', callWindow: '0s', linger: '1s', messagesPerHour: 1000, callsPerHour: 1000 },
  },
});
after(() => house.close());
const { sandbox, api, worker, temporal, url } = house;
const script = scriptOf(house);
const [ana, ben, lead] = [numbers.ana, numbers.ben, numbers.lead].map((number) => patientPhone(sandbox, number));
assert.ok(ana && ben && lead);
const story = (name: string, tell: () => Promise<void>): void =>
  void test(name, telling([api, worker, temporal], tell));

const answered = await fetch(`${sandbox.url}/sandbox/templates/${contentSid}`, {
  method: 'PUT',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ body: '{{1}}\n{{2}}\nNumber {{3}}', buttons: [{ id: 'ACK', title: 'I take it' }] }),
});
assert.ok(answered.ok);

const nothingElse = async (): Promise<void> => {
  await house.quiet();
  const unexpected = [ana, ben, lead].map((phone) => phone.unexpected());
  assert.deepEqual(unexpected, [[], [], []]);
};
/** Ends what a story has opened, and lets its workflow close. */
const over = async (id: string): Promise<void> => {
  assert.equal((await script.post(id, 'resolve', { by: 'the-end' })).status, 200);
  await closed(id);
};
const closed = (id: string) =>
  until(
    `${id} to close`,
    async () => (await house.client.workflow.getHandle(`incident:${id}`).describe()).status.name === 'COMPLETED',
    patience,
  );
const alarms = async (): Promise<string> => (await fetch(`${url}/`, { headers: { accept: 'text/html' } })).text();

story('nobody answers: WhatsApp, SMS, calls, and an alarm for everybody to see', async () => {
  assert.doesNotMatch(await alarms(), /unacknowledged/);
  const sales = house.item('workbook', 'Sales');
  assert.deepEqual(
    (await house.fails(sales)).map(({ status }) => status),
    [200],
  );
  const first = await ben.receives('whatsapp', /^Workbook refresh failed: Sales\nProject Finance, owner Olga Owner/);
  const second = await ben.receives('sms', /^\[1\] Workbook refresh failed: Sales\n/);
  assert.ok(second.at - first.at >= 2_000, `the SMS came after ${second.at - first.at} ms`);
  const calls = await Promise.all([ben.rings(), lead.rings()]);
  for (const { sid, at } of calls) {
    assert.ok(at - second.at >= 2_000, `the call came after ${at - second.at} ms`);
    await sandbox.phones.call(sid, 'voicemail');
  }
  const ofLead = (await seenInTemporal(house.client, 'pager:lead')).everything;
  assert.match(ofLead, /"others":\["ben"\]/, 'who was paged before may have answered');
  assert.match(ofLead, /"listen":{"pagers":\["pager:ben"\],"incidents":\["incident:/);
  await until('nobody to be left', async () => (await script.incident(sales.id)).state === 'unacknowledged', patience);
  await until('the alarm', async () => /1 incident is unacknowledged/.test(await alarms()), patience);
  await until('the alarm in the log', () => worker.said().includes('"alarm":"unacknowledged"'), patience);
  await nothingElse();

  await over(sales.id);
  await ben.receives('sms', /^Sales was resolved by the-end/);
  await lead.receives('sms', /^Sales was resolved by the-end/);
  await until('the alarm to end', async () => !/unacknowledged/.test(await alarms()), patience);
});

story('a WhatsApp that is not delivered is followed by an SMS at once, which is answered', async () => {
  const orders = house.item('datasource', 'Orders');
  sandbox.faults.add({ target: 'receipts.whatsapp', code: 63016 });
  await house.fails(orders);
  await ana.receives('whatsapp', /^Data source refresh failed: Orders/);
  await ana.receives('sms', /Data source refresh failed: Orders/);
  assert.equal(await ana.replies('Ok!', 'sms'), 200);
  await ana.receives('sms', /^Taken: Orders\. Reminder in 4 h\.$/);
  const { state, acknowledgedBy, timeline } = await script.incident(orders.id);
  assert.deepEqual({ state, acknowledgedBy }, { state: 'acknowledged', acknowledgedBy: 'ana' });
  assert.ok(
    timeline.some(({ text }) => /63016/.test(text)),
    JSON.stringify(timeline),
  );
  await nothingElse();
  await over(orders.id);
  await ana.receives('sms', /^Orders was resolved by the-end/);
});

story('by WhatsApp: a swipe names an older message, a button its own, a word the newest', async () => {
  const [prices, stock, people] = ['Prices', 'Stock', 'People'].map((name) => house.item('datasource', name));
  assert.ok(prices && stock && people);
  const states = async () => {
    const seen = await Promise.all([prices, stock, people].map(({ id }) => script.incident(id)));
    return seen.map(({ state }) => state);
  };
  await house.fails(prices);
  const older = await ana.receives('whatsapp', /Prices/);
  await house.fails(stock);
  const newer = await ana.receives('whatsapp', /Stock/);
  await house.fails(people);
  await ana.receives('whatsapp', /People/);

  await ana.replies('ok', 'whatsapp', older);
  await ana.receives('whatsapp', /^Taken: Prices\. Reminder in 4 h\. Still open: 2\.$/);
  assert.deepEqual(await states(), ['acknowledged', 'triggered', 'triggered']);
  const [button] = newer.buttons;
  assert.ok(button, 'the template has its button');
  await ana.taps(newer, button.payload, button.text);
  await ana.receives('whatsapp', /^Taken: Stock\. Reminder in 4 h\. Still open: 1\.$/);
  assert.deepEqual(await states(), ['acknowledged', 'acknowledged', 'triggered']);
  await ana.replies('ack');
  await ana.receives('whatsapp', /^Taken: People\. Reminder in 4 h\.$/);
  assert.deepEqual(await states(), ['acknowledged', 'acknowledged', 'acknowledged']);
  await nothingElse();
  for (const { id } of [prices, stock, people]) {
    await over(id);
    await ana.receives('whatsapp', /was resolved by the-end/);
  }
});

story('the key 1 in a call takes it, and another does not', async () => {
  const orders = house.item('datasource', 'Orders');
  sandbox.faults.add({ target: 'receipts.whatsapp', code: 63016 });
  sandbox.faults.add({ target: 'receipts.sms', code: 30003 });
  await house.fails(orders);
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
  await over(orders.id);
  await ana.receives('sms', /was resolved by the-end/);
});

story('a script acknowledges and resolves, and who was paged is told', async () => {
  const orders = house.item('datasource', 'Orders');
  await house.fails(orders);
  await ana.receives('whatsapp', /Orders/);
  const path = `${url}/incidents/${encodeURIComponent(orders.id)}`;
  assert.equal((await fetch(path)).status, 401);
  assert.equal((await fetch(`${path}/acknowledge`, { method: 'POST' })).status, 401);
  assert.equal((await script.incident(orders.id)).state, 'triggered');

  const taken = { status: 200, state: 'acknowledged' };
  assert.deepEqual(await script.post(orders.id, 'acknowledge', { by: 'night-shift' }), taken);
  assert.deepEqual(await script.post(orders.id, 'acknowledge', { by: 'night-shift' }), taken);
  await ana.receives('whatsapp', /^Orders was taken by night-shift\. Nothing to do\.$/);
  assert.deepEqual(await script.post(orders.id, 'resolve'), { status: 200, state: 'resolved' });
  await ana.receives('whatsapp', /^Orders was resolved by api\. Nothing to do\.$/);
  await closed(orders.id);
  assert.equal((await script.post(orders.id, 'acknowledge')).status, 409);
  assert.equal((await script.post('refresh:none:none', 'resolve')).status, 404);
  await nothingElse();
});

story('it recovers, closes, and fails again: one row, found by its state', async () => {
  const orders = house.item('datasource', 'Orders');
  await house.fails(orders);
  await ana.receives('whatsapp', /Orders/);
  await house.recovers(orders);
  await ana.receives('whatsapp', /^Orders is refreshing again after 1 min\. Nothing to do\.$/);
  assert.equal((await script.incident(orders.id)).state, 'resolved');
  await closed(orders.id);
  const found = async (query: string) =>
    (await script.list(query)).incidents.filter(({ id }) => id === orders.id).map(({ state }) => state);
  await until('it to be listed as resolved', async () => (await found('?state=resolved')).length === 1, patience);

  await house.fails(orders);
  await ana.receives('whatsapp', /Data source refresh failed: Orders/);
  await until('it to be listed as triggered', async () => (await found('?state=triggered')).length === 1, patience);
  await until('the older run to be left out', async () => (await found('?state=resolved')).length === 0, patience);
  assert.deepEqual(await found(''), ['triggered']);
  const query = `TableauItem = "Orders" AND IncidentState = "triggered" AND TableauEvent = "DatasourceRefreshFailed"`;
  assert.deepEqual(await house.client.workflow.count(query), { count: 1, groups: [] });

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
  await over(orders.id);
  await ana.receives('whatsapp', /was resolved by the-end/);
  await nothingElse();
});

story('a wrong configuration is one alarm for everybody to see, and is over when it is mended', async () => {
  sandbox.faults.add({ target: 'twilio.messages', status: 401, code: 20003, times: 4 });
  const item = house.item('datasource', 'Alarming');
  await house.fails(item);
  const codes = async (): Promise<string[]> => {
    const answer = await fetch(`${url}/`, { headers: { accept: 'application/json' } });
    return ((await answer.json()) as { alarms: { code: string }[] }).alarms.map(({ code }) => code);
  };
  await until('the alarm', async () => (await codes()).includes('twilio-20003'), patience);
  sandbox.faults.clear();
  await ana.receives('whatsapp', /Alarming/);
  await until('the alarm to be over', async () => !(await codes()).includes('twilio-20003'), patience);
  await over(item.id);
  await ana.receives('whatsapp', /Alarming was resolved/);
  // What a process says may come later than what it has done.
  const said = (): number => worker.said().match(/"alarm":"twilio-20003"/g)?.length ?? 0;
  await until('the log to say so', () => said() >= 2, patience);
  assert.equal(said(), 2, 'it is said when it begins and when it is over');
});

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { patience, telling } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { openHouse, secrets } from './service.js';
import { patientPhone } from './waiting-phone.js';
import { scriptOf } from './script.js';

const numbers = { ana: '+15550100001', lead: '+15550100002' };
const firstWait = 8_000;
const house = await openHouse({
  escalation: {
    contacts: { ana: { whatsapp: numbers.ana, phone: numbers.ana }, lead: { phone: numbers.lead } },
    policies: {
      quick: {
        steps: [
          { page: ['ana'], by: 'whatsapp', wait: `${firstWait / 1_000}s` },
          { page: ['ana'], by: 'sms', wait: '10m' },
        ],
      },
      calm: { steps: [{ page: ['ana'], by: 'whatsapp', wait: '10m' }] },
      views: { steps: [{ page: ['lead'], by: 'sms', wait: '10m' }] },
    },
    routes: [
      { events: ['Workbook*'], policy: 'quick' },
      { events: ['View*'], policy: 'views' },
      { events: ['*RefreshFailed'], policy: 'calm' },
    ],
    settings: { window: '0s', messagesPerHour: 1000 },
  },
  // Tableau goes on for as long as something may be away here.
  settings: { webhookRetries: Array.from({ length: 60 }, () => 1_000) },
});
after(() => house.close());
const { sandbox, api, worker, temporal, url } = house;
const script = scriptOf(house);
const ana = patientPhone(sandbox, numbers.ana);
const lead = patientPhone(sandbox, numbers.lead);
const story = (name: string, tell: () => Promise<void>): void =>
  void test(name, telling([api, worker, temporal], tell));

/** What reached Twilio is what reached the phone and was expected there, each once. */
const nothingTwice = async (): Promise<void> => {
  await house.quiet();
  assert.deepEqual({ ana: ana.unexpected(), lead: lead.unexpected() }, { ana: [], lead: [] });
};
const stateOf = async (id: string): Promise<string> => (await script.incident(id)).state;
/** One try, of which we see the whole answer. */
const notify = (event: string, luid: string): Promise<Response> =>
  fetch(`${url}/notifier/${secrets.TABLEAU_WEBHOOK_SECRET}`, {
    method: 'POST',
    body: JSON.stringify({
      event_type: event,
      resource_luid: luid,
      resource_name: luid,
      site_luid: sandbox.siteLuid,
      created_at: new Date().toISOString(),
    }),
  });

story('the worker is killed in the middle of a wait: the next step comes at its time', async () => {
  const sales = house.item('workbook', 'Sales');
  await house.fails(sales);
  const first = await ana.receives('whatsapp', /Sales/);
  await until('the wait', async () => (await script.incident(sales.id)).next?.what === 'SMS to ana', patience);
  // And in the middle of a send: Twilio has taken this one, and neither its answer nor a receipt says so.
  sandbox.settings.receipts = 'on-command';
  sandbox.faults.add({ target: 'twilio.messages.sms', delay: 20_000 });
  assert.equal((await notify('ViewDeleted', 'Nightly')).status, 200);
  await lead.receives('sms', /Nightly/);
  await worker.kill();
  sandbox.settings.receipts = 'automatic';
  await worker.start();
  const second = await ana.receives('sms', /Sales/);
  const waited = second.at - first.at;
  assert.ok(waited >= firstWait, `the SMS came ${waited} ms after the WhatsApp`);
  // Temporal misses a dead worker after 10 s, and the machine may be busy.
  assert.ok(waited < firstWait + 20_000, `the SMS came ${waited} ms after the WhatsApp`);
  await ana.replies('ok', 'sms');
  await ana.receives('sms', /^Taken: Sales\. Reminder in 4 h\.$/);
  const nightly = `view:${sandbox.siteLuid}:Nightly`;
  const found = async () => (await script.incident(nightly)).timeline.some(({ type }) => type === 'sent');
  await until('the message to be found at Twilio', found, patience);
  await nothingTwice();
  await lead.replies('ok', 'sms');
  await lead.receives('sms', /^Taken: Nightly\. Reminder in 4 h\.$/);
});

story('what comes while no worker lives is answered at once, and taken up by the next', async () => {
  const [orders, people] = [house.item('datasource', 'Orders'), house.item('datasource', 'People')];
  await house.fails(orders);
  await ana.receives('whatsapp', /Orders/);
  await house.quiet();
  await worker.kill();

  const began = Date.now();
  assert.deepEqual(
    (await house.fails(people)).map(({ status, tries }) => ({ status, tries })),
    [{ status: 200, tries: 1 }],
  );
  assert.equal(await ana.replies('ACK'), 200);
  const took = Date.now() - began;
  assert.ok(took < 5_000, `both answers took ${took} ms`);
  assert.deepEqual(ana.unexpected(), []);

  await worker.start();
  // The reply and the page came by different ways, and either may be first.
  const two = [await ana.receives('whatsapp', /Orders|People/), await ana.receives('whatsapp', /Orders|People/)];
  assert.ok(
    two.some(({ body }) => body.startsWith('Taken: Orders.')),
    two.map(({ body }) => body).join('\n'),
  );
  assert.ok(
    two.some(({ body }) => body.includes('Data source refresh failed: People')),
    two.map(({ body }) => body).join('\n'),
  );
  assert.deepEqual([await stateOf(orders.id), await stateOf(people.id)], ['acknowledged', 'triggered']);
  await nothingTwice();
  await ana.replies('ACK');
  await ana.receives('whatsapp', /^Taken: People\. Reminder in 4 h\.$/);
});

story('the api is killed: Tableau tries again, and one message goes out', async () => {
  const prices = house.item('datasource', 'Prices');
  await api.kill();
  const delivered = house.fails(prices);
  await api.start();
  const [delivery] = await delivered;
  assert.ok(delivery && delivery.status === 200 && delivery.tries > 1, JSON.stringify(delivery));
  await ana.receives('whatsapp', /Prices/);
  await ana.replies('ack');
  await ana.receives('whatsapp', /^Taken: Prices\. Reminder in 4 h\.$/);
  await nothingTwice();
});

story('Temporal is killed: 503 until it is back on its database, and then nothing is lost', async () => {
  const [stock, late] = [house.item('datasource', 'Stock'), house.item('datasource', 'Late')];
  await house.fails(stock);
  await ana.receives('whatsapp', /Stock/);
  await house.quiet();
  await temporal.kill();

  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  assert.equal((await fetch(`${url}/readyz`)).status, 503);
  const refused = await notify('WorkbookRefreshSucceeded', 'none');
  assert.equal(refused.status, 503);
  assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  const refusals = (): number => api.said().split('"route":"/notifier/***","status":503').length - 1;
  const delivered = house.fails(late);
  await until('Tableau to be refused', () => refusals() > 1, patience);
  await temporal.start();
  for (const { status, tries } of await delivered) assert.ok(status === 200 && tries > 1, `${status} after ${tries}`);

  await ana.receives('whatsapp', /Late/);
  assert.deepEqual([await stateOf(stock.id), await stateOf(late.id)], ['triggered', 'triggered']);
  await ana.replies('all');
  await ana.receives('whatsapp', /^2 taken: (Stock, Late|Late, Stock)\. Reminder in 4 h\.$/);
  assert.deepEqual([await stateOf(stock.id), await stateOf(late.id)], ['acknowledged', 'acknowledged']);
  await nothingTwice();
});

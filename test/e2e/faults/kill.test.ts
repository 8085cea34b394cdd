import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Sandbox } from '../../../sandbox/sandbox.js';
import type { TestPhone } from '../../helpers/phone.js';
import { slowMachineTimeoutMs, printingOutputOnFailure, type Program } from '../../helpers/processes.js';
import { until } from '../../helpers/until.js';
import { startService, secrets, type Service } from '../service.js';
import { waitingPhone } from '../waiting-phone.js';
import { scriptOf, type Script } from '../script.js';

const numbers = { ana: '+15550100001', lead: '+15550100002' };
const firstWaitMs = 8_000;
let service: Service;
let sandbox: Sandbox;
let api: Program;
let worker: Program;
let temporal: Program;
let url: string;
let script: Script;
let ana: TestPhone;
let lead: TestPhone;

before(async () => {
  service = await startService({
    escalation: {
      contacts: { ana: { whatsapp: numbers.ana, phone: numbers.ana }, lead: { phone: numbers.lead } },
      policies: {
        quick: {
          steps: [
            { page: ['ana'], by: 'whatsapp', wait: `${firstWaitMs / 1_000}s` },
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
    // Tableau repeats a webhook for as long as a process may be unavailable here.
    settings: { webhookRetriesMs: Array.from({ length: 60 }, () => 1_000) },
  });
  ({ sandbox, api, worker, temporal, url } = service);
  script = scriptOf(service);
  ana = waitingPhone(sandbox, numbers.ana);
  lead = waitingPhone(sandbox, numbers.lead);
});
after(() => service?.close());
const programs = () => [api, worker, temporal];
const scenario = (name: string, run: () => Promise<void>): void =>
  void test(name, printingOutputOnFailure(programs, run));

/** Every message and call that reached a phone was expected there, once. */
const nothingTwice = async (): Promise<void> => {
  await service.quiet();
  assert.deepEqual({ ana: ana.unexpected(), lead: lead.unexpected() }, { ana: [], lead: [] });
};
const stateOf = async (id: string): Promise<string> => (await script.incident(id)).state;
/** One delivery without repetition. */
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

scenario('the worker is killed in the middle of a wait: the next step begins on time', async () => {
  const sales = service.item('workbook', 'Sales');
  await service.fails(sales);
  const first = await ana.receives('whatsapp', /Sales/);
  await until(
    'the wait',
    async () => (await script.incident(sales.id)).next?.what === 'SMS to ana',
    slowMachineTimeoutMs,
  );
  // Also in the middle of a send: Twilio has accepted the message, but neither its answer nor a receipt arrives.
  sandbox.settings.receipts = 'on-command';
  sandbox.faults.add({ target: 'twilio.messages.sms', delayMs: 20_000 });
  assert.equal((await notify('ViewDeleted', 'Nightly')).status, 200);
  await lead.receives('sms', /Nightly/);
  await worker.kill();
  sandbox.settings.receipts = 'automatic';
  await worker.start();
  const second = await ana.receives('sms', /Sales/);
  const waited = second.at - first.at;
  assert.ok(waited >= firstWaitMs, `the SMS came ${waited} ms after the WhatsApp`);
  // Temporal needs 10 s to notice a dead worker, and the machine may be busy.
  assert.ok(waited < firstWaitMs + 20_000, `the SMS came ${waited} ms after the WhatsApp`);
  await ana.replies('ok', 'sms');
  await ana.receives('sms', /^Taken: "Sales"\. Reminder in 4 h\.$/);
  const nightly = `view:${sandbox.siteLuid}:Nightly`;
  const found = async () => (await script.incident(nightly)).timeline.some(({ type }) => type === 'sent');
  await until('the message to be found at Twilio', found, slowMachineTimeoutMs);
  await nothingTwice();
  await lead.replies('ok', 'sms');
  await lead.receives('sms', /^Taken: "Nightly"\. Reminder in 4 h\.$/);
});

scenario('requests without a running worker are answered at once and processed by the next worker', async () => {
  const [orders, people] = [service.item('datasource', 'Orders'), service.item('datasource', 'People')];
  await service.fails(orders);
  await ana.receives('whatsapp', /Orders/);
  await service.quiet();
  await worker.kill();
  const { state, detail, timeline, pagesSent } = await script.incident(orders.id);
  assert.deepEqual([state, detail?.project], ['triggered', 'Finance'], 'an incident is read without a worker');
  assert.deepEqual(
    timeline.map(({ type }) => type),
    ['failed', 'sent'],
  );
  assert.deepEqual(
    pagesSent.map(({ contact, status }) => [contact, status]),
    [['ana', 'sent']],
  );

  const began = Date.now();
  assert.deepEqual(
    (await service.fails(people)).map(({ status, tries }) => ({ status, tries })),
    [{ status: 200, tries: 1 }],
  );
  assert.equal(await ana.replies('ACK'), 200);
  const took = Date.now() - began;
  assert.ok(took < 5_000, `both answers took ${took} ms`);
  assert.deepEqual(ana.unexpected(), []);

  await worker.start();
  // Reply and page are separate signals, and either may be processed first.
  const two = [await ana.receives('whatsapp', /Orders|People/), await ana.receives('whatsapp', /Orders|People/)];
  assert.ok(
    two.some(({ body }) => body.startsWith('Taken: "Orders".')),
    two.map(({ body }) => body).join('\n'),
  );
  assert.ok(
    two.some(({ body }) => body.includes('Data source refresh failed: "People"')),
    two.map(({ body }) => body).join('\n'),
  );
  assert.deepEqual([await stateOf(orders.id), await stateOf(people.id)], ['acknowledged', 'triggered']);
  await nothingTwice();
  await ana.replies('ACK');
  await ana.receives('whatsapp', /^Taken: "People"\. Reminder in 4 h\.$/);
});

scenario('the api is killed: Tableau retries, and one message is sent', async () => {
  const prices = service.item('datasource', 'Prices');
  await api.kill();
  const delivered = service.fails(prices);
  await api.start();
  const [delivery] = await delivered;
  assert.ok(delivery && delivery.status === 200 && delivery.tries > 1, JSON.stringify(delivery));
  await ana.receives('whatsapp', /Prices/);
  await ana.replies('ack');
  await ana.receives('whatsapp', /^Taken: "Prices"\. Reminder in 4 h\.$/);
  await nothingTwice();
});

scenario('Temporal is killed: 503 until it is back on its database, and nothing is lost', async () => {
  const [stock, bonds] = [service.item('datasource', 'Stock'), service.item('datasource', 'Bonds')];
  await service.fails(stock);
  await ana.receives('whatsapp', /Stock/);
  await service.quiet();
  await temporal.kill();

  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  assert.equal((await fetch(`${url}/readyz`)).status, 503);
  const refused = await notify('WorkbookRefreshSucceeded', 'none');
  assert.equal(refused.status, 503);
  assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  const refusals = (): number => api.output().split('"route":"/notifier/***","status":503').length - 1;
  const delivered = service.fails(bonds);
  await until('Tableau to be refused', () => refusals() > 1, slowMachineTimeoutMs);
  await temporal.start();
  for (const { status, tries } of await delivered) assert.ok(status === 200 && tries > 1, `${status} after ${tries}`);

  await ana.receives('whatsapp', /Bonds/);
  assert.deepEqual([await stateOf(stock.id), await stateOf(bonds.id)], ['triggered', 'triggered']);
  await ana.replies('all');
  await ana.receives('whatsapp', /^2 taken: ("Stock", "Bonds"|"Bonds", "Stock")\. Reminder in 4 h\.$/);
  assert.deepEqual([await stateOf(stock.id), await stateOf(bonds.id)], ['acknowledged', 'acknowledged']);
  await nothingTwice();
});

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import twilio from 'twilio';
import type { Sandbox } from '../../../sandbox/sandbox.js';
import type { TestPhone } from '../../helpers/phone.js';
import { slowMachineTimeoutMs, printingOutputOnFailure, type Program } from '../../helpers/processes.js';
import { until } from '../../helpers/until.js';
import { accountSid, startService, secrets, type Service } from '../service.js';
import { waitingPhone } from '../waiting-phone.js';
import { scriptOf, type Script } from '../script.js';

const numbers = { ana: '+15550100001', ben: '+15550100002', lead: '+15550100003' };
let service: Service;
let sandbox: Sandbox;
let api: Program;
let worker: Program;
let temporal: Program;
let url: string;
let script: Script;
let ana: TestPhone;
let ben: TestPhone;
let lead: TestPhone;

before(async () => {
  service = await startService({
    escalation: {
      contacts: { ana: { whatsapp: numbers.ana }, ben: { phone: numbers.ben }, lead: { phone: numbers.lead } },
      policies: {
        calm: { steps: [{ page: ['ana'], by: 'whatsapp', wait: '10m' }] },
        text: { steps: [{ page: ['ben'], by: 'sms', wait: '10m' }] },
        'call-lead': { steps: [{ page: ['lead'], by: 'call', wait: '10m' }] },
      },
      routes: [
        { events: ['Workbook*'], policy: 'calm' },
        { events: ['Datasource*'], policy: 'text' },
        { events: ['View*'], policy: 'call-lead' },
      ],
      settings: { window: '0s', callWindow: '0s', messagesPerHour: 1000 },
    },
  });
  ({ sandbox, api, worker, temporal, url } = service);
  script = scriptOf(service);
  ana = waitingPhone(sandbox, numbers.ana);
  ben = waitingPhone(sandbox, numbers.ben);
  lead = waitingPhone(sandbox, numbers.lead);
});
after(() => service?.close());
const programs = () => [api, worker, temporal];
const scenario = (name: string, run: () => Promise<void>): void =>
  void test(name, printingOutputOnFailure(programs, run));

/** Sends SIGTERM and checks that the program exits in time and with 0. */
async function stops(program: Program): Promise<void> {
  const began = Date.now();
  const code = await program.stop();
  const took = Date.now() - began;
  assert.equal(code, 0, `${program.name} ended with ${code}`);
  assert.ok(took < 10_000, `${program.name} took ${took} ms`);
  process.stdout.write(`${program.name} exited after ${took} ms\n`);
}

/** Sends a request on a keep-alive connection; resolves when the api has received it. */
const agent = new Agent({ keepAlive: true });
after(() => agent.destroy());
interface Answer {
  status: number | undefined;
  connection: string | undefined;
  text: string;
}
async function send(path: string, body: string, headers: Record<string, string> = {}) {
  const sent = request(`${url}${path}`, { method: 'POST', agent, headers }).end(body);
  const answer = once(sent, 'response').then(async ([response]: IncomingMessage[]): Promise<Answer> => {
    let text = '';
    for await (const part of response ?? []) text += String(part);
    return { status: response?.statusCode, connection: response?.headers.connection, text };
  });
  await once(sent, 'finish');
  // The api has answered a later request, so it has received this one.
  await fetch(`${url}/healthz`);
  return { answer };
}
const notify = (event: string, name: string) =>
  send(
    `/notifier/${secrets.TABLEAU_WEBHOOK_SECRET}`,
    JSON.stringify({
      event_type: event,
      resource_luid: name,
      resource_name: name,
      site_luid: sandbox.siteLuid,
      created_at: new Date().toISOString(),
    }),
  );
const writes = (from: string, text: string) => {
  const MessageSid = `SM${randomBytes(16).toString('hex')}`;
  const form = { AccountSid: accountSid, From: `whatsapp:${from}`, Body: text, MessageSid };
  const signature = twilio.getExpectedTwilioSignature(secrets.TWILIO_AUTH_TOKEN, `${url}/twilio/message`, form);
  return send('/twilio/message', new URLSearchParams(form).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
    'x-twilio-signature': signature,
  });
};
const isRefused = (): Promise<boolean> =>
  new Promise((settle) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => settle(false)).once('error', () => settle(true));
    socket.once('connect', () => socket.destroy());
  });
const stateOf = async (id: string): Promise<string> => (await script.incident(id)).state;
const nothingElse = async (): Promise<void> => {
  await service.quiet();
  assert.deepEqual(
    [ana, ben, lead].map((phone) => phone.unexpected()),
    [[], [], []],
  );
};

scenario(
  'the api stops while Temporal is slow: requests under way are answered, new connections are refused',
  async () => {
    const sales = service.item('workbook', 'Sales');
    await service.fails(sales);
    await ana.receives('whatsapp', /Sales/);
    // An idle connection, which would stay open for a minute.
    const { answer: idle } = await notify('WorkbookRefreshSucceeded', 'none');
    assert.deepEqual(await idle, { status: 200, connection: 'keep-alive', text: '{"status":"ignored"}' });
    await service.quiet();

    temporal.signal('SIGSTOP');
    await until(
      'Temporal to be unreachable',
      async () => (await fetch(`${url}/readyz`)).status === 503,
      slowMachineTimeoutMs,
    );
    const [webhook, reply] = [await notify('ViewDeleted', 'Nightly'), await writes(numbers.ana, 'ok')];
    const stopped = stops(api);
    await until('new connections to be refused', isRefused, slowMachineTimeoutMs);
    temporal.signal('SIGCONT');
    const { status, connection, text } = await webhook.answer;
    assert.deepEqual({ status, connection }, { status: 200, connection: 'close' }, text);
    const answered = await reply.answer;
    assert.deepEqual(
      { status: answered.status, connection: answered.connection },
      { status: 200, connection: 'close' },
    );
    assert.doesNotMatch(answered.text, /Not recorded/);
    await stopped;

    await api.start();
    await ana.receives('whatsapp', /^Taken: "Sales"\. Reminder in 4 h\.$/);
    const call = await lead.rings();
    assert.equal(await stateOf(sales.id), 'acknowledged');
    await sandbox.phones.call(call.sid, 'answer');
    await nothingElse();
  },
);

scenario('the api stops while a caller waits for the outcome of a key', async () => {
  const item = `view:${sandbox.siteLuid}:Weekly`;
  await (
    await notify('ViewDeleted', 'Weekly')
  ).answer;
  const call = await lead.rings();
  await lead.picksUp(call);
  await service.quiet();
  // Without a worker nothing answers the query for the outcome.
  await worker.kill();
  const pressed = lead.presses(call, '1');
  await until(
    'the key to be recorded',
    () => api.output().includes('"verb":"acknowledge","attempt"'),
    slowMachineTimeoutMs,
  );
  await stops(api);
  assert.match(await pressed, /Recorded\./);
  await Promise.all([api.start(), worker.start()]);
  await until('it to be acknowledged', async () => (await stateOf(item)) === 'acknowledged', slowMachineTimeoutMs);
  await nothingElse();
});

scenario(
  'the worker stops in the middle of sends and look-ups: each message arrives once, and nothing is lost',
  async () => {
    const [orders, prices] = [service.item('datasource', 'Orders'), service.item('workbook', 'Prices')];
    // Twilio accepts both; it answers one after 5 s and the other after our timeout. It sends no receipt for either.
    sandbox.settings.receipts = 'on-command';
    sandbox.faults.add({ target: 'twilio.messages.sms', delayMs: 5_000 });
    sandbox.faults.add({ target: 'twilio.messages.whatsapp', delayMs: 20_000 });
    sandbox.faults.add({ target: 'tableau.items', delayMs: 8_000, times: 'always' });
    await Promise.all([service.fails(orders), service.fails(prices)]);
    await ben.receives('sms', /Orders/);
    await ana.receives('whatsapp', /Prices/);
    const since = Date.now();
    await until(
      'a request to Tableau',
      () => sandbox.requests({ target: 'tableau.items', since: since - 5_000 }).length > 0,
      slowMachineTimeoutMs,
    );
    await stops(worker);
    sandbox.faults.clear();
    await worker.start();

    const sent = async ({ id }: { id: string }) =>
      (await script.incident(id)).timeline.filter(({ type }) => type === 'sent');
    for (const item of [orders, prices])
      await until(`${item.luid} to be sent`, async () => (await sent(item)).length === 1, slowMachineTimeoutMs);
    const answered = async ({ id }: { id: string }): Promise<boolean> =>
      (await script.incident(id)).detail?.project === 'Finance';
    for (const item of [orders, prices])
      await until('the detail from Tableau', () => answered(item), slowMachineTimeoutMs);
    await nothingElse();
    assert.doesNotMatch(worker.output(), /"alarm":"twilio/, 'our shutdown raises no alarm about Twilio');
    sandbox.settings.receipts = 'automatic';
    await ben.replies('ok', 'sms');
    await ben.receives('sms', /^Taken: "Orders"/);
    await ana.replies('ok');
    await ana.receives('whatsapp', /^Taken: "Prices"/);
  },
);

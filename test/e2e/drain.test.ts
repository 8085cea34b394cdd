import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import twilio from 'twilio';
import { patience, telling, type Program } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { openHouse, owner, secrets } from './service.js';
import { patientPhone } from './waiting-phone.js';
import { scriptOf } from './script.js';

const numbers = { ana: '+15550100001', ben: '+15550100002', lead: '+15550100003' };
const house = await openHouse({
  escalation: {
    contacts: { ana: { whatsapp: numbers.ana }, ben: { phone: numbers.ben }, lead: { phone: numbers.lead } },
    policies: {
      calm: { steps: [{ page: ['ana'], by: 'whatsapp', wait: '10m' }] },
      text: { steps: [{ page: ['ben'], by: 'sms', wait: '10m' }] },
      loud: { steps: [{ page: ['lead'], by: 'call', wait: '10m' }] },
    },
    routes: [
      { events: ['Workbook*'], policy: 'calm' },
      { events: ['Datasource*'], policy: 'text' },
      { events: ['View*'], policy: 'loud' },
    ],
    settings: { window: '0s', callWindow: '0s', messagesPerHour: 1000 },
  },
});
after(() => house.close());
const { sandbox, api, worker, temporal, url } = house;
const script = scriptOf(house);
const [ana, ben, lead] = [numbers.ana, numbers.ben, numbers.lead].map((number) => patientPhone(sandbox, number));
assert.ok(ana && ben && lead);
const story = (name: string, tell: () => Promise<void>): void =>
  void test(name, telling([api, worker, temporal], tell));

/** Asks it to end, and sees it gone in time and with 0. */
async function ends(program: Program): Promise<void> {
  const began = Date.now();
  const code = await program.stop();
  const took = Date.now() - began;
  assert.equal(code, 0, `${program.name} ended with ${code}`);
  assert.ok(took < 10_000, `${program.name} took ${took} ms`);
  process.stdout.write(`${program.name} was gone after ${took} ms\n`);
}

/** A request on a connection that is kept alive: when it is with the api, and its answer. */
const agent = new Agent({ keepAlive: true });
after(() => agent.destroy());
interface Answer {
  status: number | undefined;
  connection: string | undefined;
  text: string;
}
async function send(path: string, body: string, headers: Record<string, string> = {}) {
  const asked = request(`${url}${path}`, { method: 'POST', agent, headers }).end(body);
  const answer = once(asked, 'response').then(async ([response]: IncomingMessage[]): Promise<Answer> => {
    let text = '';
    for await (const part of response ?? []) text += String(part);
    return { status: response?.statusCode, connection: response?.headers.connection, text };
  });
  await once(asked, 'finish');
  // What comes later is answered, so what came before has been taken.
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
  const form = { From: `whatsapp:${from}`, Body: text, MessageSid: `SM${randomBytes(16).toString('hex')}` };
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
  await house.quiet();
  assert.deepEqual(
    [ana, ben, lead].map((phone) => phone.unexpected()),
    [[], [], []],
  );
};

story('the api ends while Temporal is slow: who is inside gets an answer, who comes is refused', async () => {
  const sales = house.item('workbook', 'Sales');
  await house.fails(sales);
  await ana.receives('whatsapp', /Sales/);
  // A connection that is idle, and would be for a minute.
  const { answer: idle } = await notify('WorkbookRefreshSucceeded', 'none');
  assert.deepEqual(await idle, { status: 200, connection: 'keep-alive', text: '{"status":"ignored"}' });
  await house.quiet();

  temporal.signal('SIGSTOP');
  await until('Temporal to be silent', async () => (await fetch(`${url}/readyz`)).status === 503, patience);
  const [webhook, reply] = [await notify('ViewDeleted', 'Nightly'), await writes(numbers.ana, 'ok')];
  const ended = ends(api);
  await until('new connections to be refused', isRefused, patience);
  temporal.signal('SIGCONT');
  const { status, connection, text } = await webhook.answer;
  assert.deepEqual({ status, connection }, { status: 200, connection: 'close' }, text);
  const answered = await reply.answer;
  assert.deepEqual({ status: answered.status, connection: answered.connection }, { status: 200, connection: 'close' });
  assert.doesNotMatch(answered.text, /Not recorded/);
  await ended;

  await api.start();
  await ana.receives('whatsapp', /^Taken: Sales\. Reminder in 4 h\.$/);
  const call = await lead.rings();
  assert.equal(await stateOf(sales.id), 'acknowledged');
  await sandbox.phones.call(call.sid, 'answer');
  await nothingElse();
});

story('the api ends while a caller waits to hear what became of a key', async () => {
  const item = `view:${sandbox.siteLuid}:Weekly`;
  await (
    await notify('ViewDeleted', 'Weekly')
  ).answer;
  const call = await lead.rings();
  await lead.picksUp(call);
  await house.quiet();
  // Nobody is there to say what became of it.
  await worker.kill();
  const pressed = lead.presses(call, '1');
  await until('the key to be recorded', () => api.said().includes('"verb":"acknowledge","attempt"'), patience);
  await ends(api);
  assert.match(await pressed, /Recorded\./);
  await Promise.all([api.start(), worker.start()]);
  await until('it to be taken', async () => (await stateOf(item)) === 'acknowledged', patience);
  await nothingElse();
});

story(
  'the worker ends in the middle of sends and look-ups: each message comes once, and nothing is forgotten',
  async () => {
    const [orders, prices] = [house.item('datasource', 'Orders'), house.item('workbook', 'Prices')];
    // Twilio takes both, and says so after 5 s, and never within our patience. No receipt tells of them either.
    sandbox.settings.receipts = 'on-command';
    sandbox.faults.add({ target: 'twilio.messages.sms', delay: 5_000 });
    sandbox.faults.add({ target: 'twilio.messages.whatsapp', delay: 20_000 });
    sandbox.faults.add({ target: 'tableau.items', delay: 8_000, times: 'always' });
    await Promise.all([house.fails(orders), house.fails(prices)]);
    await ben.receives('sms', /Orders/);
    await ana.receives('whatsapp', /Prices/);
    const since = Date.now();
    await until(
      'Tableau to be asked',
      () => sandbox.requests({ target: 'tableau.items', since: since - 5_000 }).length > 0,
      patience,
    );
    await ends(worker);
    sandbox.faults.clear();
    await worker.start();

    const sent = async ({ id }: { id: string }) =>
      (await script.incident(id)).timeline.filter(({ type }) => type === 'sent');
    for (const item of [orders, prices])
      await until(`${item.luid} to be sent`, async () => (await sent(item)).length === 1, patience);
    const answered = async ({ id }: { id: string }): Promise<boolean> => {
      const authorization = `Bearer ${secrets.API_TOKEN}`;
      const response = await fetch(`${url}/incidents/${encodeURIComponent(id)}`, { headers: { authorization } });
      return (await response.text()).includes(owner);
    };
    for (const item of [orders, prices]) await until('what Tableau knows', () => answered(item), patience);
    await nothingElse();
    assert.doesNotMatch(worker.said(), /"alarm":"twilio/, 'that we end is no fault of Twilio');
    sandbox.settings.receipts = 'automatic';
    await ben.replies('ok', 'sms');
    await ben.receives('sms', /^Taken: Orders/);
    await ana.replies('ok');
    await ana.receives('whatsapp', /^Taken: Prices/);
  },
);

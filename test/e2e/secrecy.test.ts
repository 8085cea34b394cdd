/**
 * A whole night in which everything that is secret or a person's is marked, and then a search through all that was written:
 * logs, answers, Temporal. Decision: histories know contacts, not numbers; what everybody may see knows no names either.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import twilio from 'twilio';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { pagerId } from '../../src/workflows/contract.js';
import { patience, telling } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { openHouse, owner, secrets } from './service.js';
import { leaksIn } from './marks.js';
import { patientPhone } from './waiting-phone.js';
import { scriptOf } from './script.js';
import { seenInTemporal } from './seen-in-temporal.js';

const numbers = { ana: '+15550141421', ben: '+15550173205', lead: '+15550223606', stranger: '+15550264575' };
const alternate = 'alternate-token-quartz-4711';
const marked = {
  secrets: [...Object.values(secrets), alternate, 'wrong-secret-marmalade', 'wrong-token-pomegranate'],
  numbers: Object.values(numbers),
  words: ['zebrafish', 'kumquat', 'Pia Profilename'],
  // Whoever owns an item, is one, or answered by a script.
  names: [owner, 'Olga', 'Ursula Usermark', 'Paula Personmark'],
};
const never = [...marked.secrets, ...marked.numbers, ...marked.words];
const contentSid = `HX${'d'.repeat(32)}`;
const house = await openHouse({
  env: { LOG_LEVEL: 'trace', WHATSAPP_CONTENT_SID: contentSid, TWILIO_AUTH_TOKEN_ALTERNATE: alternate },
  settings: { refreshWaits: 50, refreshRuns: 200 },
  escalation: {
    contacts: {
      ana: { whatsapp: numbers.ana, phone: numbers.ana },
      ben: { whatsapp: numbers.ben, phone: numbers.ben },
      lead: { phone: numbers.lead },
    },
    policies: {
      climb: {
        steps: [
          { page: ['ana'], by: 'whatsapp', wait: '2s' },
          { page: ['ana'], by: 'sms', wait: '10m' },
          { page: ['ana'], by: 'call', wait: '10m' },
        ],
      },
      calm: { steps: [{ page: ['ana'], by: 'whatsapp', wait: '10m' }] },
      people: { steps: [{ page: ['lead'], by: 'sms', wait: '10m' }] },
      views: {
        steps: [
          { page: ['ben'], by: 'whatsapp', wait: '10m' },
          { page: ['lead'], by: 'sms', wait: '10m' },
        ],
      },
    },
    routes: [
      { events: ['Workbook*'], policy: 'climb' },
      { events: ['Admin*'], policy: 'people' },
      { events: ['View*'], policy: 'views' },
      { events: ['*RefreshFailed'], policy: 'calm' },
    ],
    settings: { window: '8s', callWindow: '0s', linger: '1s', messagesPerHour: 1000, callsPerHour: 1000 },
  },
});
after(() => house.close());
const { sandbox, api, worker, temporal, url, client } = house;
const script = scriptOf(house);
const [ana, ben, lead] = [numbers.ana, numbers.ben, numbers.lead].map((number) => patientPhone(sandbox, number));
assert.ok(ana && ben && lead);
await fetch(`${sandbox.url}/sandbox/templates/${contentSid}`, {
  method: 'PUT',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ body: '{{1}}\n{{2}}\nNumber {{3}}', buttons: [{ id: 'ACK', title: 'I take it' }] }),
});

/** What the doors have answered to whoever may not know. */
const answers: string[] = [];
async function ask(path: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(`${url}${path}`, init);
  answers.push(JSON.stringify([...response.headers]), await response.text());
  return response.status;
}
const notify = (event: string, luid: string, name: string): Promise<number> =>
  ask(`/notifier/${secrets.TABLEAU_WEBHOOK_SECRET}`, {
    method: 'POST',
    body: JSON.stringify({ event_type: event, resource_luid: luid, resource_name: name, site_luid: sandbox.siteLuid }),
  });
const writes = (number: string, text: string, token = secrets.TWILIO_AUTH_TOKEN): Promise<number> => {
  const MessageSid = `SM${randomBytes(16).toString('hex')}`;
  const form = { From: `whatsapp:${number}`, Body: text, ProfileName: 'Pia Profilename', MessageSid };
  const signature = twilio.getExpectedTwilioSignature(token, `${url}/twilio/message`, form);
  return ask('/twilio/message', {
    method: 'POST',
    headers: { 'x-twilio-signature': signature },
    body: new URLSearchParams(form),
  });
};
const stateOf = async (id: string): Promise<string> => (await script.incident(id)).state;
const becomes = (id: string, state: string) =>
  until(`${id} to be ${state}`, async () => (await stateOf(id)) === state, patience);
const refuses = (target: string, status: number, body: Record<string, unknown>, times = 1) =>
  sandbox.faults.add({ target, status, body, times });
const story = (name: string, tell: () => Promise<void>): void =>
  void test(name, telling([api, worker, temporal], tell));

story('a failure climbs: a template, an SMS that Twilio refuses with the number, a call that is answered', async () => {
  const sales = house.item('workbook', 'Sales');
  const found = sandbox.panel.find(sales.luid) ?? assert.fail('Tableau has it');
  refuses('twilio.messages.sms', 400, {
    code: 21211,
    status: 400,
    message: `The 'To' number ${numbers.ana} is not a valid phone number.`,
  });
  await sandbox.panel.fail(found, { notes: `Login failed for user '${owner}' at server "db1.internal".`, wait: true });
  await ana.receives('whatsapp', new RegExp(owner));
  const call = await ana.rings();
  await ana.picksUp(call);
  assert.match(await ana.presses(call, '1'), /Acknowledged/);
  await becomes(sales.id, 'acknowledged');
  await house.recovers(sales);
  await ana.receives('sms', /Sales is refreshing again/);
});

story('a storm is one message and a bundle; words that nobody understands, ALL, a button, a rerun', async () => {
  const items = Array.from({ length: 5 }, (_, n) => house.item('datasource', `Source ${n}`));
  const [one, ...others] = items;
  assert.ok(one);
  await house.fails(one);
  const first = await ana.receives('whatsapp', /Source 0/);
  await Promise.all(others.map((item) => house.fails(item)));
  await ana.receives('whatsapp', /^4 refreshes failed/);
  assert.equal(await writes(numbers.ana, 'zebrafish, what is this?'), 200);
  await ana.receives('whatsapp', /ACK/);
  await ana.taps(first, 'ACK', 'I take the kumquat');
  await ana.receives('whatsapp', /^Taken: Source/);
  assert.equal(await ana.replies('ALL'), 200);
  await ana.receives('whatsapp', /^4 taken/);
  for (const { id } of items) await becomes(id, 'acknowledged');

  const flaky = house.item('datasource', 'Flaky');
  await house.fails(flaky);
  await ana.receives('whatsapp', /Flaky/);
  await fetch(`${sandbox.url}/sandbox/tableau/items/${flaky.luid}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ condition: 'healthy' }),
  });
  assert.equal(await ana.replies('R'), 200);
  await ana.receives('whatsapp', /^Running again: Flaky/);
  await ana.receives('whatsapp', /^Flaky is refreshing again/);
  await becomes(flaky.id, 'resolved');
});

story('strangers, wrong signatures, wrong secrets and wrong tokens get nothing', async () => {
  assert.equal(await writes(numbers.stranger, 'zebrafish'), 200);
  assert.equal(await writes(numbers.ana, 'ok zebrafish', 'somebody-elses-token'), 403);
  assert.equal(await writes(numbers.ana, 'zebrafish again', alternate), 200);
  await ana.receives('whatsapp', /^Reply ACK/);
  const wrong = 'wrong-secret-marmalade';
  assert.equal(await ask(`/notifier/${wrong}`, { method: 'POST', body: '{}' }), 401);
  assert.equal(await ask(`/notifier?secret=${wrong}`, { method: 'POST', body: '{}' }), 401);
  assert.equal(await ask(`/nowhere/${wrong}?token=${wrong}`), 404);
  assert.equal(await ask('/incidents', { headers: { authorization: 'Bearer wrong-token-pomegranate' } }), 401);
  assert.equal(await ask(`/notifier/${secrets.TABLEAU_WEBHOOK_SECRET}`, { method: 'POST', body: '{"zebrafish' }), 400);
});

story('a person is what an event is about, and a person answers by a script', async () => {
  assert.equal(await notify('AdminPromoted', 'user-7', 'Ursula Usermark'), 200);
  const id = `admin:${sandbox.siteLuid}:user-7`;
  await lead.receives('sms', /Ursula Usermark/);
  assert.equal((await script.post(id, 'acknowledge', { by: 'Paula Personmark' })).status, 200);
  await lead.receives('sms', /taken by Paula Personmark/);
  assert.equal(
    await ask(`/incidents/${encodeURIComponent(id)}/resolve`, { method: 'POST', body: '{"by":"Paula Personmark"}' }),
    401,
  );
  assert.equal((await script.post(id, 'resolve', { by: 'Paula Personmark' })).status, 200);
  await lead.receives('sms', /resolved by Paula Personmark/);
});

story('Twilio quotes what it was sent; STOP', async () => {
  refuses('twilio.messages.whatsapp', 400, {
    code: 29_999,
    status: 400,
    message: `Channel whatsapp:${numbers.ben} of ${numbers.ben.slice(1)} (${secrets.TWILIO_AUTH_TOKEN}) has no kumquat`,
  });
  refuses('twilio.messages.sms', 401, {
    code: 20_003,
    status: 401,
    message: `Authenticate ${secrets.TWILIO_AUTH_TOKEN} for ${numbers.lead}`,
  });
  assert.equal(await notify('ViewDeleted', 'view-1', 'Nightly'), 200);
  await lead.receives('sms', /Nightly/);
  assert.equal(await notify('ViewDeleted', 'view-2', 'Weekly'), 200);
  await ben.receives('whatsapp', /Weekly/);
  assert.equal(await ben.replies('STOP'), 200);
  await ben.receives('whatsapp', /^Stopped/);
  const weekly = `view:${sandbox.siteLuid}:view-2`;
  const heard = async () => (await script.incident(weekly)).timeline.some(({ type }) => type === 'stopped');
  await until('the incident to hear of it', heard, patience);
  assert.equal((await script.post(weekly, 'resolve', { by: 'the-end' })).status, 200);
});

const Line = Type.Object({ msg: Type.String(), level: Type.String() });
const lines = (said: string): string[] =>
  said.split('\n').flatMap((line) => {
    const parsed: unknown = line.startsWith('{') ? JSON.parse(line) : null;
    return Value.Check(Line, parsed) && parsed.level === 'info' ? [parsed.msg] : [];
  });
const count = (program: { said: () => string }, msg: string): number =>
  lines(program.said()).filter((one) => one === msg).length;
// The recoveries of Sales and of Flaky opened none.
const allAreOpened = (): boolean => count(worker, 'incident opened') === count(api, 'event accepted') - 2;

story('the worker is killed in the middle of a send, and Tableau refuses the next with its own secret', async () => {
  const late = house.item('datasource', 'Late');
  sandbox.faults.add({ target: 'twilio.messages.whatsapp', delay: 20_000 });
  await house.fails(late);
  await ana.receives('whatsapp', /Late/);
  // What it has not said yet is lost with it.
  await until('all to be opened', allAreOpened, patience);
  await worker.kill();
  const quoted = `${secrets.TABLEAU_PAT_SECRET} of ${owner}`;
  refuses('tableau.signin', 400, { error: { summary: `Bad ${quoted}`, detail: quoted, code: '400999' } });
  refuses('tableau.signin', 401, { error: { summary: `Signin ${quoted}`, detail: quoted, code: '401001' } }, 10);
  await worker.start();
  const last = house.item('datasource', 'Last');
  await house.fails(last);
  await ana.receives('whatsapp', /Last/);
  assert.equal(await ana.replies('ALL'), 200);
  await ana.receives('whatsapp', /taken/);
  await house.quiet();
});

story('the log has a line for each event, page, receipt, reply and decision', async () => {
  const inApi = ['event accepted', 'receipt recorded', 'reply recorded', 'answer recorded'];
  const incident = ['opened', 'acknowledged', 'resolved', 'recovered'].map((what) => `incident ${what}`);
  const page = ['sent', 'held', 'failed'].map((what) => `page ${what}`);
  const others = ['step taken', 'refresh run again', 'contact stopped', 'notice sent', 'reply answered'];
  const inWorker = [...incident, ...page, ...others];
  // What a process says may come later than what it has done.
  for (const msg of inApi) await until(msg, () => count(api, msg) > 0, patience);
  for (const msg of inWorker) await until(msg, () => count(worker, msg) > 0, patience);
  // One for each incident of the storm, and one for all that went in one message.
  const bundles = worker.said().match(/"incidents":4,"attempt":"[\w-]+","sid":"\w+","msg":"page sent"/g);
  assert.equal(bundles?.length, 1, 'the bundle is one line');
  await until('all to be opened', allAreOpened, patience);
});

story('no log and no answer holds a secret, a number, a word or a name', async () => {
  for (const path of ['/', '/healthz', '/readyz', '/metrics']) await ask(path);
  await ask('/', { headers: { accept: 'application/json' } });
  const leaks = [
    ...leaksIn('the log of the api', api.said(), [...never, ...marked.names]),
    ...leaksIn('the log of the worker', worker.said(), [...never, ...marked.names]),
    ...leaksIn('an answer', answers.join('\n'), [...never, ...marked.names]),
  ];
  assert.match(worker.said(), /"level":"trace"|"level":"debug"/);
  assert.deepEqual(leaks, []);
});

story('no history holds a secret, a number or a word, and nothing that is shown a name', async () => {
  const leaks: string[] = [];
  const seen = new Set<string>();
  let everything = '';
  await until(
    'all to be listed',
    async () => (await client.workflow.count(`WorkflowId = "${pagerId('ana')}"`)).count > 0,
    patience,
  );
  for await (const { workflowId, runId } of client.workflow.list()) {
    const found = await seenInTemporal(client, workflowId, runId);
    seen.add(workflowId);
    everything += found.everything;
    leaks.push(
      ...leaksIn(`the history of ${workflowId}`, found.everything, never),
      ...leaksIn(`what is shown of ${workflowId}`, found.shown, [...never, ...marked.names]),
      ...leaksIn(`a failure of ${workflowId}`, found.failures, [...never, ...marked.names]),
    );
  }
  const list = await (await fetch(`${house.webUi}/api/v1/namespaces/default/workflows`)).text();
  assert.match(list, /pager:ana/);
  leaks.push(...leaksIn('the list of the Web UI', list, [...never, ...marked.names]));
  assert.ok(seen.size >= 13, [...seen].join(', '));
  // What a page says may be there, so the search would find what it looks for.
  for (const name of [owner, 'Ursula Usermark', 'Paula Personmark']) assert.ok(everything.includes(name), name);
  assert.deepEqual(leaks, []);
});

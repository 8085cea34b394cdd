/** Marks every secret and personal value, then searches for the marks in everything written: logs, answers, Temporal. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import twilio from 'twilio';
import type { Sandbox } from '../../sandbox/sandbox.js';
import { pagerId } from '../../src/workflows/pager-contract.js';
import type { TestPhone } from '../helpers/phone.js';
import { slowMachineTimeoutMs, printingOutputOnFailure, type Program } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { accountSid, startService, owner, secrets, type Service } from './service.js';
import { alternate, escalation, marked, never, numbers } from './marked-values.js';
import { leaksIn } from './marks.js';
import { logged } from './logged.js';
import { waitingPhone } from './waiting-phone.js';
import { scriptOf, type Script } from './script.js';
import { seenInTemporal } from './seen-in-temporal.js';
import { addTemplate, contentSid } from './template.js';

let service: Service;
let sandbox: Sandbox;
let api: Program;
let worker: Program;
let url: string;
let script: Script;
let ana: TestPhone;
let ben: TestPhone;
let lead: TestPhone;

before(async () => {
  service = await startService({
    env: { LOG_LEVEL: 'trace', WHATSAPP_CONTENT_SID: contentSid, TWILIO_AUTH_TOKEN_ALTERNATE: alternate },
    settings: { refreshWaitsMs: 50, refreshRunsMs: 200 },
    escalation,
  });
  ({ sandbox, api, worker, url } = service);
  script = scriptOf(service);
  ana = waitingPhone(sandbox, numbers.ana);
  ben = waitingPhone(sandbox, numbers.ben);
  lead = waitingPhone(sandbox, numbers.lead);
  await addTemplate(sandbox);
});
after(() => service?.close());

/** Headers and bodies of answers to requests without the API token. */
const answers: string[] = [];
async function request(path: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(`${url}${path}`, init);
  answers.push(JSON.stringify([...response.headers]), await response.text());
  return response.status;
}
const notify = (event: string, luid: string, name: string): Promise<number> =>
  request(`/notifier/${secrets.TABLEAU_WEBHOOK_SECRET}`, {
    method: 'POST',
    body: JSON.stringify({ event_type: event, resource_luid: luid, resource_name: name, site_luid: sandbox.siteLuid }),
  });
const writes = (number: string, text: string, token = secrets.TWILIO_AUTH_TOKEN): Promise<number> => {
  const MessageSid = `SM${randomBytes(16).toString('hex')}`;
  const form = {
    AccountSid: accountSid,
    From: `whatsapp:${number}`,
    Body: text,
    ProfileName: 'Pia Profilename',
    MessageSid,
  };
  const signature = twilio.getExpectedTwilioSignature(token, `${url}/twilio/message`, form);
  return request('/twilio/message', {
    method: 'POST',
    headers: { 'x-twilio-signature': signature },
    body: new URLSearchParams(form),
  });
};
const stateOf = async (id: string): Promise<string> => (await script.incident(id)).state;
const becomes = (id: string, state: string) =>
  until(`${id} to be ${state}`, async () => (await stateOf(id)) === state, slowMachineTimeoutMs);
const refuses = (target: string, status: number, body: Record<string, unknown>, times = 1) =>
  sandbox.faults.add({ target, status, body, times });
const programs = () => [api, worker, service.temporal];
const scenario = (name: string, run: () => Promise<void>): void =>
  void test(name, printingOutputOnFailure(programs, run));

const [host, user, password] = marked.notes;
scenario(
  'a failure escalates: a template, an SMS that Twilio refuses with the number, a call that is answered',
  async () => {
    const sales = service.item('workbook', 'Sales');
    const found = sandbox.panel.find(sales.luid) ?? assert.fail('the item is not in Tableau');
    refuses('twilio.messages.sms', 400, {
      code: 21211,
      status: 400,
      message: `The 'To' number ${numbers.ana} is not a valid phone number.`,
    });
    await sandbox.panel.fail(found, {
      notes: `Login failed for user '${user}' at server "${host}".\nServer=${host};Uid=${user};Pwd=${password};Database=x\n${'More. '.repeat(100)}postgres://${user}:${password}@${host}/x`,
      wait: true,
    });
    await ana.receives('whatsapp', new RegExp(owner));
    const call = await ana.rings();
    await ana.picksUp(call);
    assert.match(await ana.presses(call, '1'), /Acknowledged/);
    await becomes(sales.id, 'acknowledged');
    await service.recovers(sales);
    await ana.receives('sms', /"Sales" works again/);
  },
);

scenario('a storm is one message and a bundle; an unknown reply, ALL, a button, a rerun', async () => {
  const items = Array.from({ length: 5 }, (_, n) => service.item('datasource', `Source ${n}`));
  const [one, ...others] = items;
  assert.ok(one);
  await service.fails(one);
  const first = await ana.receives('whatsapp', /Source 0/);
  await Promise.all(others.map((item) => service.fails(item)));
  await ana.receives('whatsapp', /^\d failed refreshes open, 4 new/);
  assert.equal(await writes(numbers.ana, 'zebrafish, what is this?'), 200);
  await ana.receives('whatsapp', /ACK/);
  await ana.taps(first, 'ACK', 'I take the kumquat');
  await ana.receives('whatsapp', /^Taken: "Source \d"/);
  assert.equal(await ana.replies('ALL'), 200);
  await ana.receives('whatsapp', /^4 taken/);
  for (const { id } of items) await becomes(id, 'acknowledged');

  const flaky = service.item('datasource', 'Flaky');
  await service.fails(flaky);
  const page = await ana.receives('whatsapp', /Flaky/);
  await fetch(`${sandbox.url}/sandbox/tableau/items/${flaky.luid}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ condition: 'healthy' }),
  });
  assert.equal(await ana.replies('R', 'whatsapp', page), 200);
  await ana.receives('whatsapp', /^Running again: "Flaky"/);
  await ana.receives('whatsapp', /^"Flaky" works again/);
  await becomes(flaky.id, 'resolved');
});

scenario('unknown senders, wrong signatures, wrong secrets and wrong tokens are refused', async () => {
  assert.equal(await writes(numbers.unknown, 'zebrafish'), 200);
  assert.equal(await writes(numbers.ana, 'ok zebrafish', 'somebody-elses-token'), 403);
  assert.equal(await writes(numbers.ana, 'zebrafish again', alternate), 200);
  await ana.receives('whatsapp', /^Reply ACK/);
  const wrong = 'wrong-secret-marmalade';
  assert.equal(await request(`/notifier/${wrong}`, { method: 'POST', body: '{}' }), 401);
  assert.equal(await request(`/notifier?secret=${wrong}`, { method: 'POST', body: '{}' }), 401);
  assert.equal(await request(`/nowhere/${wrong}?token=${wrong}`), 404);
  assert.equal(await request('/incidents', { headers: { authorization: 'Bearer wrong-token-pomegranate' } }), 401);
  assert.equal(
    await request(`/notifier/${secrets.TABLEAU_WEBHOOK_SECRET}`, { method: 'POST', body: '{"zebrafish' }),
    400,
  );
});

scenario('an event about a person, and an answer by a script in the name of a person', async () => {
  assert.equal(await notify('AdminPromoted', 'user-7', 'Ursula Usermark'), 200);
  const id = `admin:${sandbox.siteLuid}:user-7`;
  await lead.receives('sms', /Ursula Usermark/);
  assert.equal((await script.post(id, 'acknowledge', { by: 'Paula Personmark' })).status, 200);
  await lead.receives('sms', /taken by Paula Personmark/);
  assert.equal(
    await request(`/incidents/${encodeURIComponent(id)}/resolve`, {
      method: 'POST',
      body: '{"by":"Paula Personmark"}',
    }),
    401,
  );
  assert.equal((await script.post(id, 'resolve', { by: 'Paula Personmark' })).status, 200);
  await lead.receives('sms', /resolved by Paula Personmark/);
});

scenario('errors of Twilio that quote the request; STOP', async () => {
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
  await ben.receives('whatsapp', /^You get no more WhatsApp messages\./);
  const weekly = `view:${sandbox.siteLuid}:view-2`;
  const recorded = async () =>
    (await script.incident(weekly)).timeline.some(({ text }) => text === 'WhatsApp to ben: stopped');
  await until('the incident to record STOP', recorded, slowMachineTimeoutMs);
  assert.equal((await script.post(weekly, 'resolve', { by: 'the-end' })).status, 200);
});

// The recoveries of Sales and of Flaky opened none.
const allAreOpened = (): boolean => logged(worker, 'incident opened') === logged(api, 'event accepted') - 2;

scenario(
  'the worker is killed in the middle of a send, and Tableau quotes the secret when it refuses the next worker',
  async () => {
    const stock = service.item('datasource', 'Stock');
    sandbox.faults.add({ target: 'twilio.messages.whatsapp', delayMs: 20_000 });
    await service.fails(stock);
    await ana.receives('whatsapp', /Stock/);
    // Log lines that are not written yet are lost with the process.
    await until('all to be opened', allAreOpened, slowMachineTimeoutMs);
    await worker.kill();
    const quoted = `${secrets.TABLEAU_PAT_SECRET} of ${owner}`;
    refuses('tableau.signin', 400, { error: { summary: `Bad ${quoted}`, detail: quoted, code: '400999' } });
    refuses('tableau.signin', 401, { error: { summary: `Signin ${quoted}`, detail: quoted, code: '401001' } }, 10);
    await worker.start();
    const last = service.item('datasource', 'Last');
    await service.fails(last);
    await ana.receives('whatsapp', /Last/);
    assert.equal(await ana.replies('ALL'), 200);
    await ana.receives('whatsapp', /taken/);
    await service.quiet();
  },
);

scenario('the log has a line for each event, page, receipt, reply and decision', async () => {
  const inApi = ['event accepted', 'delivery receipt recorded', 'reply recorded', 'answer recorded'];
  const incident = ['opened', 'acknowledged', 'resolved', 'recovered'].map((what) => `incident ${what}`);
  const page = ['sent', 'held', 'failed'].map((what) => `page ${what}`);
  const others = ['step taken', 'refresh run again', 'notice sent', 'reply answered'];
  const inWorker = [...incident, ...page, ...others];
  // The output of a process may arrive later than its effects.
  for (const msg of inApi) await until(msg, () => logged(api, msg) > 0, slowMachineTimeoutMs);
  for (const msg of inWorker) await until(msg, () => logged(worker, msg) > 0, slowMachineTimeoutMs);
  const isStopped = (): boolean => worker.output().includes('"alarm":"contact-stopped"');
  await until('the alarm of the contact who replied STOP', isStopped, slowMachineTimeoutMs);
  // One line for a bundle, not one for each incident in it.
  const bundles = worker.output().match(/"incidents":4,"attempt":"[\w-]+","sid":"\w+","msg":"page sent"/g);
  assert.equal(bundles?.length, 1, 'the bundle is one line');
  await until('all to be opened', allAreOpened, slowMachineTimeoutMs);
});

scenario('no log and no answer contains a secret, a number, a reply word or a name', async () => {
  for (const path of ['/', '/healthz', '/readyz', '/metrics']) await request(path);
  await request('/', { headers: { accept: 'application/json' } });
  const leaks = [
    ...leaksIn('the log of the api', api.output(), [...never, ...marked.names]),
    ...leaksIn('the log of the worker', worker.output(), [...never, ...marked.names]),
    ...leaksIn('an answer', answers.join('\n'), [...never, ...marked.names]),
  ];
  assert.match(worker.output(), /"level":"trace"|"level":"debug"/);
  assert.deepEqual(leaks, []);
});

scenario('no history contains a secret, a number or a reply word, and nothing on display contains a name', async () => {
  const leaks: string[] = [];
  const seen = new Set<string>();
  let everything = '';
  await until(
    'all to be listed',
    async () => (await service.client.workflow.count(`WorkflowId = "${pagerId('ana')}"`)).count > 0,
    slowMachineTimeoutMs,
  );
  for await (const { workflowId, runId } of service.client.workflow.list()) {
    const found = await seenInTemporal(service.client, workflowId, runId);
    seen.add(workflowId);
    everything += found.everything;
    leaks.push(
      ...leaksIn(`the history of ${workflowId}`, found.everything, never),
      ...leaksIn(`what is shown of ${workflowId}`, found.shown, [...never, ...marked.names]),
      ...leaksIn(`a failure of ${workflowId}`, found.failures, [...never, ...marked.names]),
    );
  }
  const list = await (await fetch(`${service.webUi}/api/v1/namespaces/default/workflows`)).text();
  assert.match(list, /pager:ana/);
  leaks.push(...leaksIn('the list of the Web UI', list, [...never, ...marked.names]));
  assert.ok(seen.size >= 13, [...seen].join(', '));
  // Texts of pages may be in the histories: finding these names shows that the search works.
  for (const name of [owner, 'Ursula Usermark', 'Paula Personmark', 'Login failed for user'])
    assert.ok(everything.includes(name), name);
  assert.deepEqual(leaks, []);
});

/** Runs the Postman collection with newman against the sandbox and the product, over real HTTP. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import newman, { type Execution, type Summary } from 'newman';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { createSandbox } from '../../sandbox/sandbox.js';
import { freePort } from '../../src/temporal/ports.js';
import { run } from '../commands/process.js';
import { until } from '../helpers/until.js';

const secrets = {
  API_TOKEN: 'api-token-of-the-postman-test',
  TABLEAU_WEBHOOK_SECRET: 'webhook-secret-of-the-postman-test',
  TWILIO_AUTH_TOKEN: '0123456789abcdef0123456789abcdef',
};
const accountSid = `AC${'1'.repeat(32)}`;
const pat = { name: 'postman', secret: 'pat-secret-of-the-postman-test' };
const [service, postman] = ['service', 'postman'].map((name) => ({ name, password: `password-of-${name}` }));
const numbers = { duty: '+15550100001', sms: '+15550009999', whatsapp: '+15550008888' };

/** The usual policy of one contact, and a schedule. */
const escalationFile = `contacts: { duty: { whatsapp: "${numbers.duty}", phone: "${numbers.duty}" } }
schedules:
  data: { timezone: Europe/Berlin, rotation: { contacts: [duty], every: 1w, start: "2026-01-05T09:00" } }
policies:
  default:
    steps:
      - { page: [duty], by: whatsapp, wait: 5m }
      - { page: [duty], by: sms, wait: 5m }
      - { page: [duty], by: call, wait: 5m }
    repeat: 1
`;

const fileOf = (what: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../postman/tableau-webhooks.postman_${what}.json`, import.meta.url), 'utf8'));
const collection = fileOf('collection');
const environment = fileOf('environment');

const Request = Type.Object({
  name: Type.String(),
  event: Type.Array(Type.Object({ listen: Type.String() })),
  request: Type.Object({ method: Type.String() }),
  response: Type.Array(Type.Object({ name: Type.String(), code: Type.Number(), body: Type.String() })),
});
type Request = Static<typeof Request>;
const Folder = Type.Object({ item: Type.Array(Type.Unknown()) });
const Environment = Type.Object({ values: Type.Array(Type.Object({ key: Type.String(), value: Type.String() })) });

/** Every request of the collection, in order. */
const requestsIn = (entry: unknown): Request[] =>
  Value.Check(Request, entry) ? [entry] : Value.Parse(Folder, entry).item.flatMap(requestsIn);
const requests = requestsIn(collection);

function send(values: Record<string, string>, folder?: string): Promise<Summary> {
  const envVar = Object.entries(values).map(([key, value]) => ({ key, value }));
  return new Promise((resolve, reject) => {
    newman.run({ collection, environment, envVar, ...(folder && { folder: [folder] }) }, (error, summary) =>
      error ? reject(error) : resolve(summary),
    );
  });
}

const namesOf = (summary: Summary): string[] => summary.run.executions.map(({ item }) => item.name);
const assertionsOf = (summary: Summary): string[] =>
  summary.run.executions.flatMap(({ item, assertions = [] }) =>
    assertions.map(({ assertion, error }) => `${item.name}: ${assertion}${error ? `: ${error.message}` : ''}`),
  );
const failuresOf = (summary: Summary): string[] =>
  summary.run.failures.map(({ source, error }) => `${source?.name}: ${error.message}`);

/** Their content depends on when the request is made: the detail from Tableau, and the next step. */
const varying = ['detail', 'next'];

/** The paths of the names in a JSON answer, two levels deep; for other answers their kind. */
function namesIn(body: string): string[] {
  if (!/^[{[]/.test(body)) return [body === '' ? 'nothing' : 'a text'];
  const names = (value: unknown, path: string, depth: number): string[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && depth > 0
      ? Object.entries(value).flatMap(([name, inner]) => [
          `${path}/${name}`,
          ...names(inner, `${path}/${name}`, varying.includes(name) ? 0 : depth - 1),
        ])
      : [];
  return names(JSON.parse(body), '', 2);
}

/** Starts the sandbox and the service; gives the values for the environment file and the texts of the messages so far. */
async function startService(t: TestContext) {
  const sandbox = createSandbox({
    accountSid,
    authToken: secrets.TWILIO_AUTH_TOKEN,
    pat,
    users: [service, postman].flatMap((user) => user ?? []),
  });
  const outside = await sandbox.listen();
  t.after(() => sandbox.close());
  const port = await freePort(22_000 + (process.pid % 500));
  const url = `http://127.0.0.1:${port}`;
  const file = join(tmpdir(), `postman-${process.pid}.yaml`);
  await writeFile(file, escalationFile);
  t.after(() => rm(file));
  const started = await run(t, ['start'], {
    NODE_ENV: 'development',
    ...secrets,
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: url,
    EMBEDDED_TEMPORAL_PORT: String(await freePort(23_000 + (process.pid % 500), [0, 1000])),
    TABLEAU_DOMAIN: outside,
    TABLEAU_USERNAME: service?.name ?? '',
    TABLEAU_PASSWORD: service?.password ?? '',
    TWILIO_API_BASE_URL: outside,
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_FROM_NUMBER: numbers.sms,
    WHATSAPP_FROM: numbers.whatsapp,
    TWILIO_TO_NUMBER: numbers.duty,
    WHATSAPP_TO: numbers.duty,
    ESCALATION_FILE: file,
  });
  const isReady = async () => (await fetch(`${url}/readyz`).catch(() => null))?.status === 200;
  await until(started.output, isReady, 60_000);
  /** With a failed job in Tableau; its next refresh succeeds. */
  const failedItem = async (kind: 'workbook' | 'datasource', name: string): Promise<string> => {
    const { luid } = sandbox.panel.add({ kind, name });
    const item = sandbox.panel.find(luid) ?? assert.fail('the item is not in Tableau');
    await sandbox.panel.fail(item, { condition: 'flaky' });
    return luid;
  };
  const values: Record<string, string> = {
    server: outside,
    username: postman?.name ?? '',
    password: postman?.password ?? '',
    'pat-name': pat.name,
    'pat-secret': pat.secret,
    'public-url': url,
    'webhook-secret': secrets.TABLEAU_WEBHOOK_SECRET,
    'api-token': secrets.API_TOKEN,
    'site-luid': sandbox.siteLuid,
    'workbook-luid': await failedItem('workbook', 'Sales'),
    'datasource-luid': await failedItem('datasource', 'Customers'),
    'twilio-account-sid': accountSid,
    'twilio-auth-token': secrets.TWILIO_AUTH_TOKEN,
    'contact-phone': numbers.duty,
    'contact-whatsapp': numbers.duty,
  };
  return { values, messages: () => sandbox.phones.get(numbers.duty).messages.map(({ body }) => body) };
}

describe('the Postman collection', { timeout: 600_000 }, () => {
  test('every request is sent, and the answers match its tests and saved examples', async (t) => {
    const { values, messages } = await startService(t);
    const all = await send(values);
    assert.deepEqual(failuresOf(all), []);
    assert.deepEqual(
      namesOf(all),
      requests.map(({ name }) => name),
    );
    for (const [at, execution] of all.run.executions.entries()) isAsSaved(execution, requests[at]);

    // What the replies led to, whether or not an incident was still open for them.
    const outcomes = [
      / open\b/,
      /^Reply ACK/,
      /^(Taken|Already|Resolved|Nothing)/,
      /^You get no more WhatsApp messages\./,
      /^Started\./,
    ];
    for (const outcome of outcomes)
      await until(`${String(outcome)} in ${messages().join('\n')}`, () =>
        messages().some((text) => outcome.test(text)),
      );

    const alone = await send(values, 'Webhooks');
    assert.deepEqual(failuresOf(alone), []);
    // Newman lists assertions in the callback of pm.sendRequest twice.
    const signIns = new Set(assertionsOf(alone).filter((name) => name.includes('signed in by itself')));
    assert.deepEqual([...signIns], ['List webhooks: signed in by itself'], 'only the first request must have no token');
    const byPassword = await send({ ...values, 'pat-secret': '' }, 'Webhooks');
    assert.deepEqual(failuresOf(byPassword), []);

    const wrong = await send({ ...values, 'twilio-auth-token': 'another', 'api-token': 'another' });
    const refused = failuresOf(wrong).join('\n');
    const signed = requests.map(({ name }) => name).filter((name) => /^(WhatsApp|SMS|Call|Receipt): /.test(name));
    assert.ok(signed.length >= 16);
    for (const name of ['List incidents', 'Acknowledge', ...signed])
      assert.match(refused, new RegExp(`^${name}: `, 'm'));
  });

  test('every request has tests and a saved example', () => {
    const incomplete = requests.filter(
      ({ event, response }) => !event.some(({ listen }) => listen === 'test') || response.length === 0,
    );
    assert.deepEqual(
      incomplete.map(({ name }) => name),
      [],
    );
    assert.equal(new Set(requests.map(({ name }) => name)).size, requests.length);
  });

  test('every variable is in the environment file, and no secret is', () => {
    const values = new Map(Value.Parse(Environment, environment).values.map(({ key, value }) => [key, value]));
    const used = JSON.stringify(collection).matchAll(/\{\{([^}$]+)\}\}/g);
    assert.deepEqual(
      [...new Set([...used].map(([, name = '']) => name))].filter((name) => !values.has(name)),
      [],
    );
    for (const [name, value] of values) {
      if (/token|secret$|password/.test(name)) assert.equal(value, '', name);
    }
    assert.doesNotMatch(JSON.stringify(collection), /127\.0\.0\.1|postman-test/);
  });
});

/** An answer may contain more than a saved example, never less. */
function isAsSaved({ item, response }: Execution, request: Request | undefined): void {
  const saved = request?.response.filter(({ code }) => code === response?.code).map(({ body }) => namesIn(body)) ?? [];
  const got = namesIn(response?.text() ?? '');
  const found = saved.some((names) => names.every((name) => got.includes(name)));
  assert.ok(found, `${item.name}: ${response?.code} ${got.join(' ')} lacks what is saved: ${saved.join(' or ')}`);
}

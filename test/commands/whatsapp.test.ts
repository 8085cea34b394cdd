import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { createSandbox, type Sandbox } from '../../sandbox/sandbox.js';
import { control } from '../sandbox/world.js';
import { run } from './process.js';

const accountSid = `AC${'0'.repeat(32)}`;
const authToken = 'an-auth-token-of-the-test';

const Report = Type.Object({
  name: Type.String(),
  contentSid: Type.String({ pattern: '^HX[0-9a-f]{32}$' }),
  did: Type.Array(Type.String()),
  approval: Type.Object({ status: Type.String(), reason: Type.String() }),
  current: Type.Boolean(),
  env: Type.String(),
  configured: Type.Boolean(),
});
const Problem = Type.Object({ problem: Type.String() });

interface Desk {
  sandbox: Sandbox;
  runs: (args: string[], env?: Record<string, string>) => Promise<{ code: number | null; said: string }>;
  tells: <T extends TSchema>(
    schema: T,
    args?: string[],
    env?: Record<string, string>,
  ) => Promise<[number | null, Static<T>]>;
  decide: (sid: string, status: string, reason?: string) => Promise<unknown>;
  requests: () => number;
}

async function openDesk(t: TestContext): Promise<Desk> {
  const sandbox = createSandbox({ accountSid, authToken, pat: { name: 'p', secret: 's' } });
  const url = await sandbox.listen();
  t.after(() => sandbox.close());
  const env = {
    PUBLIC_URL: 'https://pager.example.com',
    API_TOKEN: 'abcdefgh12345678',
    TABLEAU_DOMAIN: url,
    TABLEAU_WEBHOOK_SECRET: 'the-webhook-secret-of-the-test',
    TABLEAU_PAT_NAME: 'p',
    TABLEAU_PAT_SECRET: 's',
    TWILIO_API_BASE_URL: url,
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_FROM_NUMBER: '+15550009999',
    TWILIO_TO_NUMBER: '+15550000001',
    WHATSAPP_FROM: '+15550008888',
  };
  const runs: Desk['runs'] = async (args, more = {}) => {
    const started = await run(t, ['whatsapp', ...args], { ...env, ...more });
    return { code: await started.ended, said: started.said() };
  };
  return {
    sandbox,
    runs,
    tells: async (schema, args = [], more) => {
      const { code, said } = await runs(['template', '--json', ...args], more);
      return [code, Value.Parse(schema, JSON.parse(said))];
    },
    decide: (sid, status, reason = '') => control(sandbox, 'PUT', `templates/${sid}/approval`, { status, reason }),
    requests: () => sandbox.requests({ target: 'twilio.content' }).filter(({ method }) => method === 'POST').length,
  };
}

describe('whatsapp template', { concurrency: 2, timeout: 120_000 }, () => {
  test('creates it, hands it in, says what to write into .env, and does nothing twice', async (t) => {
    const desk = await openDesk(t);
    const first = await desk.runs(['template']);
    assert.equal(first.code, 0, first.said);
    assert.match(
      first.said,
      /^Template tableau_webhooks_page: HX[0-9a-f]{32} \(created, submitted\)\nWhatsApp: received\n/,
    );
    assert.match(first.said, /In \.env, once it is approved:\n {2}WHATSAPP_CONTENT_SID=HX[0-9a-f]{32}\n$/);
    assert.equal(desk.requests(), 2);
    const [code, report] = await desk.tells(Report);
    assert.deepEqual(
      [code, report.did, report.approval.status, report.current, report.configured],
      [0, [], 'received', true, false],
    );
    assert.match(first.said, new RegExp(report.env));
    assert.equal(desk.requests(), 2);
  });

  test('goes on where an earlier try was cut off', async (t) => {
    const desk = await openDesk(t);
    desk.sandbox.faults.add({ target: 'twilio.content', drop: 'after', times: 2 });
    const [, problem] = await desk.tells(Problem);
    assert.match(problem.problem, /connection to Twilio was lost/);
    desk.sandbox.faults.clear();
    // The list was cut, then the creation after it was done.
    desk.sandbox.faults.add({ target: 'twilio.content', delayMs: 0, times: 1 });
    desk.sandbox.faults.add({ target: 'twilio.content', drop: 'after', times: 1 });
    await desk.tells(Problem);
    const [code, report] = await desk.tells(Report);
    assert.deepEqual([code, report.did, report.approval.status], [0, ['submitted'], 'received']);
    assert.equal(desk.requests(), 2);
  });

  test('--status changes nothing, and ends with 0 when it is approved', async (t) => {
    const desk = await openDesk(t);
    const [none, missing] = await desk.tells(Problem, ['--status']);
    assert.equal(none, 1);
    assert.match(missing.problem, /no template tableau_webhooks_page: `tableau-webhooks whatsapp template` creates it/);
    const [, { contentSid }] = await desk.tells(Report);
    const [waiting] = await desk.tells(Report, ['--status']);
    assert.equal(waiting, 1);
    await desk.decide(contentSid, 'approved');
    const approved = await desk.runs(['template', '--status'], { WHATSAPP_CONTENT_SID: contentSid });
    assert.equal(approved.code, 0, approved.said);
    assert.equal(
      approved.said,
      `Template tableau_webhooks_page: ${contentSid}\nWhatsApp: approved\nIt may be sent at any time.\n`,
    );
    assert.equal(desk.requests(), 2);
    const stranger = { WHATSAPP_CONTENT_SID: `HX${'e'.repeat(32)}` };
    const [unknown, told] = await desk.tells(Problem, ['--status'], stranger);
    assert.equal(unknown, 1);
    assert.match(told.problem, /does not know WHATSAPP_CONTENT_SID/);
  });

  test('a rejected one says why and asks for another name, which works', async (t) => {
    const desk = await openDesk(t);
    const [, { contentSid }] = await desk.tells(Report);
    await desk.decide(contentSid, 'rejected', 'TAG_CONTENT_MISMATCH');
    const again = await desk.runs(['template']);
    assert.equal(again.code, 1);
    assert.match(again.said, /WhatsApp: rejected: TAG_CONTENT_MISMATCH\n.*--name tableau_webhooks_page_2/);
    const [code, report] = await desk.tells(Report, ['--name', 'tableau_webhooks_page_2']);
    assert.deepEqual([code, report.did], [0, ['created', 'submitted']]);
    assert.notEqual(report.contentSid, contentSid);
  });

  test('does not take a template of that name with other words for its own', async (t) => {
    const desk = await openDesk(t);
    const response = await fetch(`${desk.sandbox.url}/v1/Content`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        friendly_name: 'tableau_webhooks_page',
        language: 'en',
        types: { 'twilio/text': { body: 'Something of yours' } },
      }),
    });
    assert.equal(response.status, 201);
    const [code, told] = await desk.tells(Problem);
    assert.equal(code, 1);
    assert.match(told.problem, /with other words or buttons than this version has.*--name/);
    const [status, report] = await desk.tells(Report, ['--status']);
    assert.deepEqual([status, report.current], [1, false]);
  });

  test('says what Twilio refused, and nothing secret', async (t) => {
    const desk = await openDesk(t);
    const { code, said } = await desk.runs(['template'], { TWILIO_AUTH_TOKEN: 'a-wrong-token' });
    assert.equal(code, 1);
    assert.match(said, /^Twilio refused our credentials\./);
    assert.doesNotMatch(said, /a-wrong-token|Basic|\bat .*\.ts/);
  });

  test('is refused with the usage and 2 when it is asked wrongly', async (t) => {
    const desk = await openDesk(t);
    for (const args of [[], ['page'], ['template', 'x'], ['template', '--name', 'A Page'], ['template', '--yes']]) {
      const { code, said } = await desk.runs(args);
      assert.equal(code, 2, args.join(' '));
      assert.match(said, /Usage: tableau-webhooks whatsapp template/);
    }
    assert.equal((await desk.runs(['--help'])).code, 0);
    assert.equal(desk.sandbox.requests({ target: 'twilio' }).length, 0);
  });
});

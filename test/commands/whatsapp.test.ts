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

interface TestSession {
  sandbox: Sandbox;
  run: (args: string[], env?: Record<string, string>) => Promise<{ code: number | null; output: string }>;
  runJson: <T extends TSchema>(
    schema: T,
    args?: string[],
    env?: Record<string, string>,
  ) => Promise<[number | null, Static<T>]>;
  decide: (sid: string, status: string, reason?: string) => Promise<unknown>;
  requests: () => number;
}

async function startSandbox(t: TestContext): Promise<TestSession> {
  const sandbox = createSandbox({ accountSid, authToken, pat: { name: 'p', secret: 's' } });
  const url = await sandbox.listen();
  t.after(() => sandbox.close());
  const env = {
    NODE_ENV: 'test',
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
  const runs: TestSession['run'] = async (args, more = {}) => {
    const started = await run(t, ['whatsapp', ...args], { ...env, ...more });
    return { code: await started.ended, output: started.output() };
  };
  return {
    sandbox,
    run: runs,
    runJson: async (schema, args = [], more) => {
      const { code, output } = await runs(['template', '--json', ...args], more);
      return [code, Value.Parse(schema, JSON.parse(output))];
    },
    decide: (sid, status, reason = '') => control(sandbox, 'PUT', `templates/${sid}/approval`, { status, reason }),
    requests: () => sandbox.requests({ target: 'twilio.content' }).filter(({ method }) => method === 'POST').length,
  };
}

describe('whatsapp template', { concurrency: 2, timeout: 600_000 }, () => {
  test('creates and submits the template, prints the line for .env, and does neither again in a second run', async (t) => {
    const session = await startSandbox(t);
    const first = await session.run(['template']);
    assert.equal(first.code, 0, first.output);
    assert.match(
      first.output,
      /^Template tableau_webhooks_page: HX[0-9a-f]{32} \(created, submitted\)\nWhatsApp: received\n/,
    );
    assert.match(first.output, /In \.env, once it is approved:\n {2}WHATSAPP_CONTENT_SID=HX[0-9a-f]{32}\n$/);
    assert.equal(session.requests(), 2);
    const [code, report] = await session.runJson(Report);
    assert.deepEqual(
      [code, report.did, report.approval.status, report.current, report.configured],
      [0, [], 'received', true, false],
    );
    assert.match(first.output, new RegExp(report.env));
    assert.equal(session.requests(), 2);
  });

  test('continues where an earlier run was interrupted', async (t) => {
    const session = await startSandbox(t);
    session.sandbox.faults.add({ target: 'twilio.content', drop: 'after', times: 2 });
    const [, problem] = await session.runJson(Problem);
    assert.match(problem.problem, /connection to Twilio was lost/);
    session.sandbox.faults.clear();
    // The list was cut, then the creation after it was done.
    session.sandbox.faults.add({ target: 'twilio.content', delayMs: 0, times: 1 });
    session.sandbox.faults.add({ target: 'twilio.content', drop: 'after', times: 1 });
    await session.runJson(Problem);
    const [code, report] = await session.runJson(Report);
    assert.deepEqual([code, report.did, report.approval.status], [0, ['submitted'], 'received']);
    assert.equal(session.requests(), 2);
  });

  test('--status changes nothing, and exits with 0 when it is approved', async (t) => {
    const session = await startSandbox(t);
    const [none, missing] = await session.runJson(Problem, ['--status']);
    assert.equal(none, 1);
    assert.match(missing.problem, /no template tableau_webhooks_page: `tableau-webhooks whatsapp template` creates it/);
    const [, { contentSid }] = await session.runJson(Report);
    const [waiting] = await session.runJson(Report, ['--status']);
    assert.equal(waiting, 1);
    await session.decide(contentSid, 'approved');
    const approved = await session.run(['template', '--status'], { WHATSAPP_CONTENT_SID: contentSid });
    assert.equal(approved.code, 0, approved.output);
    assert.equal(
      approved.output,
      `Template tableau_webhooks_page: ${contentSid}\nWhatsApp: approved\nIt can be sent at any time.\n`,
    );
    assert.equal(session.requests(), 2);
    const unknownTemplate = { WHATSAPP_CONTENT_SID: `HX${'e'.repeat(32)}` };
    const [unknown, answer] = await session.runJson(Problem, ['--status'], unknownTemplate);
    assert.equal(unknown, 1);
    assert.match(answer.problem, /does not know WHATSAPP_CONTENT_SID/);
  });

  test('prints the reason of a rejection, and creates a template under another name', async (t) => {
    const session = await startSandbox(t);
    const [, { contentSid }] = await session.runJson(Report);
    await session.decide(contentSid, 'rejected', 'TAG_CONTENT_MISMATCH');
    const again = await session.run(['template']);
    assert.equal(again.code, 1);
    assert.match(again.output, /WhatsApp: rejected: TAG_CONTENT_MISMATCH\n.*--name tableau_webhooks_page_2/);
    const [code, report] = await session.runJson(Report, ['--name', 'tableau_webhooks_page_2']);
    assert.deepEqual([code, report.did], [0, ['created', 'submitted']]);
    assert.notEqual(report.contentSid, contentSid);
  });

  test('does not use a template of the same name with another text', async (t) => {
    const session = await startSandbox(t);
    const response = await fetch(`${session.sandbox.url}/v1/Content`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        friendly_name: 'tableau_webhooks_page',
        language: 'en',
        types: { 'twilio/text': { body: 'Something of yours' } },
      }),
    });
    assert.equal(response.status, 201);
    const [code, answer] = await session.runJson(Problem);
    assert.equal(code, 1);
    assert.match(answer.problem, /with another text or other buttons than this version has.*--name/);
    const [status, report] = await session.runJson(Report, ['--status']);
    assert.deepEqual([status, report.current], [1, false]);
  });

  test('prints what Twilio refused, without secrets', async (t) => {
    const session = await startSandbox(t);
    const { code, output } = await session.run(['template'], { TWILIO_AUTH_TOKEN: 'a-wrong-token' });
    assert.equal(code, 1);
    assert.match(output, /^Twilio refused our credentials\./);
    assert.doesNotMatch(output, /a-wrong-token|Basic|\bat .*\.ts/);
  });

  test('refuses wrong arguments with the usage and exit code 2', async (t) => {
    const session = await startSandbox(t);
    for (const args of [[], ['page'], ['template', 'x'], ['template', '--name', 'A Page'], ['template', '--yes']]) {
      const { code, output } = await session.run(args);
      assert.equal(code, 2, args.join(' '));
      assert.match(output, /Usage: tableau-webhooks whatsapp template/);
    }
    assert.equal((await session.run(['--help'])).code, 0);
    assert.equal(session.sandbox.requests({ target: 'twilio' }).length, 0);
  });
});

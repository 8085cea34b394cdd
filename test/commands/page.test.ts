import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { createSandbox } from '../../sandbox/sandbox.js';
import { until } from '../helpers/until.js';
import { run } from './process.js';

const accountSid = `AC${'0'.repeat(32)}`;
const authToken = 'an-auth-token-of-the-test';
const numbers = { ana: '+15550000001', lead: '+15550000002' };

/** `npm run -s tableau-webhooks -- page …` against the sandbox, with an escalation file of two contacts. */
async function startSandbox(t: TestContext) {
  const sandbox = createSandbox({ accountSid, authToken, pat: { name: 'p', secret: 's' } });
  const url = await sandbox.listen();
  t.after(() => sandbox.close());
  const file = join(tmpdir(), `page-${process.pid}.yaml`);
  const contacts = {
    ana: { whatsapp: numbers.ana, phone: numbers.ana },
    lead: { phone: numbers.lead },
  };
  const policies = { default: { steps: [{ page: ['ana'], by: 'sms', wait: '5m' }] } };
  await writeFile(file, JSON.stringify({ contacts, policies }));
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
    WHATSAPP_FROM: '+15550008888',
    ESCALATION_FILE: file,
  };
  const start = (args: string[], more: Record<string, string> = {}) => run(t, ['page', ...args], { ...env, ...more });
  return {
    sandbox,
    start,
    run: async (args: string[], more?: Record<string, string>) => {
      const started = await start(args, more);
      return { code: await started.ended, output: started.output() };
    },
  };
}

describe('page', { concurrency: 2, timeout: 600_000 }, () => {
  test('sends one SMS that is marked as a test, and prints that it was delivered', async (t) => {
    const { sandbox, run: runs } = await startSandbox(t);
    const { code, output } = await runs(['--to', 'ana', '--by', 'sms']);
    assert.match(
      output,
      /^Twilio accepted the SMS to ana \(SM[0-9a-f]{32}\)\.\n(?: {2}\w+\n)* {2}delivered\nIt was delivered to ana\.\n$/,
    );
    assert.equal(code, 0);
    const { messages } = sandbox.phones.get(numbers.ana);
    assert.equal(messages.length, 1);
    assert.match(
      messages[0]?.body ?? '',
      /^TEST: no refresh has failed, nothing is to be done\. pager\.example\.com sends/,
    );
    assert.doesNotMatch(output, new RegExp(`${authToken}|${numbers.ana.slice(1)}`));
  });

  test('uses the template of a page by WhatsApp, and explains why it was not delivered', async (t) => {
    const { sandbox, run: runs } = await startSandbox(t);
    sandbox.faults.add({ target: 'receipts.whatsapp', code: 63003 });
    const { code, output } = await runs(['--to', 'ana', '--by', 'whatsapp'], {
      WHATSAPP_CONTENT_SID: `HX${'a'.repeat(32)}`,
    });
    assert.equal(code, 1);
    assert.match(
      output,
      /It did not reach ana \((?:undelivered|failed)\)\. 63003: The contact has no WhatsApp under this number\.\n$/,
    );
    const [request] = sandbox.requests({ target: 'twilio.messages.whatsapp' });
    assert.match(request?.body ?? '', /TEST: no refresh has failed/);
  });

  test('calls, says that it is a test, and prints whether the call was answered', async (t) => {
    const { sandbox, start } = await startSandbox(t);
    const started = await start(['--to', 'lead', '--by', 'call']);
    const call = await until(started.output, () => sandbox.phones.get(numbers.lead).calls[0] ?? null, 60_000);
    await until(started.output, () => sandbox.phones.get(numbers.lead).calls[0]?.status === 'ringing', 60_000);
    const answered = await fetch(`${sandbox.url}/sandbox/calls/${call.sid}/answer`, { method: 'POST' });
    assert.match(await answered.text(), /TEST: no refresh has failed/);
    assert.equal(await started.ended, 0);
    assert.match(started.output(), /lead answered the call\.\n$/);
  });

  test('what Twilio refuses, and contacts that cannot be paged, are explained without a stack', async (t) => {
    const { sandbox, run: runs } = await startSandbox(t);
    const refused = await runs(['--to', 'ana', '--by', 'sms'], { TWILIO_AUTH_TOKEN: 'a-wrong-token' });
    assert.deepEqual([refused.code, refused.output.split('.')[0]], [1, 'Twilio refused our credentials']);
    const unknown = await runs(['--to', 'bob', '--by', 'sms']);
    assert.deepEqual(
      [unknown.code, unknown.output],
      [1, 'There is no contact "bob": --to must be one of ana, lead.\n'],
    );
    const addressless = await runs(['--to', 'lead', '--by', 'whatsapp']);
    assert.deepEqual(
      [addressless.code, addressless.output],
      [1, 'The contact "lead" has no address for whatsapp: add "whatsapp" to the contact.\n'],
    );
    assert.equal(sandbox.phones.get(numbers.ana).messages.length, 0);
  });

  test('wrong arguments exit with 2', async (t) => {
    const { run: runs } = await startSandbox(t);
    for (const args of [
      ['--to', 'ana'],
      ['--to', 'ana', '--by', 'fax', '--now'],
    ]) {
      const { code, output } = await runs(args);
      assert.deepEqual([code, output.includes('Usage: tableau-webhooks page')], [2, true], args.join(' '));
    }
  });
});

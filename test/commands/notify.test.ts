import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { createSandbox } from '../../sandbox/sandbox.js';
import { run } from './process.js';

const secret = `whsec_${Buffer.from('a secret of 32 bytes for a test.').toString('base64')}`;

/** `npm run -s tableau-webhooks -- notify …` with the sandbox's receivers as webhooks. */
async function startSandbox(t: TestContext) {
  const sandbox = createSandbox({ accountSid: `AC${'0'.repeat(32)}`, authToken: 't', pat: { name: 'p', secret: 's' } });
  const url = await sandbox.listen();
  const directory = await mkdtemp(join(tmpdir(), 'notify-'));
  t.after(() => Promise.all([sandbox.close(), rm(directory, { recursive: true })]));
  const file = join(directory, 'escalation.yaml');
  await writeFile(
    file,
    JSON.stringify({
      contacts: { ana: { phone: '+15550000001' } },
      policies: { default: { steps: [{ page: ['ana'], by: 'sms', wait: '5m' }] } },
      webhooks: {
        team: { url: '$WEBHOOK_TEAM_URL', secret: '$WEBHOOK_TEAM_SECRET', private: true },
        chat: { as: 'slack', url: `${url}/receivers/slack/chat`, private: true },
      },
    }),
  );
  const env = {
    NODE_ENV: 'test',
    PUBLIC_URL: 'https://pager.example.com',
    API_TOKEN: 'abcdefgh12345678',
    TABLEAU_DOMAIN: url,
    TABLEAU_WEBHOOK_SECRET: 'the-webhook-secret-of-the-test',
    TABLEAU_PAT_NAME: 'p',
    TABLEAU_PAT_SECRET: 's',
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'an-auth-token-of-the-test',
    TWILIO_FROM_NUMBER: '+15550009999',
    ESCALATION_FILE: file,
    WEBHOOK_TEAM_URL: `${url}/receivers/standard/team`,
    WEBHOOK_TEAM_SECRET: secret,
  };
  sandbox.receivers.set('team', { secret });
  return {
    receivers: sandbox.receivers,
    notify: async (args: string[], more: Record<string, string> = {}) => {
      const started = await run(t, ['notify', ...args], { ...env, ...more });
      return { code: await started.ended, output: started.output() };
    },
  };
}

describe('notify', { timeout: 600_000 }, () => {
  test('posts a test and its end, signed, and prints what came back', async (t) => {
    const { receivers, notify } = await startSandbox(t);
    const team = await notify(['test', 'team']);
    assert.equal(team.output, 'triggered: taken, it answered 204.\nrecovered: taken, it answered 204.\n');
    assert.equal(team.code, 0);
    assert.deepEqual(
      receivers.received('team').map(({ isSigned }) => isSigned),
      [true, true],
    );
    const chat = await notify(['test', 'chat']);
    assert.equal(chat.output, 'triggered: taken, it answered 200: ok\nrecovered: taken, it answered 200: ok\n');
    assert.match(JSON.stringify(receivers.received('chat')[0]?.body), /This is a test: nothing is broken\./);
  });

  test('says why it was not taken, and names neither the address nor the secret', async (t) => {
    const { receivers, notify } = await startSandbox(t);
    receivers.set('team', { status: 403 });
    const refused = await notify(['test', 'team']);
    assert.deepEqual(refused, { code: 1, output: 'triggered: not taken, it answered 403.\n' });
    const away = await notify(['test', 'team'], { WEBHOOK_TEAM_URL: 'http://127.0.0.1:1/hook' });
    assert.deepEqual(away, { code: 1, output: 'triggered: not reached (ECONNREFUSED).\n' });
  });

  test('names the webhooks that there are, variables that are missing, and wrong arguments', async (t) => {
    const { notify } = await startSandbox(t);
    const unknown = await notify(['test', 'crowd']);
    assert.match(unknown.output, /There is no webhook "crowd": the escalation file has team, chat\./);
    assert.equal(unknown.code, 1);
    const missing = await notify(['test', 'team'], { WEBHOOK_TEAM_SECRET: '' });
    assert.match(missing.output, /WEBHOOK_TEAM_SECRET is missing: webhooks\.team of the escalation file names it\./);
    assert.equal((await notify(['test'])).code, 2);
    assert.equal((await notify(['post', 'team'])).code, 2);
  });
});

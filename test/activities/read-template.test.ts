import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { createSandbox } from '../../sandbox/sandbox.js';
import { createTemplateActivities } from '../../src/activities/read-template.js';
import { createTwilioClient, type TwilioConfig } from '../../src/twilio/client.js';
import { createContentApi } from '../../src/twilio/content.js';
import { pageTemplate } from '../../src/twilio/page-template.js';

const [accountSid, authToken] = [`AC${'0'.repeat(32)}`, 'an-auth-token-of-the-test'];
const sandbox = createSandbox({ accountSid, authToken, pat: { name: 'p', secret: 's' } });
const url = await sandbox.listen();
after(() => sandbox.close());

const base: TwilioConfig = { accountSid, authTokens: [authToken], from: '+15550009999', apiBaseUrl: url };
const stateWith = (more: Partial<TwilioConfig>) => {
  const config = { ...base, ...more };
  const logger = pino({ level: 'silent' });
  return createTemplateActivities({ twilio: createTwilioClient(config), config, logger }).readTemplate();
};

const decide = (sid: string, status: string) =>
  fetch(`${url}/sandbox/templates/${sid}/approval`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status, reason: '' }),
  });

test('a worker says what WhatsApp has decided on the template, as far as Twilio knows', async () => {
  const contents = createContentApi(createTwilioClient(base), pageTemplate);
  const contentSid = await contents.create('page');
  const withTemplate = { whatsappFrom: '+15550008888', contentSid };
  assert.equal(await stateWith({ contentSid }), 'unused');
  assert.equal(await stateWith({ whatsappFrom: '+15550008888' }), 'unset');
  assert.equal(await stateWith(withTemplate), 'pending', 'it was never submitted');
  await contents.submit(contentSid, 'page');
  for (const [status, state] of [
    ['received', 'pending'],
    ['approved', 'approved'],
    ['rejected', 'refused'],
  ] as const) {
    await decide(contentSid, status);
    assert.equal(await stateWith(withTemplate), state, status);
  }
  assert.equal(await stateWith({ ...withTemplate, contentSid: `HX${'3'.repeat(32)}` }), 'missing');
  assert.equal(await stateWith({ ...withTemplate, authTokens: ['a-wrong-token'] }), 'unknown', 'Twilio does not tell');
});

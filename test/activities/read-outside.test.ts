import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { createSandbox } from '../../sandbox/sandbox.js';
import { createOutsideActivities } from '../../src/activities/read-outside.js';
import { createTableauClient, type TableauConfig } from '../../src/tableau/rest/client.js';
import { createTwilioClient, type TwilioConfig } from '../../src/twilio/client.js';
import { createContentApi } from '../../src/twilio/content.js';
import { pageTemplate } from '../../src/twilio/page-template.js';
import { pat } from '../tableau/outside.js';

const [accountSid, authToken] = [`AC${'0'.repeat(32)}`, 'an-auth-token-of-the-test'];
const sandbox = createSandbox({ accountSid, authToken, pat });
const url = await sandbox.listen();
after(() => sandbox.close());

const atTableau: TableauConfig = {
  domain: url,
  siteName: '',
  apiVersion: '3.25',
  sessionMinutes: 110,
  signIn: { kind: 'pat', ...pat },
};
const base: TwilioConfig = { accountSid, authTokens: [authToken], from: '+15550009999', apiBaseUrl: url };
const logger = pino({ level: 'silent' });
const publicUrl = 'https://alerts.example.com';
const activitiesWith = (config: TwilioConfig, more: Partial<TableauConfig> = {}) => {
  const tableau = createTableauClient({ ...atTableau, ...more }, { logger });
  return createOutsideActivities({ tableau, publicUrl, twilio: createTwilioClient(config), config, logger });
};
const stateWith = (more: Partial<TwilioConfig>) => {
  const config = { ...base, ...more };
  return activitiesWith(config).readTemplate();
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

test('a worker says whether Tableau has our webhooks, and not where it cannot see them', async () => {
  const readWebhooks = () => activitiesWith(base).readWebhooks();
  assert.equal(await readWebhooks(), 'missing');
  sandbox.subscribe(`${publicUrl}/notifier/secret`, ['WorkbookRefreshFailed']);
  assert.equal(await readWebhooks(), 'missing', 'one of two');
  sandbox.subscribe(`${publicUrl}/notifier/secret`, ['DatasourceRefreshFailed']);
  assert.equal(await readWebhooks(), 'found');
  const refused = activitiesWith(base, { signIn: { kind: 'pat', name: pat.name, secret: 'wrong' } });
  assert.equal(await refused.readWebhooks(), 'unknown');
});

import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { createSandbox } from '../../../sandbox/sandbox.js';
import { checkTwilio } from '../../../src/commands/doctor/twilio-checks.js';
import { loadConfig } from '../../../src/config/config.js';
import { createTwilioClient } from '../../../src/twilio/client.js';
import { createContentApi } from '../../../src/twilio/content.js';
import { pageTemplate } from '../../../src/twilio/page-template.js';
import { incomingAddress } from '../tableau-admin.js';
import { has } from './problems.js';

const publicUrl = 'https://pager.example.com';
const address = incomingAddress(publicUrl);
const [from, whatsappFrom] = ['+15550009999', '+15550008888'];
const service = `MG${'1'.repeat(32)}`;
const key = { sid: `SK${'2'.repeat(32)}`, secret: 'the-secret-of-the-key' };
const sandbox = createSandbox({
  accountSid: `AC${'0'.repeat(32)}`,
  authToken: 'an-auth-token-of-the-test',
  apiKeys: [key],
  pat: { name: 'p', secret: 's' },
});
const url = await sandbox.listen();
after(() => sandbox.close());

const base = {
  NODE_ENV: 'test',
  PUBLIC_URL: publicUrl,
  API_TOKEN: 'abcdefgh12345678',
  TABLEAU_DOMAIN: url,
  TABLEAU_WEBHOOK_SECRET: 'the-webhook-secret-of-the-test',
  TABLEAU_PAT_NAME: 'p',
  TABLEAU_PAT_SECRET: 's',
  TWILIO_API_BASE_URL: url,
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'an-auth-token-of-the-test',
  TWILIO_FROM_NUMBER: from,
  TWILIO_TO_NUMBER: '+15550000001',
};

/** All that is not ok, as `problems` has it; `ok` lists the other checks. */
async function check(env: Record<string, string> = {}) {
  const found: [string, string][] = [];
  const ok: string[] = [];
  for await (const { check: name, status, message, fix } of checkTwilio(loadConfig({ ...base, ...env }))) {
    assert.ok(status === 'ok' || status === 'skipped' || fix, `${name} has a fix`);
    if (status === 'ok') ok.push(name);
    else found.push([name, `${status}: ${message} → ${fix}`]);
  }
  return { ok, problems: Object.fromEntries(found) };
}

/** WhatsApp decides on a template. */
const decide = (sid: string, status: string, reason = '') =>
  fetch(`${url}/sandbox/templates/${sid}/approval`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status, reason }),
  });

describe('doctor checks Twilio:', () => {
  beforeEach(() => {
    sandbox.reset();
    sandbox.setNumber(from, address);
    sandbox.setNumber(`whatsapp:${whatsappFrom}`, address);
  });

  test('all is well, by auth token and by API key', async () => {
    const all = ['Twilio account', 'Twilio number', 'incoming messages'];
    assert.deepEqual(await check(), { ok: all, problems: {} });
    assert.deepEqual(await check({ TWILIO_API_KEY: key.sid, TWILIO_API_SECRET: key.secret }), {
      ok: all,
      problems: {},
    });
    assert.equal(sandbox.requests({ target: 'twilio' }).filter(({ method }) => method !== 'GET').length, 0);
  });

  test('the credentials, each of the two', async () => {
    const skipped = { 'Twilio number': /^skipped/, 'incoming messages': /^skipped/ };
    has((await check({ TWILIO_AUTH_TOKEN: 'another-token' })).problems, {
      ...skipped,
      'Twilio account': /^failed: Twilio refused our credentials.* → Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN\.$/,
    });
    // Twilio signs with the auth token, also where an API key sends.
    const byKey = { TWILIO_API_KEY: key.sid, TWILIO_API_SECRET: key.secret };
    has((await check({ ...byKey, TWILIO_AUTH_TOKEN: 'another-token' })).problems, {
      ...skipped,
      'Twilio account': /^failed: .* → Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, TWILIO_API_KEY and/,
    });
    has((await check({ ...byKey, TWILIO_API_SECRET: 'another-secret' })).problems, {
      ...skipped,
      'Twilio account': /^failed: Twilio refused our credentials/,
    });
  });

  test('the account: trial, suspended, unreachable', async () => {
    sandbox.settings.twilioAccount = 'trial';
    has((await check()).problems, { 'Twilio account': /^warning: A trial account sends to verified numbers only/ });
    sandbox.settings.twilioAccount = 'suspended';
    assert.match((await check()).problems['Twilio account'] ?? '', /^failed: The account is suspended\./);
    const unreachable = await check({ TWILIO_API_BASE_URL: 'http://127.0.0.1:9' });
    assert.match(unreachable.problems['Twilio account'] ?? '', /^failed: Twilio cannot be reached \(ECONNREFUSED\)/);
  });

  test('the number: another account has it, or it cannot send SMS or make calls', async () => {
    has((await check({ TWILIO_FROM_NUMBER: '+15550007777' })).problems, {
      'Twilio number':
        /^failed: The account does not have TWILIO_FROM_NUMBER\. → Set TWILIO_FROM_NUMBER to a number that/,
      'incoming messages': /^skipped/,
    });
    sandbox.setNumber(from, address, { voice: false });
    has((await check()).problems, { 'Twilio number': /^failed: TWILIO_FROM_NUMBER cannot make calls\./ });
    sandbox.setNumber(from, address, { sms: false, voice: false });
    has((await check()).problems, { 'Twilio number': /^failed: TWILIO_FROM_NUMBER cannot send SMS or make calls\./ });
    // A messaging service chooses who sends the SMS.
    sandbox.setNumber(from, address, { sms: false });
    has((await check({ TWILIO_MESSAGING_SERVICE_SID: service })).problems, {});
  });

  test('the address for incoming messages: none, another one, by GET, without retries, of a messaging service', async () => {
    sandbox.setNumber(from, null);
    has((await check()).problems, {
      'incoming messages': /^failed: TWILIO_FROM_NUMBER has no address: replies are lost\. → .*twilio\/message#rc=3/,
    });
    sandbox.setNumber(from, 'https://demo.twilio.com/welcome/sms/reply');
    has((await check()).problems, { 'incoming messages': /^failed: TWILIO_FROM_NUMBER sends replies elsewhere/ });
    sandbox.setNumber(from, address, { messageMethod: 'GET' });
    has((await check()).problems, {
      'incoming messages': /^failed: TWILIO_FROM_NUMBER sends replies by GET\. → .*, by POST\.$/,
    });
    sandbox.setNumber(from, `${publicUrl}/twilio/message`);
    has((await check()).problems, { 'incoming messages': /^warning: .* retries only when it cannot connect/ });

    const byService = { TWILIO_MESSAGING_SERVICE_SID: service };
    has((await check(byService)).problems, { 'incoming messages': /^warning: TWILIO_FROM_NUMBER sends replies here/ });
    sandbox.setNumber(service, 'https://old.example.com');
    has((await check(byService)).problems, {
      'incoming messages': /^failed: The messaging service sends replies elsewhere/,
    });
    sandbox.setNumber(service, address);
    has((await check(byService)).problems, {});
  });

  test('the WhatsApp sender and its template', async () => {
    const client = createTwilioClient(loadConfig(base).twilio);
    const contents = createContentApi(client, pageTemplate);
    const byWhatsapp = { WHATSAPP_FROM: whatsappFrom };
    has((await check(byWhatsapp)).problems, {
      'WhatsApp template':
        /^warning: WHATSAPP_CONTENT_SID is not set: .* → `tableau-webhooks whatsapp template` creates/,
    });
    const sid = await contents.create('page');
    await contents.submit(sid, 'page');
    const withTemplate = { ...byWhatsapp, WHATSAPP_CONTENT_SID: sid };
    has((await check(withTemplate)).problems, {
      'WhatsApp template': /^failed: WhatsApp has not approved the template: received\./,
    });
    await decide(sid, 'rejected', 'INVALID_FORMAT');
    has((await check(withTemplate)).problems, {
      'WhatsApp template': /approved the template: rejected \(INVALID_FORMAT\)\. → .* --status shows it/,
    });
    await decide(sid, 'approved');
    const { ok, problems } = await check(withTemplate);
    assert.deepEqual([problems, ok.slice(3)], [{}, ['WhatsApp sender', 'WhatsApp template']]);
    const unknown = { ...byWhatsapp, WHATSAPP_CONTENT_SID: `HX${'3'.repeat(32)}` };
    assert.match(
      (await check(unknown)).problems['WhatsApp template'] ?? '',
      /^failed: Twilio does not know WHATSAPP_CONTENT_SID/,
    );

    const other = createContentApi(client, { ...pageTemplate, body: `Hello. ${pageTemplate.body}` });
    const otherSid = await other.create('other');
    await other.submit(otherSid, 'other');
    await decide(otherSid, 'approved');
    has((await check({ ...byWhatsapp, WHATSAPP_CONTENT_SID: otherSid })).problems, {
      'WhatsApp template': /^warning: Approved, with another text or other buttons than this version has\. → /,
    });

    sandbox.setNumber(`whatsapp:${whatsappFrom}`, address, { senderStatus: 'OFFLINE' });
    has((await check(withTemplate)).problems, { 'WhatsApp sender': /^failed: The WhatsApp sender is OFFLINE\. → / });
    sandbox.setNumber(`whatsapp:${whatsappFrom}`, null);
    has((await check(withTemplate)).problems, { 'WhatsApp sender': /^failed: The WhatsApp sender has no address/ });
    has((await check({ ...withTemplate, WHATSAPP_FROM: '+15550006666' })).problems, {
      'WhatsApp sender': /^failed: The account does not have WHATSAPP_FROM as a WhatsApp sender/,
    });
    has((await check({ ...withTemplate, WHATSAPP_FROM: '+14155238886' })).problems, {
      'WhatsApp sender': /^warning: WHATSAPP_FROM is Twilio's WhatsApp sandbox.* → In the console, under "Try it out"/,
    });
  });

  test('what may not be read is reported, and the other checks go on', async () => {
    sandbox.faults.add({ target: 'twilio.content', status: 403, code: 20403, times: 'always' });
    const env = { WHATSAPP_FROM: whatsappFrom, WHATSAPP_CONTENT_SID: `HX${'3'.repeat(32)}` };
    const { ok, problems } = await check(env);
    has(problems, { 'WhatsApp template': /^failed: Twilio answered .*20403.* → Check it in the Twilio console\.$/ });
    assert.equal(ok.length, 4);
    has((await check({ ...env, TWILIO_API_KEY: key.sid, TWILIO_API_SECRET: key.secret })).problems, {
      'WhatsApp template': /^failed: .*20403.* → .* A restricted API key may not read it\.$/,
    });
  });
});

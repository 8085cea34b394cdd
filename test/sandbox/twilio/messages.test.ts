import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import twilio from 'twilio';
import { until } from '../../helpers/until.js';
import { accountSid, authToken, openWorld, ours, refusal, theirs, type World } from '../world.js';

const sms = { from: ours, to: theirs };
const whatsapp = { from: `whatsapp:${ours}`, to: `whatsapp:${theirs}` };

describe('messages by the official client', () => {
  let world: World;
  before(async () => {
    world = await openWorld({ apiKeys: [{ sid: `SK${'1'.repeat(32)}`, secret: 'key-secret' }] });
  });
  after(() => world.close());
  beforeEach(() => {
    world.sandbox.reset();
    world.receiver.received.length = 0;
  });

  test('a message is accepted, reaches the phone and can be read again', async () => {
    const made = await world.client.messages.create({ ...sms, body: 'Sales failed' });
    assert.match(made.sid, /^SM[0-9a-f]{32}$/);
    assert.equal(made.status, 'queued');
    assert.equal(made.dateSent, null);
    assert.ok(Math.abs(made.dateCreated.getTime() - Date.now()) < 2000);
    const [message] = world.sandbox.phones.get(theirs).messages;
    assert.equal(message?.body, 'Sales failed');
    assert.equal(message?.channel, 'sms');
    const delivered = await until('delivered', async () => {
      const fetched = await world.client.messages(made.sid).fetch();
      return fetched.status === 'delivered' && fetched;
    });
    assert.ok(delivered.dateSent);
  });

  test('status callbacks are signed and sent for sent and delivered, not for the first status', async () => {
    const statusCallback = `${world.receiver.url}/status?attempt=7#rc=3&rp=ct,rt,5xx`;
    const { sid } = await world.client.messages.create({ ...whatsapp, body: 'Hello & good night', statusCallback });
    const delivered = await world.receiver.waitFor('delivered', ({ form }) => form['MessageStatus'] === 'delivered');
    assert.equal(delivered.url, '/status?attempt=7');
    assert.equal(delivered.form['MessageSid'], sid);
    assert.equal(delivered.form['To'], whatsapp.to);
    assert.equal(delivered.form['ChannelPrefix'], 'whatsapp');
    assert.equal(delivered.form['ErrorCode'], undefined);
    assert.match(String(delivered.headers['i-twilio-idempotency-token']), /\S/);
    assert.equal(delivered.headers['user-agent'], 'TwilioProxy/1.1');
    const signature = String(delivered.headers['x-twilio-signature']);
    const address = world.receiver.url + delivered.url;
    assert.ok(twilio.validateRequest(authToken, signature, address, delivered.form));
    assert.ok(!twilio.validateRequest('another token', signature, address, delivered.form));
    await world.receiver.waitFor('sent', ({ form }) => form['MessageStatus'] === 'sent');
    assert.equal(world.receiver.received.length, 2);
  });

  test('receipts on command are sent only then, with an error code for failures', async () => {
    world.sandbox.settings.receipts = 'on-command';
    const { sid } = await world.client.messages.create({
      ...whatsapp,
      body: 'Hello',
      statusCallback: `${world.receiver.url}/status`,
    });
    assert.deepEqual(await world.sandbox.phones.receipt(sid, 'undelivered', 63016), { status: 200 });
    assert.deepEqual(
      world.receiver.received.map(({ form }) => [form['MessageStatus'], form['ErrorCode']]),
      [['undelivered', '63016']],
    );
    assert.equal((await world.client.messages(sid).fetch()).errorCode, 63016);
  });

  test('outside the enforced window only a template is delivered; after an inbound message any text is', async () => {
    world.sandbox.settings.whatsappWindow = 'enforced';
    const contentSid = `HX${'a'.repeat(32)}`;
    const freeform = await world.client.messages.create({ ...whatsapp, body: 'Hello' });
    const template = await world.client.messages.create({ ...whatsapp, contentSid, contentVariables: '{"1":"Sales"}' });
    const statusOf = (sid: string) => world.sandbox.phones.get(theirs).messages.find((one) => one.sid === sid);
    await until('the first two settled', () => {
      const isRefused = statusOf(freeform.sid)?.errorCode === 63016;
      return isRefused && statusOf(template.sid)?.status === 'delivered';
    });
    await world.sandbox.phones.reply(theirs, { channel: 'whatsapp', body: 'hi' });
    const inside = await world.client.messages.create({ ...whatsapp, body: 'Hello again' });
    // Whoever replies on WhatsApp has read what was there by then.
    await until('the template read, and the last text delivered', () => {
      const isRead = statusOf(template.sid)?.status === 'read';
      return isRead && statusOf(inside.sid)?.status === 'delivered';
    });
    assert.match(template.sid, /^MM/);
    assert.equal(statusOf(template.sid)?.body, `[template ${contentSid}] 1=Sales`);
  });

  const refusals: [string, Record<string, string>, number][] = [
    ['no To', { From: ours, Body: 'x' }, 21604],
    ['no From', { To: theirs, Body: 'x' }, 21603],
    ['no body', { To: theirs, From: ours }, 21602],
    ['To is no number', { To: '12', From: ours, Body: 'x' }, 21211],
    ['a body over 1600 characters', { To: theirs, From: ours, Body: 'x'.repeat(1601) }, 21617],
    ['WhatsApp to a plain number', { To: theirs, From: whatsapp.from, Body: 'x' }, 21910],
    ['a malformed ContentSid', { To: theirs, From: ours, ContentSid: 'HX1' }, 21655],
    ['variables that are not JSON', { To: theirs, From: ours, Body: 'x', ContentVariables: '{' }, 21656],
    ['a callback that is not a URL', { To: theirs, From: ours, Body: 'x', StatusCallback: 'status' }, 21609],
    ['a callback host with _', { To: theirs, From: ours, Body: 'x', StatusCallback: 'https://a_b.example/' }, 21609],
    ['magic From 1', { To: theirs, From: '+15005550001', Body: 'x' }, 21212],
    ['magic From 7', { To: theirs, From: '+15005550007', Body: 'x' }, 21606],
    ['magic From 8', { To: theirs, From: '+15005550008', Body: 'x' }, 21611],
    ['magic To 1', { To: '+15005550001', From: ours, Body: 'x' }, 21211],
    ['magic To 2', { To: '+15005550002', From: ours, Body: 'x' }, 21612],
    ['magic To 3', { To: '+15005550003', From: ours, Body: 'x' }, 21408],
    ['magic To 4', { To: '+15005550004', From: ours, Body: 'x' }, 21610],
    ['magic To 9', { To: '+15005550009', From: ours, Body: 'x' }, 21614],
  ];
  for (const [what, form, code] of refusals)
    test(`refuses ${what} with ${code}`, async () => {
      const response = await fetch(`${world.sandbox.url}/2010-04-01/Accounts/${accountSid}/Messages.json`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` },
        body: new URLSearchParams(form),
      });
      assert.equal(response.status, 400);
      const body = Object.fromEntries(Object.entries((await response.json()) ?? {}));
      assert.deepEqual([body['code'], body['status']], [code, 400]);
      assert.equal(typeof body['message'], 'string');
      assert.deepEqual(world.sandbox.phones.list(), []);
    });

  test('an API key is accepted, a wrong token and a foreign account are not', async () => {
    const byKey = twilio(`SK${'1'.repeat(32)}`, 'key-secret', { accountSid });
    byKey.api.baseUrl = world.sandbox.url;
    assert.ok((await byKey.messages.create({ ...sms, body: 'x' })).sid);
    const wrongToken = twilio(accountSid, 'wrong');
    wrongToken.api.baseUrl = world.sandbox.url;
    assert.deepEqual(await refusal(wrongToken.messages.create({ ...sms, body: 'x' })), { status: 401, code: 20003 });
    assert.deepEqual(await refusal(world.client.messages(`SM${'f'.repeat(32)}`).fetch()), { status: 404, code: 20404 });
  });

  test('lists newest first, by To, From and day, page by page', async () => {
    for (const body of ['1', '2', '3']) await world.client.messages.create({ ...sms, body });
    await world.client.messages.create({ ...whatsapp, body: 'W' });
    await until('all sent', () =>
      world.sandbox.phones.get(theirs).messages.every((one) => one.status === 'delivered' || one.status === 'read'),
    );
    const bodies = async (query: Parameters<typeof world.client.messages.list>[0]) =>
      (await world.client.messages.list(query)).map((one) => one.body);
    assert.deepEqual(await bodies({ to: theirs, pageSize: 2 }), ['3', '2', '1']);
    assert.deepEqual(await bodies({ from: whatsapp.from }), ['W']);
    assert.deepEqual(await bodies({ to: whatsapp.to, dateSentAfter: new Date(Date.now() - 60_000) }), ['W']);
    assert.deepEqual(await bodies({ dateSentAfter: new Date(Date.now() + 60_000) }), []);
    assert.deepEqual(await bodies({ dateSentBefore: new Date(Date.now() - 60_000) }), []);
    assert.equal(world.sandbox.requests({ target: 'twilio.lists' }).length, 6);
  });
});

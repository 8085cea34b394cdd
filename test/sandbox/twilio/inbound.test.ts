import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import twilio from 'twilio';
import { authToken, control, openWorld, ours, refusal, theirs, type World } from '../world.js';

describe('inbound messages', () => {
  let world: World;
  before(async () => {
    world = await openWorld();
  });
  after(() => world.close());
  beforeEach(() => {
    world.sandbox.reset();
    world.receiver.received.length = 0;
    world.receiver.answers.length = 0;
  });
  const phone = `phones/${encodeURIComponent(theirs)}`;
  const bodies = () => world.sandbox.phones.get(theirs).messages.map((one) => `${one.direction} ${one.body}`);

  test('an SMS goes to the webhook of our number, signed', async () => {
    const { body } = await control(world.sandbox, 'POST', `${phone}/reply`, { channel: 'sms', body: 'ACK ' });
    assert.deepEqual([body['status'], body['twiml']], [200, '<Response/>']);
    const [received] = world.receiver.received;
    assert.ok(received);
    assert.deepEqual([received.form['Body'], received.form['From'], received.form['To']], ['ACK ', theirs, ours]);
    assert.deepEqual([received.form['NumMedia'], received.form['MessageSid']], ['0', body['sid']]);
    const signature = String(received.headers['x-twilio-signature']);
    assert.ok(twilio.validateRequest(authToken, signature, world.receiver.url + received.url, received.form));
  });

  test('a tap and a swipe reply name the message, a plain reply does not', async () => {
    await control(world.sandbox, 'PUT', `templates/HX${'c'.repeat(32)}`, {
      body: 'Failed: {{1}}.',
      buttons: [{ id: 'ack:{{2}}', title: 'Take it' }],
    });
    const { sid } = await world.client.messages.create({
      from: `whatsapp:${ours}`,
      to: `whatsapp:${theirs}`,
      contentSid: `HX${'c'.repeat(32)}`,
      contentVariables: JSON.stringify({ 1: 'Sales', 2: 4 }),
    });
    const [message] = world.sandbox.phones.get(theirs).messages;
    assert.equal(message?.body, 'Failed: Sales.');
    const [button] = message.buttons;
    assert.deepEqual(button, { text: 'Take it', payload: 'ack:4' });
    await control(world.sandbox, 'POST', `${phone}/tap`, { sid, ...button });
    await control(world.sandbox, 'POST', `${phone}/reply`, { channel: 'whatsapp', body: 'OK', originalSid: sid });
    await control(world.sandbox, 'POST', `${phone}/reply`, { channel: 'whatsapp', body: 'ALL' });
    const [tap, swipe, plain] = world.receiver.received.map(({ form }) => form);
    assert.equal(tap?.['ButtonPayload'], 'ack:4');
    assert.equal(tap['ButtonText'], 'Take it');
    assert.equal(tap['Body'], 'Take it');
    assert.equal(tap['MessageType'], 'interactive');
    assert.equal(tap['WaId'], theirs.slice(1));
    assert.equal(tap['OriginalRepliedMessageSid'], sid);
    assert.equal(swipe?.['OriginalRepliedMessageSid'], sid);
    assert.equal(swipe['OriginalRepliedMessageSender'], `whatsapp:${ours}`);
    assert.equal(plain?.['Body'], 'ALL');
    assert.ok(!('OriginalRepliedMessageSid' in plain));
  });

  test('TwiML that answers is delivered, invalid TwiML is not', async () => {
    world.receiver.answers.push({ body: '<Response><Message>Taken &amp; noted</Message></Response>' });
    world.receiver.answers.push({ body: '<Response><Message>broken</Response>' });
    world.receiver.answers.push({ type: 'application/json', body: '{}' });
    for (const body of ['one', 'two', 'three'])
      await control(world.sandbox, 'POST', `${phone}/reply`, { channel: 'whatsapp', body });
    assert.deepEqual(bodies(), ['inbound one', 'outbound-reply Taken & noted', 'inbound two', 'inbound three']);
    assert.ok(world.log.some((line) => line.includes('12100')));
    assert.ok(world.log.some((line) => line.includes('12300')));
  });

  test('STOP by SMS blocks the pair until START, and the messages still reach the webhook', async () => {
    const send = () => world.client.messages.create({ from: ours, to: theirs, body: 'Alert' });
    const write = (body: string) => control(world.sandbox, 'POST', `${phone}/reply`, { channel: 'sms', body });
    await write('sToP');
    assert.deepEqual(await refusal(send()), { status: 400, code: 21610 });
    assert.ok((await world.client.messages.create({ from: '+15550008888', to: theirs, body: 'Other' })).sid);
    world.receiver.answers.push({ body: '<Response><Message>cannot come</Message></Response>' });
    await control(world.sandbox, 'POST', `${phone}/reply`, { channel: 'sms', body: 'Stop please', to: ours });
    assert.ok(!bodies().includes('outbound-reply cannot come'));
    await control(world.sandbox, 'POST', `${phone}/reply`, { channel: 'sms', body: 'UNSTOP', to: ours });
    assert.ok((await send()).sid);
    assert.deepEqual(
      world.receiver.received.map(({ form }) => form['Body']),
      ['sToP', 'Stop please', 'UNSTOP'],
    );
  });

  test('"Stop please" and STOP on WhatsApp block nothing', async () => {
    await control(world.sandbox, 'POST', `${phone}/reply`, { channel: 'sms', body: 'Stop please' });
    await control(world.sandbox, 'POST', `${phone}/reply`, { channel: 'whatsapp', body: 'STOP' });
    assert.deepEqual(bodies(), ['inbound Stop please', 'inbound STOP']);
    assert.ok((await world.client.messages.create({ from: ours, to: theirs, body: 'Alert' })).sid);
  });

  test('a failing webhook is retried only as its connection overrides request', async () => {
    const { sandbox, receiver } = world;
    receiver.answers.push({ status: 503 });
    const once = await control(sandbox, 'POST', `${phone}/reply`, { channel: 'sms', body: 'one' });
    assert.deepEqual([once.body['status'], receiver.received.length], [503, 1]);

    sandbox.setNumber(ours, `${receiver.url}/message#rc=2&rp=ct,rt,5xx`);
    receiver.received.length = 0;
    receiver.answers.push({ status: 503 }, { status: 500 });
    const thrice = await control(sandbox, 'POST', `${phone}/reply`, { channel: 'sms', body: 'two' });
    assert.deepEqual([thrice.body['status'], receiver.received.length], [200, 3]);
    assert.equal(new Set(receiver.received.map(({ headers }) => headers['i-twilio-idempotency-token'])).size, 1);

    receiver.received.length = 0;
    receiver.answers.push({ status: 404 });
    await control(sandbox, 'POST', `${phone}/reply`, { channel: 'sms', body: 'three' });
    assert.equal(receiver.received.length, 1);

    sandbox.setNumber(ours, null);
    const unset = await control(sandbox, 'POST', `${phone}/reply`, { channel: 'sms', body: 'four' });
    assert.equal(unset.body['status'], null);
    sandbox.setNumber(ours, `${receiver.url}/message`);
  });

  test('a refused connection is retried once by default', async () => {
    world.sandbox.setNumber(ours, 'http://127.0.0.1:1/message');
    const { body } = await control(world.sandbox, 'POST', `${phone}/reply`, { channel: 'sms', body: 'one' });
    world.sandbox.setNumber(ours, `${world.receiver.url}/message`);
    assert.equal(body['status'], null);
    assert.equal(
      world.log.filter((line) => line.includes('/message failed') && line.includes('again')).length > 0,
      true,
    );
  });
});

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import twilio from 'twilio';
import { until } from '../../helpers/until.js';
import { accountSid, authToken, control, openWorld, ours, refusal, theirs, type World } from '../world.js';

describe('calls by the official client', () => {
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
  const call = (sid: string) => world.sandbox.phones.get(theirs).calls.find((one) => one.sid === sid);
  const becomes = (sid: string, status: string) => until(`call ${status}`, () => call(sid)?.status === status, 5000);
  const dial = async (options: { twiml?: string; url?: string } = {}) => {
    const { sid, status } = await world.client.calls.create({
      from: ours,
      to: theirs,
      ...(options.url === undefined
        ? { twiml: options.twiml ?? '<Response><Say>Hi</Say></Response>' }
        : { url: options.url }),
      statusCallback: `${world.receiver.url}/status`,
      statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
    });
    assert.equal(status, 'queued');
    await becomes(sid, 'ringing');
    return sid;
  };
  const menu = (attributes = '') =>
    `<Response><Gather numDigits="1" action="${world.receiver.url}/keys?attempt=7" ${attributes}>` +
    '<Say loop="2">Press 1.</Say></Gather><Say>Nothing was pressed.</Say></Response>';
  const act = (sid: string, action: string, body?: object) =>
    control(world.sandbox, 'POST', `calls/${sid}/${action}`, body);

  test('a call rings, is answered, receives a key, speaks the next document and ends', async () => {
    const sid = await dial({ twiml: menu() });
    await act(sid, 'answer');
    assert.equal(call(sid)?.spoken, 'Press 1. Press 1.');
    world.receiver.routes.set('/keys?attempt=7', '<Response><Say>Taken, good night.</Say></Response>');
    const pressed = await act(sid, 'press', { digits: '1' });
    assert.equal(pressed.body['status'], 200);
    assert.match(String(pressed.body['twiml']), /good night/);
    await becomes(sid, 'completed');
    assert.equal(call(sid)?.spoken, 'Press 1. Press 1. Taken, good night.');

    const keys = await world.receiver.waitFor('the key', ({ url }) => url.startsWith('/keys'));
    assert.deepEqual(
      ['Digits', 'CallSid', 'To', 'From', 'Direction', 'CallStatus'].map((name) => keys.form[name]),
      ['1', sid, theirs, ours, 'outbound-api', 'in-progress'],
    );
    const signature = String(keys.headers['x-twilio-signature']);
    assert.ok(twilio.validateRequest(authToken, signature, world.receiver.url + keys.url, keys.form));
    await until('all four', () => world.receiver.received.filter(({ url }) => url === '/status').length === 4);
    const events = world.receiver.received
      .filter(({ url }) => url === '/status')
      .map(({ form }) => form)
      .toSorted((one, other) => Number(one['SequenceNumber']) - Number(other['SequenceNumber']));
    assert.deepEqual(
      events.map((form) => [form['CallStatus'], form['SequenceNumber']]),
      [
        ['initiated', '0'],
        ['ringing', '1'],
        ['in-progress', '2'],
        ['completed', '3'],
      ],
    );
    assert.ok(Number(events.at(-1)?.['CallDuration']) >= 1);
    assert.equal((await world.client.calls(sid).fetch()).status, 'completed');
  });

  test('no key falls through to the next verb, and the action is not requested', async () => {
    world.sandbox.settings.voiceWaitMs = 20;
    const sid = await dial({ twiml: menu() });
    await act(sid, 'answer');
    await becomes(sid, 'completed');
    assert.match(call(sid)?.spoken ?? '', /Nothing was pressed\.$/);
    assert.ok(!world.receiver.received.some(({ url }) => url.startsWith('/keys')));
  });

  test('actionOnEmptyResult requests the action without a key', async () => {
    world.sandbox.settings.voiceWaitMs = 20;
    const sid = await dial({ twiml: menu('actionOnEmptyResult="true"') });
    await act(sid, 'answer');
    const request = await world.receiver.waitFor('the action', ({ url }) => url.startsWith('/keys'));
    assert.equal(request.form['Digits'], '');
  });

  test('a voicemail plays the call to its end and presses nothing', async () => {
    world.sandbox.settings.voiceWaitMs = 20;
    const sid = await dial({ twiml: menu() });
    await act(sid, 'voicemail');
    assert.equal((await act(sid, 'press', { digits: '1' })).status, 409);
    await becomes(sid, 'completed');
    assert.match(call(sid)?.spoken ?? '', /Nothing was pressed\.$/);
  });

  test('TwiML is fetched from Url, and Redirect is resolved against it', async () => {
    const sid = await dial({ url: `${world.receiver.url}/voice/first` });
    await world.receiver.waitFor('ringing', ({ form }) => form['CallStatus'] === 'ringing');
    world.receiver.routes.set('/voice/first', '<Response><Say>One</Say><Redirect>next?n=2</Redirect></Response>');
    world.receiver.routes.set('/voice/next?n=2', '<Response><Say>Two</Say></Response>');
    const answered = await act(sid, 'answer');
    assert.equal(answered.body['status'], 200);
    assert.match(String(answered.body['twiml']), /One/);
    await becomes(sid, 'completed');
    assert.equal(call(sid)?.spoken, 'One Two');
  });

  test('invalid or missing TwiML is reported to the caller and ends the call', async () => {
    const unreadable = await dial({ twiml: '<Response><Say>Hi</Response>' });
    await act(unreadable, 'answer');
    await becomes(unreadable, 'completed');
    assert.match(call(unreadable)?.spoken ?? '', /application error/);
    const silent = await dial({ url: 'http://127.0.0.1:1/voice' });
    await act(silent, 'answer');
    await becomes(silent, 'completed');
    assert.match(call(silent)?.spoken ?? '', /application error/);
    assert.ok(world.log.some((line) => line.includes('error 12100')));
    assert.ok(world.log.some((line) => line.includes('error 11200')));
  });

  test('declined, unanswered and canceled calls have the status of that end', async () => {
    const declined = await dial();
    await act(declined, 'decline');
    await becomes(declined, 'busy');
    const canceled = await dial();
    assert.equal((await world.client.calls(canceled).update({ status: 'canceled' })).status, 'canceled');
    world.sandbox.settings.ringForMs = 20;
    const missed = await dial();
    await becomes(missed, 'no-answer');
    const callback = await world.receiver.waitFor('no-answer', ({ form }) => form['CallStatus'] === 'no-answer');
    assert.equal(callback.form['CallSid'], missed);
    assert.equal((await act(missed, 'answer')).status, 409);
  });

  test('a call in progress can be completed but not canceled, a call that is over neither', async () => {
    const sid = await dial({ twiml: menu() });
    await act(sid, 'answer');
    assert.deepEqual(await refusal(world.client.calls(sid).update({ status: 'canceled' })), {
      status: 400,
      code: 21220,
    });
    assert.equal((await world.client.calls(sid).update({ status: 'completed' })).status, 'completed');
    assert.deepEqual(await refusal(world.client.calls(sid).update({ status: 'completed' })), {
      status: 400,
      code: 21220,
    });
    assert.equal((await act(sid, 'hangup')).status, 409);
  });

  test('callbacks are sent for the requested events only; for completed by default', async () => {
    const { sid } = await world.client.calls.create({
      from: ours,
      to: theirs,
      twiml: '<Response/>',
      statusCallback: `${world.receiver.url}/status`,
    });
    await becomes(sid, 'ringing');
    await act(sid, 'answer');
    await world.receiver.waitFor('completed', ({ form }) => form['CallStatus'] === 'completed');
    assert.equal(world.receiver.received.length, 1);
  });

  test('lists by To, Status and start', async () => {
    const first = await dial();
    await act(first, 'decline');
    const second = await dial();
    const sids = async (query: Parameters<typeof world.client.calls.list>[0]) =>
      (await world.client.calls.list(query)).map((one) => one.sid);
    assert.deepEqual(await sids({ to: theirs }), [second, first]);
    assert.deepEqual(await sids({ to: theirs, status: 'busy' }), [first]);
    assert.deepEqual(await sids({ startTimeAfter: new Date(Date.now() + 60_000) }), []);
  });

  const refusals: [string, Record<string, string>, number][] = [
    ['no To', { From: ours, Twiml: '<Response/>' }, 21201],
    ['no TwiML at all', { From: ours, To: theirs }, 21205],
    ['TwiML over 4000 characters', { From: ours, To: theirs, Twiml: ' '.repeat(4001) }, 20001],
    ['magic From 1', { From: '+15005550001', To: theirs, Twiml: '<Response/>' }, 21212],
    ['magic To 1', { From: ours, To: '+15005550001', Twiml: '<Response/>' }, 21217],
    ['magic To 2', { From: ours, To: '+15005550002', Twiml: '<Response/>' }, 21214],
    ['magic To 3', { From: ours, To: '+15005550003', Twiml: '<Response/>' }, 21215],
    ['magic To 4', { From: ours, To: '+15005550004', Twiml: '<Response/>' }, 21216],
  ];
  for (const [what, form, code] of refusals)
    test(`refuses ${what} with ${code}`, async () => {
      const response = await fetch(`${world.sandbox.url}/2010-04-01/Accounts/${accountSid}/Calls.json`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` },
        body: new URLSearchParams(form),
      });
      const body = Object.fromEntries(Object.entries((await response.json()) ?? {}));
      assert.deepEqual([response.status, body['code']], [400, code]);
    });
});

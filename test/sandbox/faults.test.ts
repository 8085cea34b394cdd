import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { until } from '../helpers/until.js';
import { ask, codeOf, credentials } from './tableau/client.js';
import { control, openWorld, ours, refusal, theirs, type World } from './world.js';

describe('faults', () => {
  let world: World;
  before(async () => {
    world = await openWorld();
  });
  after(() => world.close());
  beforeEach(() => world.sandbox.reset());
  const fault = (body: object) => control(world.sandbox, 'POST', 'faults', body);
  const send = (by: 'sms' | 'whatsapp' = 'sms') => {
    const prefix = by === 'sms' ? '' : 'whatsapp:';
    return world.client.messages.create({ from: prefix + ours, to: prefix + theirs, body: 'Alert' });
  };
  const arrived = () => world.sandbox.phones.get(theirs).messages.length;

  test('a status, for the given number of requests, on the target only', async () => {
    await fault({ target: 'twilio.messages.whatsapp', status: 503, times: 2 });
    assert.equal((await refusal(send('whatsapp'))).status, 503);
    assert.ok((await send('sms')).sid);
    assert.equal((await refusal(send('whatsapp'))).status, 503);
    assert.ok((await send('whatsapp')).sid);
    assert.equal(arrived(), 2);
  });

  test("a code in the vendor's format, always, until it is cleared", async () => {
    await fault({ target: 'twilio', code: 20429, times: 'always' });
    assert.deepEqual(await refusal(send()), { status: 429, code: 20429 });
    assert.deepEqual(await refusal(world.client.messages.list({ limit: 1 })), { status: 429, code: 20429 });
    assert.equal((await control(world.sandbox, 'DELETE', 'faults')).status, 204);
    assert.ok((await send()).sid);
    await fault({ target: 'twilio.messages', code: 63024 });
    assert.deepEqual(await refusal(send()), { status: 400, code: 63024 });
  });

  test('a body that is not JSON', async () => {
    await fault({ target: 'twilio.messages', status: 503, body: '<html>Service unavailable</html>' });
    assert.deepEqual(await refusal(send()), { status: 503, code: undefined });
  });

  test('a connection cut before and after the message was accepted', async () => {
    await fault({ target: 'twilio.messages', drop: 'before' });
    assert.deepEqual(await refusal(send()), { status: undefined, code: 'ECONNRESET' });
    assert.equal(arrived(), 0);
    await fault({ target: 'twilio.messages', drop: 'after' });
    assert.deepEqual(await refusal(send()), { status: undefined, code: 'ECONNRESET' });
    assert.equal(arrived(), 1);
    const requests = world.sandbox.requests({ target: 'twilio.messages' });
    assert.deepEqual(
      requests.map(({ status, body, channel }) => [status, body, channel]),
      [
        [null, 'Alert', 'sms'],
        [null, 'Alert', 'sms'],
      ],
    );
    assert.match(requests[1]?.sid ?? '', /^SM/);
  });

  test('a delayed answer comes after the work was done', async () => {
    await fault({ target: 'twilio.messages', delayMs: 200 });
    const begun = Date.now();
    const sending = send();
    await until('the message', () => arrived() === 1);
    const acceptedMs = Date.now() - begun;
    await sending;
    assert.ok(acceptedMs < 190 && Date.now() - begun >= 190, `accepted after ${acceptedMs} ms`);
  });

  test('an accepted message that cannot be delivered', async () => {
    await fault({ target: 'receipts.whatsapp', code: 63003 });
    await send('sms');
    await send('whatsapp');
    const message = await until('the failure', () =>
      world.sandbox.phones.get(theirs).messages.find((one) => one.errorCode !== null),
    );
    assert.deepEqual([message.channel, message.status, message.errorCode], ['whatsapp', 'failed', 63003]);
  });

  test('Tableau answers errors in its own format', async () => {
    await fault({ target: 'tableau.signin', code: 429000 });
    const signIn = () => ask(world.sandbox, 'POST', '/auth/signin', { body: credentials() });
    assert.deepEqual(codeOf(await signIn()), [429, '429000']);
    await fault({ target: 'tableau', status: 500 });
    assert.deepEqual(codeOf(await signIn()), [500, '500000']);
    assert.equal((await signIn()).status, 200);
  });

  test('invalid settings and faults are refused', async () => {
    assert.equal((await control(world.sandbox, 'PUT', 'settings', { sentAfterMs: 'soon' })).status, 400);
    assert.equal((await control(world.sandbox, 'PUT', 'settings', { sentafter: 5 })).status, 400);
    assert.equal((await control(world.sandbox, 'PUT', 'settings', { voiceWaitMs: null })).body['voiceWaitMs'], null);
    assert.equal((await fault({ status: 503 })).status, 400);
    const changed = await control(world.sandbox, 'PUT', 'settings', { voiceWaitMs: 30, receipts: 'on-command' });
    assert.deepEqual([changed.body['voiceWaitMs'], changed.body['receipts']], [30, 'on-command']);
    await control(world.sandbox, 'POST', 'reset');
    assert.equal((await control(world.sandbox, 'GET', 'settings')).body['receipts'], 'automatic');
  });
});

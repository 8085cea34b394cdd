import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { ana, failureOf, listening, twilioOutside } from './outside.js';

describe('a send', () => {
  test('by SMS and by WhatsApp reaches the phone, and returns the SID', async (t) => {
    const { send, input, phone } = await twilioOutside(t);
    const sms = await send(input());
    const whatsapp = await send(input({ channel: 'whatsapp', text: 'Workbook Sales failed again.' }));
    const { messages } = await phone();
    assert.deepEqual(
      messages.map(({ sid, channel, from, body }) => [sid, channel, from, body]),
      [
        [sms.sid, 'sms', '+15550000009', 'Workbook Sales failed. Reply 7.'],
        [whatsapp.sid, 'whatsapp', 'whatsapp:+15550000008', 'Workbook Sales failed again.'],
      ],
    );
    assert.deepEqual([sms.found, whatsapp.found], [false, false]);
  });

  test('by WhatsApp with our template has its values and its buttons', async (t) => {
    const { send, input, phone } = await twilioOutside(t, { contentSid: `HX${'a'.repeat(32)}` });
    const variables = { 1: 'Workbook refresh failed:\nSales', 2: 'Project Finance', 3: '7' };
    await send(input({ channel: 'whatsapp', variables }));
    const [message] = (await phone()).messages;
    assert.equal(
      message?.body,
      'Tableau: Workbook refresh failed: Sales.\nWhat is known so far: Project Finance.\nReply ACK or 7 to take it, or tap a button.',
    );
    assert.deepEqual(
      message.buttons.map(({ payload }) => payload),
      ['ACK', 'R', 'DONE'],
    );
  });

  test('by call rings, speaks the text with the menu, and posts the key and the status callbacks to our addresses', async (t) => {
    const received: string[] = [];
    const ours = createServer((request, response) => {
      let form = '';
      request.on('data', (part: Buffer) => (form += part.toString()));
      request.on('end', () => {
        received.push(`${request.url} ${form}`);
        response.setHeader('content-type', 'text/xml').end('<Response/>');
      });
    });
    const { send, input, phone, control, answer } = await twilioOutside(t, { publicUrl: await listening(t, ours) });

    const given = input({ channel: 'call', text: 'Workbook Sales failed.' });
    const { sid } = await send(given);
    await answer(sid);
    await control.post(`calls/${sid}/press`, { digits: '1' });
    await control.post('receipts', { sid, status: 'completed' });
    const [call] = (await phone()).calls;
    assert.equal(call?.sid, sid);
    assert.match(
      call?.spoken ?? '',
      /^Workbook Sales failed\. Press 1 to acknowledge\. Press 2 to run the refresh again\. Press 3 to resolve\./,
    );
    const query = `contact=ana&attempt=${given.attempt}`;
    const key = received.find((line) => line.startsWith(`/twilio/call?${query} `));
    assert.match(key ?? received.join('\n'), /Digits=1/);
    const receipts = received.filter((line) => line.startsWith(`/twilio/status?${query} `));
    assert.ok(
      receipts.some((line) => line.includes('CallStatus=completed')),
      received.join('\n'),
    );
  });

  test('authenticates by the API key if there is one, and by the other token when the first is refused', async (t) => {
    const rotating = await twilioOutside(t, {
      authTokens: ['a-token-that-was-replaced', 'a-token-that-must-not-leak'],
    });
    for (const text of ['One', 'Two', 'Three'])
      assert.equal((await rotating.send(rotating.input({ text }))).found, false);
    // The refused token is tried once, not with every request.
    assert.equal(await rotating.requests('twilio'), 3 + 1);
    const wrongKey = await twilioOutside(t, { apiKey: { sid: `SK${'1'.repeat(32)}`, secret: 'unknown' } });
    assert.equal((await failureOf(wrongKey.send(wrongKey.input()))).code, '20003');
  });
});

describe('a send that fails', () => {
  test('fails with the type of the error code, and the code', async (t) => {
    const { send, input, fault } = await twilioOutside(t);
    for (const [status, code, type] of [
      [400, 21610, 'recipient'],
      [400, 21606, 'configuration'],
      [429, 20429, 'outage'],
      [500, 20500, 'unknown'],
    ] as const) {
      await fault({ target: 'twilio.messages', status, code });
      const failure = await failureOf(send(input()));
      assert.deepEqual([failure.type, failure.code, failure.retryable], [type, String(code), false]);
    }
  });

  test("fails with the error of Twilio's magic number", async (t) => {
    const { send, input } = await twilioOutside(t, { from: '+15005550001' });
    assert.equal((await failureOf(send(input()))).code, '21212');
  });

  test('for a contact without an address is refused before any request', async (t) => {
    const { send, input, requests } = await twilioOutside(t);
    const failure = await failureOf(send(input({ contact: 'bob', channel: 'whatsapp' })));
    assert.deepEqual([failure.type, failure.code], ['recipient', 'no-address']);
    assert.match(failure.message, /contact bob has no address for whatsapp/);
    assert.equal(await requests('twilio'), 0);
  });

  test('has an unknown outcome when the response is lost, slow or unreadable', async (t) => {
    const { send, input, fault, phone } = await twilioOutside(t, {
      timeouts: { readTimeoutMs: 2_000, writeTimeoutMs: 2_000 },
    });
    await fault({ target: 'twilio.messages', drop: 'after' });
    assert.deepEqual(typeAndCode(await failureOf(send(input()))), ['unknown', 'connection-lost']);
    assert.equal((await phone()).messages.length, 1);
    await fault({ target: 'twilio.messages', delayMs: 10_000 });
    assert.deepEqual(typeAndCode(await failureOf(send(input()))), ['unknown', 'timeout']);
    await fault({ target: 'twilio.messages', status: 502, body: '<html>Bad gateway</html>' });
    assert.deepEqual(typeAndCode(await failureOf(send(input()))), ['unknown', 'http-502']);
  });

  test('has an unknown outcome when a 201 has no SID', async (t) => {
    for (const body of ['<html>Welcome</html>', '{"sid":null}']) {
      const page = createServer((_request, response) => response.writeHead(201).end(body));
      const { send, input } = await twilioOutside(t, { apiBaseUrl: await listening(t, page) });
      for (const channel of ['sms', 'call'] as const)
        assert.deepEqual(typeAndCode(await failureOf(send(input({ channel })))), ['unknown', 'unreadable']);
    }
  });

  test('was certainly not accepted when the connection is refused', async (t) => {
    const { send, input } = await twilioOutside(t, { apiBaseUrl: 'http://127.0.0.1:9' });
    assert.deepEqual(typeAndCode(await failureOf(send(input()))), ['outage', 'unreachable']);
  });

  test('puts nothing secret or personal into the log or the failure, and logs no alarm: the pager raises one alarm, not one per page', async (t) => {
    const { send, input, fault, logged } = await twilioOutside(t, { authTokens: ['wrong-token'] });
    const failures = [await failureOf(send(input()))];
    await fault({
      target: 'twilio.messages',
      status: 400,
      code: 29999,
      body: `{"code":29999,"message":"To ${ana} Sales"}`,
    });
    failures.push(await failureOf(send(input({ channel: 'call' }))));
    const output = logged.join('') + JSON.stringify(failures);
    assert.equal(logged.length, 2);
    assert.doesNotMatch(output, /"alarm"|"level":50/);
    assert.doesNotMatch(output, /5550000|must-not-leak|wrong-token|Workbook Sales|Basic /);
  });
});

const typeAndCode = ({ type, code }: { type: string; code: string }) => [type, code];

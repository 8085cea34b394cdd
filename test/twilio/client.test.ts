import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { createTwilioClient } from '../../src/twilio/client.js';
import { listening } from './outside.js';

test('a request ends with its timeout, also when the response arrives slowly byte by byte', async (t) => {
  const server = createServer((_request, response) => {
    response.writeHead(201, { 'content-type': 'application/json' });
    const dripping = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(dripping));
  });
  const apiBaseUrl = await listening(t, server);
  const twilio = createTwilioClient(
    { accountSid: 'AC1', authTokens: ['token'], from: '+1', apiBaseUrl },
    { readTimeoutMs: 100, writeTimeoutMs: 200 },
  );
  const before = performance.now();
  await assert.rejects(twilio.messages.create({ to: '+1', body: 'x' }), { code: 'ECONNABORTED' });
  const written = performance.now() - before;
  assert.ok(written >= 200 && written < 2_000, `${written} ms`);
  await assert.rejects(twilio.messages.list({ to: '+1', limit: 1 }), { code: 'ECONNABORTED' });
});

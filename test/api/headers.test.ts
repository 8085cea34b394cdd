import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { byTwilio, config, buildTestApp, sidFor, startTemporal } from './service.js';

let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});

const asHtml = { accept: 'text/html' };

test('the content security policy allows our own style, script and forms and nothing else', async () => {
  const { app } = await buildTestApp(client);
  const { headers, body } = await app.inject({ url: '/', headers: asHtml });
  const policy = String(headers['content-security-policy']);
  for (const part of [
    "default-src 'none'",
    "style-src 'self';",
    "base-uri 'none'",
    "form-action 'self'",
    "script-src 'self'",
    "frame-ancestors 'none'",
  ])
    assert.ok(policy.includes(part), policy);
  assert.doesNotMatch(policy, /unsafe/);
  assert.doesNotMatch(body, / style=|<style|<script/);
});

test('every response forbids content sniffing, framing and referrers, and names no software', async () => {
  const { app } = await buildTestApp(client);
  const text = byTwilio('/twilio/message', [
    ['MessageSid', sidFor('SM', '1')],
    ['From', '+15550000001'],
    ['Body', 'ACK'],
  ]);
  const requests = [
    { url: '/', headers: asHtml },
    { url: '/healthz' },
    { url: '/nothing' },
    { url: '/incidents' },
    { url: '/incidents', headers: { authorization: `Bearer ${config.apiToken}` } },
    { method: 'POST' as const, url: '/notifier/wrong' },
    text,
  ];
  for (const request of requests) {
    const { headers } = await app.inject(request);
    assert.equal(headers['x-content-type-options'], 'nosniff', request.url);
    assert.equal(headers['x-frame-options'], 'DENY', request.url);
    assert.equal(headers['referrer-policy'], 'no-referrer', request.url);
    assert.equal(headers['x-powered-by'] ?? headers.server, undefined, request.url);
    const sharing = Object.keys(headers).filter((name) => name.startsWith('access-control-'));
    assert.deepEqual(sharing, [], `no page of another origin may read ${request.url}`);
  }
});

test('Strict-Transport-Security is sent only when PUBLIC_URL is https', async () => {
  const hsts = async (publicUrl: string) => {
    const { app } = await buildTestApp(client, { config: { ...config, publicUrl } });
    return (await app.inject({ url: '/healthz' })).headers['strict-transport-security'];
  };
  assert.match(String(await hsts('https://h.example.com/hooks')), /^max-age=\d+$/);
  assert.equal(await hsts('http://127.0.0.1:3000'), undefined);
});

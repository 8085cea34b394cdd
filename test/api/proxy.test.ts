/** Behind a proxy that terminates TLS. Twilio signs the public address, which is known from PUBLIC_URL alone. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { tlsProxy } from '../helpers/tls-proxy.js';
import {
  assertHas,
  byTwilio,
  closeLater,
  config,
  failure,
  buildTestApp,
  signalsOf,
  sidFor,
  startTemporal,
} from './service.js';

let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});

const prefix = '/tableau/hooks';

async function behindProxy(strips: boolean) {
  const proxy = await tlsProxy({ prefix, strips });
  closeLater(proxy.close);
  const publicUrl = `https://localhost:${proxy.port}${prefix}`;
  const { app } = await buildTestApp(client, {
    config: { ...config, publicUrl, trustedProxies: 1 },
    temporalTimeouts: { outcomeTimeoutMs: 100 },
    rates: { refused: 3 },
  });
  proxy.leadsTo(Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port));
  const ask = proxy.ask;
  const signed = (path: string, fields: [string, string][], more: Parameters<typeof byTwilio>[2] = {}) => {
    const { headers, payload } = byTwilio(path, fields, { publicUrl, ...more });
    return ask(prefix + path, { method: 'POST', headers, body: payload });
  };
  return { ask, signed, publicUrl, port: proxy.port };
}

const forgedHeaders: Record<string, string> = {
  host: 'evil.example.com',
  'x-forwarded-host': 'evil.example.com',
  'x-forwarded-proto': 'http',
  'x-forwarded-prefix': '/evil',
  'x-forwarded-port': '1',
  forwarded: 'host=evil.example.com;proto=http',
  'x-original-url': '/healthz',
  'x-rewrite-url': '/healthz',
};

for (const strips of [true, false]) {
  describe(`a proxy that ${strips ? 'strips its prefix' : 'leaves its prefix'}`, () => {
    let proxied: Awaited<ReturnType<typeof behindProxy>>;
    before(async () => {
      proxied = await behindProxy(strips);
    });

    test('forwards the webhooks of Tableau', async () => {
      const event = failure();
      const path = `${prefix}/notifier/current-secret-0001`;
      const answer = await proxied.ask(path, { method: 'POST', body: JSON.stringify(event) });
      assert.deepEqual(
        [answer.status, JSON.parse(answer.body)],
        [200, { status: 'accepted', incident: `refresh:${event.site_luid}:${event.resource_luid}` }],
      );
    });

    test('forwards browsers to the page, whose links have the public address', async () => {
      const redirect = await proxied.ask(`${prefix}/notifier`, { method: 'GET' });
      assert.deepEqual([redirect.status, redirect.headers['location']], [302, `${prefix}/`]);
      const page = await proxied.ask(`${prefix}/`, { method: 'GET', headers: { accept: 'text/html' } });
      assert.ok(page.body.includes(`href="${proxied.publicUrl}/incidents"`));
      assert.match(String(page.headers['strict-transport-security']), /^max-age=\d+$/);
    });

    test('forwards requests of Twilio, and the addresses in the responses are public ones that work', async () => {
      const sid = sidFor('SM', strips ? '1' : '2');
      const text = await proxied.signed('/twilio/message', [
        ['MessageSid', sid],
        ['From', '+15550000001'],
        ['Body', 'ACK'],
      ]);
      assert.equal(text.status, 200);
      assertHas((await signalsOf(client, 'pager:ana')).at(-1)?.payload, { replyId: sid });

      const menu = await proxied.signed('/twilio/call?contact=ana&attempt=a-1', [['CallSid', sidFor('CA', '1')]]);
      assert.ok(menu.body.includes(`action="${proxied.publicUrl}/twilio/call?contact=ana&amp;attempt=a-1`), menu.body);
      const key = await proxied.signed('/twilio/call?contact=ana&attempt=a-1', [
        ['CallSid', sidFor('CA', '1')],
        ['Digits', '1'],
      ]);
      const next = /<Redirect[^>]*>([^<#]+)/.exec(key.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
      assert.ok(next.startsWith(`${proxied.publicUrl}/twilio/call?`), key.body);
      const path = next.slice(proxied.publicUrl.length);
      assert.equal((await proxied.signed(path, [['CallSid', sidFor('CA', '1')]])).status, 200);
    });

    test('headers of a client about protocol, host or path change nothing', async () => {
      const fields: [string, string][] = [
        ['MessageSid', sidFor('SM', 'forged-headers')],
        ['From', '+15550000001'],
        ['Body', 'ACK'],
      ];
      const answer = await proxied.signed('/twilio/message', fields, { headers: forgedHeaders });
      assert.equal(answer.status, 200);
      const earlier = (await signalsOf(client, 'pager:ana')).length;
      for (const publicUrl of ['https://evil.example.com', 'https://evil.example.com/evil', 'http://localhost:1']) {
        const forged = await proxied.signed('/twilio/message', fields, {
          headers: forgedHeaders,
          publicUrl,
          token: undefined,
        });
        assert.equal(forged.status, 403, publicUrl);
      }
      assert.equal((await signalsOf(client, 'pager:ana')).length, earlier);
      const call = await proxied.signed('/twilio/call?contact=ana&attempt=a-1', [['CallSid', sidFor('CA', '1')]], {
        headers: forgedHeaders,
      });
      assert.doesNotMatch(call.body, /evil/);
    });

    test('a client is limited with 429 whatever address it claims, and valid webhooks are accepted', async () => {
      const wrong = (address: string) =>
        proxied.ask(`${prefix}/notifier/wrong-secret`, { method: 'POST', headers: { 'x-forwarded-for': address } });
      const statuses = [];
      for (let i = 0; i < 5; i++) statuses.push((await wrong(`192.0.2.${i}`)).status);
      assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
      const event = { method: 'POST', body: JSON.stringify(failure()) };
      assert.equal((await proxied.ask(`${prefix}/notifier/current-secret-0001`, event)).status, 200);
    });
  });
}

/** Posts to real servers on this machine. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { outcomeOf } from '../../src/outgoing/outcome.js';
import { createPost, retryAfterOf } from '../../src/outgoing/post.js';
import { calendarServer } from '../calendar/server.js';
import { endpoint } from './changes.js';

const secrets = ['a', 'b'].map((letter) => `whsec_${Buffer.from(letter.repeat(32)).toString('base64')}`);
const post = { id: 'aaaa-1', body: '{"type":"incident.triggered"}' };

async function receiver(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  t.after(() => (server.closeAllConnections(), server.close()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a post is signed with each secret, and a receiver can verify either', async (t) => {
  const got: { headers: Record<string, string>; body: string }[] = [];
  const url = await receiver(t, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      got.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(204).end();
    });
  });
  const to = endpoint('standard', { url, secrets, isPrivate: true });
  assert.deepEqual(await createPost()(to, post), { status: 204, text: '' });
  const [{ headers, body } = { headers: {}, body: '' }] = got;
  assert.equal(body, post.body);
  assert.equal(headers['content-type'], 'application/json');
  for (const secret of secrets) assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(post.body));
  assert.throws(() => new Webhook(secrets[0] ?? '').verify(`${body} `, headers));
  assert.throws(() => new Webhook(`whsec_${Buffer.from('c'.repeat(32)).toString('base64')}`).verify(body, headers));
});

test('a redirect is not followed', async (t) => {
  const asked: string[] = [];
  const url = await receiver(t, (request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(307, { location: '/other' }).end();
  });
  const answer = await createPost()(endpoint('standard', { url, isPrivate: true }), post);
  assert.deepEqual(outcomeOf(answer), { how: 'unavailable', why: 'redirected (307), which is not followed' });
  assert.deepEqual(asked, ['/']);
});

describe('a private address', () => {
  const isPrivate = /^its address is private/;
  const errorOf = async (url: string, options = {}) => {
    const answer = await createPost(options)(endpoint('standard', { url }), post);
    return 'error' in answer ? answer.error : JSON.stringify(answer);
  };

  test('is not connected to, by number and by name, unless the file allows it', async (t) => {
    let connections = 0;
    const url = await receiver(t, (_, response) => {
      connections += 1;
      response.end();
    });
    const { port } = new URL(url);
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0x7f.1',
      '2130706433',
      '169.254.169.254',
    ])
      assert.match(await errorOf(`http://${host}:${port}/`), isPrivate, host);
    assert.equal(connections, 0);
    await createPost()(endpoint('standard', { url, isPrivate: true }), post);
    assert.equal(connections, 1);
  });

  test('is refused when a name that was public points to it by the time of the connection', async (t) => {
    const { url, ca } = await calendarServer(t, (_, response) => void response.end('ok'));
    const byName = url.replace('127.0.0.1', 'localhost');
    let looked = 0;
    // As a name server does that answers another address the second time.
    const isAllowed = () => (looked += 1) === 1;
    const send = createPost({ isAllowed, ca });
    const to = endpoint('standard', { url: byName });
    assert.deepEqual(await send(to, post), { status: 200, text: 'ok' });
    const second = await send(to, post);
    assert.match('error' in second ? second.error : '', isPrivate);
  });
});

test('a receiver that is slow, down or endless costs little', async (t) => {
  const slow = await receiver(t, () => {});
  const endless = await receiver(t, (_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'.repeat(10_000)), 1);
    response.on('close', () => clearInterval(timer));
  });
  const to = (url: string) => endpoint('standard', { url, isPrivate: true });
  assert.deepEqual(await createPost({ timeoutMs: 200 })(to(slow), post), { error: 'no answer within 0.2 s' });
  const answer = await createPost()(to(endless), post);
  assert.ok('status' in answer && answer.status === 200 && answer.text.length === 500);
  assert.deepEqual(await createPost()(to('http://127.0.0.1:1'), post), { error: 'not reached (ECONNREFUSED)' });
});

test('what an answer means', () => {
  const of = (status: number, retryAfterMs?: number) =>
    outcomeOf({ status, text: '', ...(retryAfterMs !== undefined && { retryAfterMs }) });
  for (const status of [200, 202, 204]) assert.deepEqual(of(status), { how: 'delivered' });
  for (const status of [400, 413, 422]) assert.equal(of(status).how, 'refused', String(status));
  for (const status of [301, 302, 308, 401, 403, 404, 408, 429, 500, 502, 503, 504])
    assert.equal(of(status).how, 'unavailable', String(status));
  assert.deepEqual(of(410), { how: 'gone' });
  assert.deepEqual(of(429, 7_000), { how: 'unavailable', why: 'answered 429', afterMs: 7_000 });
  assert.deepEqual(of(500, 7_000), { how: 'unavailable', why: 'answered 500' });
});

test('Retry-After is seconds or a date, and nonsense is none', () => {
  const now = Date.parse('2026-11-30T03:00:00Z');
  assert.equal(retryAfterOf('120', now), 120_000);
  assert.equal(retryAfterOf('Mon, 30 Nov 2026 03:01:00 GMT', now), 60_000);
  assert.equal(retryAfterOf('Mon, 30 Nov 2026 02:00:00 GMT', now), 0);
  for (const value of ['', 'soon', undefined, ['1']]) assert.equal(retryAfterOf(value, now), null);
});

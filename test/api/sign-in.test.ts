import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { buildTestApp, config, startTemporal } from './service.js';

let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});

const asHtml = { accept: 'text/html,*/*;q=0.8' };
const formOf = (body: string): string => /name="_csrf" value="([^"]+)"/.exec(body)?.[1] ?? '';
const cookiesOf = (headers: { 'set-cookie'?: string | string[] | undefined }): string =>
  [headers['set-cookie'] ?? []]
    .flat()
    .map((line) => line.split(';')[0])
    .join('; ');

async function signInBy(app: FastifyInstance, token: string, to = '/incidents') {
  const form = await app.inject({ url: '/sign-in', headers: asHtml });
  const fields = { _csrf: formOf(form.body), name: 'Ana Lima', token, to };
  return app.inject({
    method: 'POST',
    url: '/sign-in',
    headers: { ...asHtml, cookie: cookiesOf(form.headers), 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(fields).toString(),
  });
}

test('a browser is led to the sign-in and back, and the session then reads what the token reads', async () => {
  const { app } = await buildTestApp(client);
  const refused = await app.inject({ url: '/incidents?state=triggered', headers: asHtml });
  assert.equal(refused.statusCode, 303);
  assert.equal(refused.headers.location, `/sign-in?to=${encodeURIComponent('/incidents?state=triggered')}`);

  const signedIn = await signInBy(app, config.apiToken);
  assert.equal(signedIn.statusCode, 303);
  assert.equal(signedIn.headers.location, '/incidents');
  const line = String(signedIn.headers['set-cookie']);
  for (const flag of [/^__Host-session=/, /Path=\/;/, /HttpOnly/, /SameSite=Lax/, /Secure/, /Max-Age=43200/])
    assert.match(line, flag);
  const list = await app.inject({ url: '/incidents', headers: { cookie: cookiesOf(signedIn.headers) } });
  assert.equal(list.statusCode, 200);
});

test('a wrong token, a form without its token and a form of another browser sign nobody in', async () => {
  const { app } = await buildTestApp(client);
  const wrong = await signInBy(app, 'not-the-token');
  assert.equal(wrong.statusCode, 401);
  assert.match(wrong.body, /This is not the API token/);
  assert.equal(wrong.headers['set-cookie'], undefined);
  const other = await app.inject({ url: '/sign-in', headers: asHtml });
  const foreign = await app.inject({
    method: 'POST',
    url: '/sign-in',
    headers: {
      ...asHtml,
      cookie: cookiesOf((await app.inject({ url: '/sign-in', headers: asHtml })).headers),
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: new URLSearchParams({ name: 'Ana', token: config.apiToken, _csrf: formOf(other.body) }).toString(),
  });
  assert.deepEqual([foreign.statusCode, /BAD_FORM/.test(foreign.body)], [403, true]);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const payload = new URLSearchParams({ name: 'Ana', token: config.apiToken, _csrf: 'made-up' }).toString();
  assert.equal((await app.inject({ method: 'POST', url: '/sign-in', headers, payload })).statusCode, 403);
});

test('the sign-in leads to paths of ours alone, by the rules by which browsers read an address', async () => {
  const { app } = await buildTestApp(client);
  const elsewhere = [
    '//evil.example.com',
    String.raw`/\evil.example.com`,
    String.raw`\\evil.example.com`,
    '/\t/evil.example.com',
    '/\n/evil.example.com',
    '/..//evil.example.com',
    '/.//evil.example.com',
    '/incidents/..//evil.example.com',
    '///evil.example.com',
    'https://evil.example.com',
    'https:evil.example.com',
    'javascript:alert(1)',
    ' //evil.example.com',
    'evil',
    '/sign-in?to=/sign-in',
    '/sign-out',
  ];
  for (const to of elsewhere) assert.equal((await signInBy(app, config.apiToken, to)).headers.location, '/', to);
  const ours = ['/incidents?state=triggered', '/%2F/evil.example.com', '/%5Cevil.example.com', '/@evil.example.com'];
  for (const to of ours) assert.equal((await signInBy(app, config.apiToken, to)).headers.location, to);
  assert.equal((await signInBy(app, config.apiToken, '/incidents/ä')).headers.location, '/incidents/%C3%A4');
});

test('a session does not answer for what a page of another site sends as JSON', async () => {
  const { app } = await buildTestApp(client);
  const cookie = cookiesOf((await signInBy(app, config.apiToken)).headers);
  const answer = await app.inject({
    method: 'POST',
    url: '/incidents/refresh:s:x/acknowledge',
    headers: { cookie, 'content-type': 'text/plain' },
    payload: '{}',
  });
  assert.equal(answer.statusCode, 401);
});

test('cookies are for https alone where PUBLIC_URL is https, and for our path where it has one', async () => {
  const cookiesAt = async (publicUrl: string) => {
    const { app } = await buildTestApp(client, { config: { ...config, publicUrl } });
    const form = await app.inject({ url: '/sign-in', headers: asHtml });
    const session = await signInBy(app, config.apiToken);
    return [form, session].map(({ headers }) => String(headers['set-cookie']));
  };
  for (const line of await cookiesAt('http://127.0.0.1:3000')) {
    assert.match(line, /^(form|session)=.*Path=\/; HttpOnly; SameSite=(Strict|Lax)$/);
    assert.doesNotMatch(line, /Secure/);
  }
  for (const line of await cookiesAt('https://example.com/pager'))
    assert.match(line, /^__Secure-(form|session)=.*Path=\/pager; HttpOnly; Secure; SameSite=(Strict|Lax)$/);
});

test('an error is a page to a browser and JSON to all others, with the same code', async () => {
  const { app } = await buildTestApp(client);
  const [page, json] = [await app.inject({ url: '/x', headers: asHtml }), await app.inject({ url: '/x' })];
  assert.deepEqual([page.statusCode, json.statusCode], [404, 404]);
  assert.match(page.body, /<h1>Not Found<\/h1>[^]*Nothing is at this address\.[^]*NOT_FOUND/);
  assert.deepEqual(json.json().code, 'NOT_FOUND');
  const bad = await app.inject({ url: '/%', headers: asHtml });
  assert.deepEqual([bad.statusCode, /BAD_ADDRESS/.test(bad.body)], [400, true]);
});

test('who guesses tokens is told to wait', async () => {
  const { app } = await buildTestApp(client, { rates: { refused: 3 } });
  const codes: number[] = [];
  for (let n = 0; n < 5; n += 1) codes.push((await signInBy(app, `guess-${n}`)).statusCode);
  assert.deepEqual(codes, [401, 401, 401, 429, 429]);
  assert.equal((await signInBy(app, config.apiToken)).statusCode, 303, 'who has the token is let in');
});

test('behind a path prefix every page is found, whether the proxy strips it or not', async () => {
  const { app } = await buildTestApp(client, { config: { ...config, publicUrl: 'https://example.com/pager' } });
  for (const path of ['/', '/sign-in', '/assets/style.css', '/health', '/incidents', '/messages', '/report', '/i/x'])
    for (const url of [path, `/pager${path}`])
      assert.doesNotMatch((await app.inject({ url, headers: asHtml })).body, /NOT_FOUND/, url);
});

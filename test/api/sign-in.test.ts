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
  for (const flag of [/HttpOnly/, /SameSite=Lax/, /Secure/, /Max-Age=43200/]) assert.match(line, flag);
  const list = await app.inject({ url: '/incidents', headers: { cookie: cookiesOf(signedIn.headers) } });
  assert.equal(list.statusCode, 200);
});

test('a wrong token, a form without its token and a form of another browser sign nobody in', async () => {
  const { app } = await buildTestApp(client);
  const wrong = await signInBy(app, 'not-the-token');
  assert.equal(wrong.statusCode, 401);
  assert.match(wrong.body, /This is not the API token/);
  assert.equal(wrong.headers['set-cookie'], undefined);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const payload = new URLSearchParams({ name: 'Ana', token: config.apiToken, _csrf: 'made-up' }).toString();
  assert.equal((await app.inject({ method: 'POST', url: '/sign-in', headers, payload })).statusCode, 403);
});

test('the sign-in leads to paths of ours alone', async () => {
  const { app } = await buildTestApp(client);
  for (const to of ['//evil.example.com', String.raw`/\evil.example.com`, 'https://evil.example.com', 'evil'])
    assert.equal((await signInBy(app, config.apiToken, to)).headers.location, '/');
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

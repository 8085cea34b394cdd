/** Sessions of the pages: how they end. A worker of Temporal remembers it for every process of the api. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { endedSessionsStart, sessionMs } from '../../src/workflows/sessions-contract.js';
import { asHtml, browserSession, signedIn } from './browser-session.js';
import { startOnCallWorker } from './on-call-worker.js';
import { buildTestApp, clientWithoutServer, config, eventually, startTemporal } from './service.js';

let temporal: TestWorkflowEnvironment;
before(async () => {
  temporal = await startTemporal();
  await startOnCallWorker(temporal);
});

const bearer = { authorization: `Bearer ${config.apiToken}` };

test('who signs out ends the session for good: a copy of the cookie is worth nothing, in any process of the api', async () => {
  let now = Date.now();
  const [{ app }, { app: other }] = [
    await buildTestApp(temporal.client, { clock: () => now }),
    await buildTestApp(temporal.client, { clock: () => now }),
  ];
  const olga = await signedIn(app);
  const [thief, thiefElsewhere] = [app, other].map((one) => browserSession(one, new Map(olga.cookies)));
  assert.ok(thief && thiefElsewhere);
  for (const browser of [olga, thief, thiefElsewhere]) assert.equal((await browser.get('/health')).statusCode, 200);

  const out = await olga.submit('/health', '/sign-out', {});
  assert.deepEqual([out.statusCode, out.headers.location], [303, '/sign-in']);
  assert.equal(olga.cookies.has('__Host-session'), false);
  const again = await thief.get('/health');
  assert.deepEqual([again.statusCode, again.headers.location], [303, '/sign-in?to=%2Fhealth']);
  await eventually(
    async () => {
      now += 5_000;
      return (await thiefElsewhere.get('/health')).statusCode;
    },
    (code) => code === 303,
  );
  // Programs get no page.
  const asJson = await thief.get('/incidents', { accept: 'application/json' });
  assert.deepEqual([asJson.statusCode, asJson.json().code], [401, 'BAD_TOKEN']);
});

test('an admin ends all sessions of a person, who can sign in again', async () => {
  let now = Date.now();
  const { app } = await buildTestApp(temporal.client, { clock: () => now });
  const [admin, first, second] = [await signedIn(app, 'Admin'), await signedIn(app, 'Ben'), await signedIn(app, 'ben')];
  now += 2_000;
  const done = await admin.submit('/health', '/health/end-sessions', { who: 'Ben' });
  assert.deepEqual([done.statusCode, done.headers.location], [303, '/health?ended=yes']);
  const { body } = await admin.get('/health?ended=yes');
  assert.match(body, /role="status">Their sessions have ended/);
  assert.match(body, /Beyond 500 sign-outs, or 100 names and addresses [^]*everybody/);
  for (const browser of [first, second]) assert.equal((await browser.get('/health')).statusCode, 303);
  now += 1_000;
  assert.equal((await (await signedIn(app, 'Ben')).get('/health')).statusCode, 200);
  assert.equal((await admin.get('/health')).statusCode, 200);
});

test('what Temporal remembers names nobody and holds no cookie', async () => {
  const { memo } = await temporal.client.workflow.getHandle(endedSessionsStart.workflowId).describe();
  const text = JSON.stringify(memo);
  assert.match(text, /"sessions":\[\{"id":"[0-9a-f-]{36}","until":\d+\}\]/);
  assert.doesNotMatch(text, /ben|olga|eyJ/i);
});

test('a session ends after 12 hours, and with the token that signed it', async () => {
  let now = Date.now();
  const { app } = await buildTestApp(temporal.client, { clock: () => now });
  const olga = await signedIn(app);
  now += sessionMs - 1_000;
  assert.equal((await olga.get('/health')).statusCode, 200);
  now += 1_000;
  assert.equal((await olga.get('/health')).statusCode, 303);
  const changed = await buildTestApp(temporal.client, { config: { ...config, apiToken: 'another-api-token-0001' } });
  const carried = browserSession(changed.app, (await signedIn(app)).cookies);
  assert.equal((await carried.get('/health')).statusCode, 303);
});

test('while Temporal is away no session counts, since it may have been ended, and the API token still does', async () => {
  const { app } = await buildTestApp(temporal.client);
  const { app: alone } = await buildTestApp(clientWithoutServer(), {
    temporalTimeouts: { readTimeoutMs: 200, readyTimeoutMs: 200 },
  });
  const olga = browserSession(alone, (await signedIn(app)).cookies);
  const refused = await olga.get('/health');
  assert.deepEqual([refused.statusCode, /TEMPORAL_UNAVAILABLE/.test(refused.body)], [503, true]);
  const overview = await olga.get('/');
  assert.equal(overview.statusCode, 200, 'the overview is for everybody');
  assert.doesNotMatch(overview.body, /Sign out/);
  const out = await olga.submit('/sign-in', '/sign-out', {});
  assert.deepEqual([out.statusCode, /TEMPORAL_UNAVAILABLE/.test(out.body)], [503, true]);
  assert.match(out.body, /Olga is still signed in in this browser/);
  assert.ok(olga.cookies.has('__Host-session'), 'the browser can sign out later');
  const byToken = await alone.inject({ url: '/health', headers: bearer });
  assert.deepEqual([byToken.statusCode, byToken.json().temporal.state], [200, 'unavailable']);
});

test('a cookie that was changed, cut or made up signs nobody in', async () => {
  const { app } = await buildTestApp(temporal.client);
  const { cookies } = await signedIn(app);
  const [name, good] = [...cookies].find(([cookie]) => cookie === '__Host-session') ?? ['', ''];
  const [head = '', payload = '', seal = ''] = good.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const forged = Buffer.from(JSON.stringify({ ...claims, name: 'eve' })).toString('base64url');
  const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  for (const value of ['', 'x', `${head}.${forged}.${seal}`, `${none}.${payload}.`, `${head}.${payload}`, `${good}x`]) {
    const response = await app.inject({ url: '/health', headers: { ...asHtml, cookie: `${name}=${value}` } });
    assert.equal(response.statusCode, 303, value);
  }
});

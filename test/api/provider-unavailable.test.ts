/** What is asked of an identity provider, and which alarm there is while it does not work. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { PeopleSignIn } from '../../src/config/people-sign-in.js';
import { closeLater } from '../helpers/close-later.js';
import { freePort } from '../helpers/free-port.js';
import type { TestIdentityProvider } from '../helpers/identity-provider.js';
import { browserSession, signedIn } from './browser-session.js';
import { alarmsAt, publicUrl, signInAs, signInFor, testProvider } from './provider-sign-in.js';
import { buildTestApp, config, eventually, startTemporal } from './service.js';

let client: Client;
let provider: TestIdentityProvider;
before(async () => {
  ({ client } = await startTemporal());
  provider = await testProvider();
  await provider.start();
});
after(() => provider?.stop());

const appWith = (signIn: PeopleSignIn, clock = Date.now) =>
  buildTestApp(client, { config: { ...config, publicUrl, signIn }, clock });

test('a provider whose discovery does not say where people sign in is an alarm, and nobody is led anywhere', async () => {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` }));
  }).listen(port, '127.0.0.1');
  closeLater(async () => void server.close());
  const { app, log } = await appWith({ ...signInFor(provider), issuer });
  const start = await browserSession(app).get('/sign-in/start');
  assert.deepEqual([start.statusCode, /SIGN_IN_PROVIDER/.test(start.body)], [503, true]);
  assert.deepEqual(await alarmsAt(app), ['sign-in-provider']);
  assert.match(log(), /"alarm":"sign-in-provider","why":"OAUTH_MISSING_SERVER_METADATA"/);
});

test('user info is read for groups alone where somebody is let in by a group', async () => {
  const withTokens = await testProvider(true);
  await withTokens.start();
  closeLater(async () => void (await withTokens.stop()));
  const reads = (): number => withTokens.output().split('user info read').length - 1;
  const { app: byAddress } = await appWith(signInFor(withTokens, { admin: [] }));
  assert.equal((await signInAs(byAddress, 'vic')).response.statusCode, 303);
  assert.equal(reads(), 0);
  const { app: byGroup } = await appWith(signInFor(withTokens));
  assert.equal((await signInAs(byGroup, 'vic')).response.statusCode, 303);
  assert.equal(reads(), 1);
});

test('a provider that does not accept us is an alarm, and the page says what to do', async () => {
  const { app } = await appWith({ ...signInFor(provider), clientSecret: 'not-the-secret' });
  const { response } = await signInAs(app, 'ana');
  assert.deepEqual([response.statusCode, /SIGN_IN_PROVIDER/.test(response.body)], [503, true]);
  assert.deepEqual(await alarmsAt(app), ['sign-in-provider']);
});

test('while the provider is down the API token signs in, an alarm says so, and both end when it is back', async () => {
  let now = Date.now();
  const { app, log } = await appWith(signInFor(provider), () => now);
  const working = await signInAs(app, 'ana');
  await provider.kill();
  const { app: second, log: secondLog } = await appWith(signInFor(provider), () => now);
  const start = await browserSession(second).get('/sign-in/start');
  assert.deepEqual([start.statusCode, /SIGN_IN_PROVIDER/.test(start.body)], [503, true]);
  assert.deepEqual(await alarmsAt(second), ['sign-in-provider']);
  assert.match(secondLog(), /"alarm":"sign-in-provider","why":"ECONNREFUSED"/);
  const page = await browserSession(second).get('/sign-in');
  assert.match(page.body, /does not answer\. Use the API token/);
  assert.equal((await (await signedIn(second)).get('/health')).statusCode, 200);
  assert.equal((await working.browser.get('/health')).statusCode, 200, 'sessions go on');

  await provider.start();
  now += 6_000;
  assert.equal((await browserSession(second).get('/sign-in/start')).statusCode, 303);
  assert.deepEqual(
    await eventually(
      () => alarmsAt(second),
      (codes) => codes.length === 0,
    ),
    [],
  );
  assert.doesNotMatch(log() + secondLog(), /Ana\.Lima|a-secret/);
});

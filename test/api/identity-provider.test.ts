/** Sign-in by an identity provider that runs as a process of its own. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { createFlows } from '../../src/api/sign-in-flows.js';
import type { PeopleSignIn } from '../../src/config/people-sign-in.js';
import type { Escalation } from '../../src/policy/route.js';
import { minute } from '../../src/workflows/contract.js';
import { closeLater } from '../helpers/close-later.js';
import { freePort } from '../helpers/free-port.js';
import { identityProvider, type TestIdentityProvider } from '../helpers/identity-provider.js';
import { walkThroughProvider } from '../helpers/provider-walk.js';
import { asHtml, browserSession, signedIn, type BrowserSession } from './browser-session.js';
import { buildTestApp, config, escalation, eventually, startTemporal } from './service.js';

const publicUrl = 'https://webhooks.example.com';
const callback = `${publicUrl}/sign-in/callback`;
const verified = { email_verified: true };

const accounts = {
  ana: { email: 'Ana.Lima@example.com', ...verified },
  olga: { email: 'olga@example.com', ...verified, groups: ['platform', 'everybody'] },
  vic: { email: 'vic@example.com', ...verified },
  eve: { email: 'ana.lima@example.com', email_verified: false },
  // The first letter is the Kelvin sign, which is k in lower case.
  kelvin: { email: '\u212Aai@example.com', ...verified },
  nobody: {},
  stranger: { email: 'stranger@elsewhere.example', ...verified },
};

let client: Client;
let provider: TestIdentityProvider;
before(async () => {
  ({ client } = await startTemporal());
  provider = await identityProvider({ redirectUri: callback, accounts });
  await provider.start();
});
after(() => provider?.stop());

const file: Escalation = { ...escalation, owners: { 'ana.lima@example.com': 'ana' } };
const signInFor = (people: Partial<PeopleSignIn['people']> = {}, at = provider): PeopleSignIn => ({
  issuer: at.issuer,
  clientId: at.clientId,
  clientSecret: at.clientSecret,
  scope: 'openid email profile groups',
  people: { viewer: ['*@example.com'], responder: [], admin: ['group:platform'], ...people },
});

interface Changes {
  signIn?: PeopleSignIn | null;
  escalation?: Escalation;
  clock?: () => number;
}
async function appWith({ signIn = signInFor(), escalation: inForce = file, clock = Date.now }: Changes = {}) {
  const all = { ...config, publicUrl, ...(signIn && { signIn }) };
  return buildTestApp(client, { config: all, escalation: inForce, clock });
}

/** To the provider and through it; gives the path at which the browser comes back. */
async function throughProvider(browser: BrowserSession, account: string, to = '/health'): Promise<string> {
  const start = await browser.get(`/sign-in/start?to=${encodeURIComponent(to)}`);
  assert.equal(start.statusCode, 303, start.body);
  const back = await walkThroughProvider(String(start.headers.location), account, callback);
  return back.pathname + back.search;
}

async function signInAs(app: FastifyInstance, account: string) {
  const browser = browserSession(app);
  const response = await browser.get(await throughProvider(browser, account));
  return { browser, response };
}

test('a contact is let in as itself, by the address that its provider has verified', async () => {
  const { app, log } = await appWith();
  const browser = browserSession(app);
  const page = await browser.get('/sign-in?to=/health');
  assert.match(page.body, new RegExp(`href="/sign-in/start\\?to=%2Fhealth">Go to ${new URL(provider.issuer).host}`));
  const back = await browser.get(await throughProvider(browser, 'ana'));
  assert.deepEqual([back.statusCode, back.headers.location], [303, '/health']);
  assert.ok(browser.cookies.has('__Host-session') && !browser.cookies.has('__Host-sign-in'));
  const health = await browser.get('/health');
  assert.match(health.body, /<span>ana<\/span>/);
  assert.doesNotMatch(health.body, /Send a test|End sessions/, 'a contact answers and is no admin');
  const forbidden = await browser.submit('/health', '/health/end-sessions', { who: 'olga@example.com' });
  assert.deepEqual([forbidden.statusCode, /Only an admin may do this/.test(forbidden.body)], [403, true]);
  assert.doesNotMatch(log(), /ana\.lima|example\.com"/i, 'the log names nobody');
});

test('a group gives access, a pattern gives access, and whoever has none is told so', async () => {
  const { app } = await appWith();
  const { browser: admin } = await signInAs(app, 'olga');
  assert.match((await admin.get('/health')).body, /<span>olga@example.com<\/span>[^]*Send a test[^]*End sessions/);
  const { browser: viewer } = await signInAs(app, 'vic');
  assert.equal((await viewer.get('/health')).statusCode, 200);
  const { browser, response } = await signInAs(app, 'stranger');
  assert.deepEqual([response.statusCode, /NO_ACCESS/.test(response.body)], [403, true]);
  assert.ok(!browser.cookies.has('__Host-session'));
});

test('an address that the provider has not verified, or none, lets nobody in', async () => {
  const { app } = await appWith();
  for (const account of ['eve', 'nobody']) {
    const { response } = await signInAs(app, account);
    assert.deepEqual([response.statusCode, /EMAIL_NOT_VERIFIED/.test(response.body)], [403, true], account);
  }
});

test('an address that is that of a contact in lower case alone lets nobody in', async () => {
  const { app } = await appWith({ escalation: { ...file, owners: { 'kai@example.com': 'ana' } } });
  const { browser, response } = await signInAs(app, 'kelvin');
  assert.deepEqual([response.statusCode, /EMAIL_AMBIGUOUS/.test(response.body)], [403, true]);
  assert.ok(!browser.cookies.has('__Host-session'));
});

test('whoever is taken out of the file or the variables can do nothing from then on', async () => {
  const { app } = await appWith();
  const { browser: ana } = await signInAs(app, 'ana');
  const { browser: olga } = await signInAs(app, 'olga');
  const { app: later } = await appWith({ signIn: signInFor({ viewer: [], admin: [] }), escalation });
  const { app: without } = await appWith({ signIn: null });
  for (const { cookies } of [ana, olga])
    for (const changed of [later, without]) {
      const carried = browserSession(changed, new Map(cookies));
      assert.equal((await carried.get('/health')).statusCode, 303);
      const asJson = await carried.get('/incidents', { accept: 'application/json' });
      assert.deepEqual([asJson.statusCode, asJson.json().code], [401, 'BAD_TOKEN']);
    }
  const { app: less } = await appWith({ signIn: signInFor({ admin: [] }) });
  assert.doesNotMatch((await browserSession(less, olga.cookies).get('/health')).body, /End sessions/);
});

test('an admin ends the sessions of a contact by its key, in any case', async () => {
  let now = Date.now();
  const { app } = await appWith({ clock: () => now });
  const { browser: ana } = await signInAs(app, 'ana');
  const { browser: vic } = await signInAs(app, 'vic');
  const admin = await signedIn(app);
  now += 1_000;
  assert.equal((await admin.submit('/health', '/health/end-sessions', { who: 'Ana' })).statusCode, 303);
  assert.equal((await ana.get('/health')).statusCode, 303);
  assert.equal((await vic.get('/health')).statusCode, 200);
});

test('an answer of the provider counts once, for the browser that asked, and as it was', async () => {
  let now = Date.now();
  const { app, log } = await appWith({ clock: () => now });
  const flowOf = ({ cookies }: BrowserSession): string => cookies.get('__Host-sign-in') ?? '';
  const flows = createFlows(config.apiToken, () => now);
  const begin = async () => {
    const browser = browserSession(app);
    const path = await throughProvider(browser, 'ana');
    const flow = await flows.read(flowOf(browser));
    assert.ok(flow);
    return { browser, path, flow };
  };
  const comesBack = async (path: string, flow: string) => {
    const headers = { ...asHtml, cookie: `__Host-sign-in=${flow}` };
    const { statusCode, body, cookies } = await app.inject({ url: path, headers });
    const code = /<code>([A-Z_]+)<\/code>/.exec(body)?.[1];
    return [statusCode, code, cookies.some(({ name }) => name === '__Host-session')];
  };

  const one = await begin();
  const copy = flowOf(one.browser);
  assert.equal((await one.browser.get(one.path)).statusCode, 303);
  assert.deepEqual(await comesBack(one.path, copy), [400, 'SIGN_IN_EXPIRED', false], 'used before');

  const two = await begin();
  const other = flowOf((await begin()).browser);
  assert.deepEqual(await comesBack(two.path, other), [400, 'BAD_SIGN_IN', false], 'of another browser');
  const noState = two.path.replace(/state=[^&]+/, 'state=made-up');
  assert.deepEqual(await comesBack(noState, flowOf(two.browser)), [400, 'BAD_SIGN_IN', false], 'wrong state');
  assert.deepEqual(await comesBack(two.path, ''), [400, 'SIGN_IN_EXPIRED', false], 'without a cookie');

  const three = await begin();
  const wrongNonce = await flows.write({ ...three.flow, nonce: 'another' });
  assert.deepEqual(await comesBack(three.path, wrongNonce), [400, 'BAD_SIGN_IN', false], 'wrong nonce');
  const four = await begin();
  const wrongVerifier = await flows.write({ ...four.flow, verifier: 'x'.repeat(43) });
  assert.deepEqual(await comesBack(four.path, wrongVerifier), [400, 'SIGN_IN_EXPIRED', false], 'wrong verifier');
  const made = await createFlows('another-secret', () => now).write(four.flow);
  assert.deepEqual(await comesBack(four.path, made), [400, 'SIGN_IN_EXPIRED', false], 'a cookie that is not ours');
  const { state } = four.flow;
  const denied = `/sign-in/callback?error=access_denied&state=${state}&iss=${encodeURIComponent(provider.issuer)}`;
  assert.deepEqual(await comesBack(denied, flowOf(four.browser)), [403, 'SIGN_IN_REFUSED', false]);
  const wrongScope = denied.replace('access_denied', 'invalid_scope');
  assert.deepEqual(await comesBack(wrongScope, flowOf(four.browser)), [503, 'SIGN_IN_PROVIDER', false]);
  assert.match(log(), /"code":"SIGN_IN_PROVIDER","why":"invalid_scope"/);
  assert.deepEqual(await alarmsOf(app), [], 'whoever makes it up raises no alarm');

  const five = await begin();
  now += 10 * minute + 1_000;
  assert.equal((await five.browser.get(five.path)).statusCode, 400, 'too late');
});

test('from the page of a sign-in that failed a link leads to where it begins', async () => {
  const { app } = await appWith();
  const link = /<a class="button" href="\/sign-in">Sign in<\/a>/;
  const failed = await browserSession(app).get('/sign-in/callback?code=old&state=old');
  assert.deepEqual([failed.statusCode, link.test(failed.body)], [400, true]);
  const other = await browserSession(app).get('/nothing-here');
  assert.deepEqual([other.statusCode, link.test(other.body)], [404, false]);
});

test('the way back leads to paths of ours alone', async () => {
  const { app } = await appWith();
  for (const to of ['//evil.example.com', '/\t/evil.example.com', 'https://evil.example.com']) {
    const browser = browserSession(app);
    const back = await browser.get(await throughProvider(browser, 'ana', to));
    assert.deepEqual([back.statusCode, back.headers.location], [303, '/'], to);
  }
});

const alarmsOf = async (app: FastifyInstance): Promise<string[]> =>
  (await app.inject({ url: '/', headers: { accept: 'application/json' } }))
    .json()
    .alarms.map(({ code }: { code: string }) => code);

test('a provider whose discovery does not say where people sign in is an alarm, and nobody is led anywhere', async () => {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` }));
  }).listen(port, '127.0.0.1');
  closeLater(async () => void server.close());
  const { app, log } = await appWith({ signIn: { ...signInFor(), issuer } });
  const start = await browserSession(app).get('/sign-in/start');
  assert.deepEqual([start.statusCode, /SIGN_IN_PROVIDER/.test(start.body)], [503, true]);
  assert.deepEqual(await alarmsOf(app), ['sign-in-provider']);
  assert.match(log(), /"alarm":"sign-in-provider","why":"OAUTH_MISSING_SERVER_METADATA"/);
});

test('user info is read for groups alone where somebody is let in by a group', async () => {
  const withTokens = await identityProvider({ redirectUri: callback, accounts, idTokens: true });
  await withTokens.start();
  closeLater(async () => void (await withTokens.stop()));
  const reads = (): number => withTokens.output().split('user info read').length - 1;
  const { app: byAddress } = await appWith({ signIn: signInFor({ admin: [] }, withTokens) });
  assert.equal((await signInAs(byAddress, 'vic')).response.statusCode, 303);
  assert.equal(reads(), 0);
  const { app: byGroup } = await appWith({ signIn: signInFor({}, withTokens) });
  assert.equal((await signInAs(byGroup, 'vic')).response.statusCode, 303);
  assert.equal(reads(), 1);
});

test('a provider that does not accept us is an alarm, and the page says what to do', async () => {
  const { app } = await appWith({ signIn: { ...signInFor(), clientSecret: 'not-the-secret' } });
  const { response } = await signInAs(app, 'ana');
  assert.deepEqual([response.statusCode, /SIGN_IN_PROVIDER/.test(response.body)], [503, true]);
  assert.deepEqual(await alarmsOf(app), ['sign-in-provider']);
});

test('while the provider is down the API token signs in, an alarm says so, and both end when it is back', async () => {
  let now = Date.now();
  const { app, log } = await appWith({ clock: () => now });
  const working = await signInAs(app, 'ana');
  await provider.kill();
  const { app: second, log: secondLog } = await appWith({ clock: () => now });
  const start = await browserSession(second).get('/sign-in/start');
  assert.deepEqual([start.statusCode, /SIGN_IN_PROVIDER/.test(start.body)], [503, true]);
  assert.deepEqual(await alarmsOf(second), ['sign-in-provider']);
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
      () => alarmsOf(second),
      (codes) => codes.length === 0,
    ),
    [],
  );
  assert.doesNotMatch(log() + secondLog(), /Ana\.Lima|a-secret/);
});

/** Sign-in by an identity provider that runs as a process of its own: who is let in, and by which answers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { createFlows } from '../../src/api/sign-in/flows.js';
import type { PeopleSignIn } from '../../src/config/people-sign-in.js';
import type { Escalation } from '../../src/policy/route.js';
import { minute } from '../../src/workflows/contract.js';
import type { TestIdentityProvider } from '../helpers/identity-provider.js';
import { asHtml, browserSession, signedIn, type BrowserSession } from './browser-session.js';
import { alarmsAt, publicUrl, signInAs, signInFor, testProvider, throughProvider } from './provider-sign-in.js';
import { buildTestApp, config, escalation, startTemporal } from './service.js';

let client: Client;
let provider: TestIdentityProvider;
before(async () => {
  ({ client } = await startTemporal());
  provider = await testProvider();
  await provider.start();
});
after(() => provider?.stop());

const file: Escalation = { ...escalation, owners: { 'ana.lima@example.com': 'ana' } };

interface Changes {
  signIn?: PeopleSignIn | null;
  escalation?: Escalation;
  clock?: () => number;
}
async function appWith({ signIn = signInFor(provider), escalation: inForce = file, clock = Date.now }: Changes = {}) {
  const all = { ...config, publicUrl, ...(signIn && { signIn }) };
  return buildTestApp(client, { config: all, escalation: inForce, clock });
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
  const { app: later } = await appWith({ signIn: signInFor(provider, { viewer: [], admin: [] }), escalation });
  const { app: without } = await appWith({ signIn: null });
  for (const { cookies } of [ana, olga])
    for (const changed of [later, without]) {
      const carried = browserSession(changed, new Map(cookies));
      assert.equal((await carried.get('/health')).statusCode, 303);
      const asJson = await carried.get('/incidents', { accept: 'application/json' });
      assert.deepEqual([asJson.statusCode, asJson.json().code], [401, 'BAD_TOKEN']);
    }
  const { app: less } = await appWith({ signIn: signInFor(provider, { admin: [] }) });
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
  assert.deepEqual(await alarmsAt(app), [], 'whoever makes it up raises no alarm');

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

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { tlsProxy } from '../../helpers/tls-proxy.js';
import { byApp, byPat, openAdminSession, secret, type AdminSession } from '../tableau-admin.js';
import { has, problems } from './problems.js';

const checks = [
  'server and API version',
  'sign-in',
  'workbooks and data sources',
  'users',
  'jobs',
  'refresh schedules',
  'Metadata API',
  'public address',
  'webhooks',
  'Twilio account',
  'Twilio number',
  'incoming messages',
];

const sync = (session: AdminSession) => session.run(['webhooks', 'sync', '--yes']);
describe('doctor', { concurrency: 2, timeout: 600_000 }, () => {
  test('all is well after a sync, and a webhook that is disabled, moved or has an older secret is reported', async (t) => {
    const session = await openAdminSession(t);
    has(await problems(session), {
      code: 1,
      webhooks: /^failed: DatasourceDeleted has no webhook; .*WorkbookRefreshFailed has no webhook\. → .*webhooks sync/,
    });
    await sync(session);
    const { code, output } = await session.run(['doctor']);
    assert.equal(code, 0);
    assert.deepEqual(
      output.match(/^ok {7}[^:]+/gm)?.map((line) => line.slice(9)),
      checks,
    );
    assert.match(output, /REST API 3\.25 is configured, 3\.25 is the newest here \(Tableau 2025\.1\.0\)\./);
    assert.match(output, /All 6 that the routes need exist, are enabled and point here\.[^]*\nNothing failed\.\n$/);
    assert.doesNotMatch(output, new RegExp(`${secret}|pat-secret`));
    assert.equal(session.sandbox.requests({ target: 'tableau.signout' }).length, 3, 'no session is left open');

    has(await problems(session, { ...byPat, TABLEAU_WEBHOOK_SECRET: `the-next-secret-of-the-test,${secret}` }), {
      code: 0,
      webhooks: /^warning: DatasourceDeleted has an older secret; /,
    });
    const [off, moved] = await session.hooks();
    await session.rest('PUT', `/${off?.id}`, { name: 'x', isEnabled: false });
    const there = { 'webhook-destination-http': { method: 'POST', url: 'https://old.example.com/notifier/x' } };
    await session.rest('PUT', `/${moved?.id}`, { name: 'y', 'webhook-destination': there });
    has(await problems(session), {
      code: 1,
      webhooks:
        /^failed: DatasourceDeleted is disabled \(Webhook disabled by user\); DatasourceRefreshSucceeded points elsewhere\. → /,
    });
  });

  test('with labels in the escalation file, whether they can be read', async (t) => {
    const session = await openAdminSession(t);
    await sync(session);
    session.sandbox.panel.add({ kind: 'datasource', name: 'Orders' });
    const directory = await mkdtemp(join(tmpdir(), 'labels-'));
    t.after(() => rm(directory, { recursive: true }));
    const file = join(directory, 'escalation.yaml');
    const steps = [{ page: ['ana'], by: 'sms', wait: '5m' }];
    const escalation = { contacts: { ana: { phone: '+15550000001' } }, policies: { default: { steps } }, labels: true };
    await writeFile(file, JSON.stringify(escalation));
    const env = { ...byPat, ESCALATION_FILE: file };
    assert.match((await session.run(['doctor'], env)).output, /^ok {7}labels in Tableau: Readable\. /m);
    session.sandbox.settings.labels = 'unlicensed';
    has(await problems(session, env), {
      code: 0,
      'labels in Tableau':
        /^warning: Tableau answered 403004: it has no labels here.* paged as before\. → License Data/,
    });
    const app = { ...byApp, ESCALATION_FILE: file };
    session.sandbox.settings.labels = 'on';
    assert.match((await session.run(['doctor'], app)).output, /^ok {7}labels in Tableau: Readable\. /m);
  });

  test('without a sign-in the checks that need one are skipped', async (t) => {
    const session = await openAdminSession(t);
    const found = await problems(session, {
      ...byPat,
      TABLEAU_PAT_SECRET: 'an-old-secret',
      PUBLIC_URL: 'http://a.example',
      TWILIO_AUTH_TOKEN: 'an-old-token',
    });
    has(found, {
      code: 1,
      'sign-in': /^failed: Tableau answered 401001: .* → Check TABLEAU_PAT_NAME, TABLEAU_PAT_SECRET/,
      'workbooks and data sources': /^skipped/,
      users: /^skipped/,
      jobs: /^skipped/,
      'refresh schedules': /^skipped/,
      'Metadata API': /^skipped/,
      'public address': /^failed: PUBLIC_URL is http:/,
      webhooks: /^failed: Tableau answered 401001/,
      'Twilio account':
        /^failed: Twilio refused our credentials\..* → Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN\.$/,
      'Twilio number': /^skipped/,
      'incoming messages': /^skipped/,
    });
    const signIns = session.sandbox.requests({ target: 'tableau.signin' }).length;
    assert.equal(signIns, 1, 'a refused sign-in is not tried again: accounts get locked');
  });

  test('an API version that is newer than the server, and an address that is not Tableau', async (t) => {
    const session = await openAdminSession(t, { apiVersion: '3.20' });
    const { 'server and API version': version } = { 'server and API version': '', ...(await problems(session)) };
    assert.match(
      version,
      /^failed: REST API 3\.25 is configured, 3\.20 is the newest here.* → Set TABLEAU_RESTAPI_VERSION=3\.20\.$/,
    );
    const old = await problems(session, { ...byPat, TABLEAU_RESTAPI_VERSION: '3.5' });
    assert.match(JSON.stringify(old), /Set TABLEAU_RESTAPI_VERSION=3\.20: webhooks need 3\.6 or later/);
    const unreachable = await problems(session, { ...byPat, TABLEAU_DOMAIN: 'http://127.0.0.1:9' });
    assert.match(
      JSON.stringify(unreachable),
      /Tableau cannot be reached \(ECONNREFUSED\)\. → Tableau is down, or the way to it: TABLEAU_DOMAIN must be/,
    );
    const foreign = await problems(session, { ...byPat, TABLEAU_DOMAIN: session.receiver.url });
    assert.match(JSON.stringify(foreign), /The server at TABLEAU_DOMAIN is not Tableau/);
  });

  test('a Tableau Server with a certificate of a private authority needs NODE_EXTRA_CA_CERTS, and doctor says so', async (t) => {
    const session = await openAdminSession(t);
    const proxy = await tlsProxy({ prefix: '', strips: false });
    t.after(() => proxy.close());
    proxy.leadsTo(Number(new URL(session.sandbox.url).port));
    const file = join(await mkdtemp(join(tmpdir(), 'authority-')), 'ca.pem');
    t.after(() => rm(dirname(file), { recursive: true }));
    await writeFile(file, proxy.ca);
    const inside = { ...byPat, TABLEAU_DOMAIN: `https://localhost:${proxy.port}` };
    const unknown = await session.run(['doctor'], inside);
    assert.match(unknown.output, /^FAILED {3}server and API version: .*\n {9}→ .*NODE_EXTRA_CA_CERTS=<its PEM file>/m);
    const known = await session.run(['doctor'], { ...inside, NODE_EXTRA_CA_CERTS: file });
    assert.match(known.output, /^ok {7}server and API version: [^]*^ok {7}sign-in: /m);
  });

  const needingTableau = ['workbooks and data sources', 'users', 'jobs', 'refresh schedules', 'Metadata API'];
  const allSkipped = (names: string[]) => Object.fromEntries(names.map((check) => [check, /^skipped/]));

  test('while Tableau is down, it says so and advises neither on tokens nor on rights', async (t) => {
    const session = await openAdminSession(t);
    const down = ['sign-in', ...needingTableau, 'webhooks'];
    const unreachable = await problems(session, { ...byPat, TABLEAU_DOMAIN: 'http://127.0.0.1:9' });
    has(unreachable, {
      code: 1,
      'server and API version': /^failed: Tableau cannot be reached .* → Tableau is down, or the way to it: /,
      ...allSkipped(down),
    });
    session.sandbox.faults.add({ target: 'tableau.signin', status: 503, times: 'always' });
    const notSigningIn = await problems(session);
    has(notSigningIn, {
      code: 1,
      'sign-in': /^failed: Tableau answered 503000\. → Wait until Tableau answers again/,
      ...allSkipped(needingTableau),
      webhooks: /^failed: Tableau answered 503000\. → Wait until Tableau answers again/,
    });
    session.sandbox.faults.add({ target: 'tableau.serverinfo', status: 502, times: 'always' });
    const broken = await problems(session);
    has(broken, {
      code: 1,
      'server and API version': /^failed: Tableau answered 502000\. → Tableau itself has a problem: wait/,
      ...allSkipped(down),
    });
    for (const found of [unreachable, notSigningIn, broken])
      assert.doesNotMatch(JSON.stringify(found), /TABLEAU_PAT|administrator|Messages lack/);
  });

  test('each half needs its own variables alone', async (t) => {
    const session = await openAdminSession(t);
    await sync(session);
    const none = (...names: string[]) => Object.fromEntries(names.map((name) => [name, '']));
    const ofTwilio = ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM_NUMBER'];
    has(await problems(session, { ...byPat, ...none(...ofTwilio, 'TWILIO_TO_NUMBER', 'API_TOKEN') }), {
      code: 1,
      'variables of Twilio': /^failed: TWILIO_ACCOUNT_SID is missing: .* TWILIO_AUTH_TOKEN .* TWILIO_FROM_NUMBER /,
      'other variables': /^warning: API_TOKEN is missing: .* TWILIO_TO_NUMBER or ESCALATION_FILE is missing/,
    });
    has(await problems(session, none('TABLEAU_DOMAIN', 'TABLEAU_WEBHOOK_SECRET', 'API_TOKEN')), {
      code: 1,
      'variables of Tableau':
        /^failed: TABLEAU_DOMAIN is missing: .* TABLEAU_PAT_NAME and TABLEAU_PAT_SECRET are missing/,
      'other variables': /^warning: API_TOKEN is missing/,
    });
    has(await problems(session, { ...byPat, ...none('PUBLIC_URL', 'TABLEAU_WEBHOOK_SECRET') }), {
      code: 1,
      'public address': /^failed: PUBLIC_URL is missing/,
      webhooks: /^failed: TABLEAU_WEBHOOK_SECRET is missing/,
      'incoming messages': /^skipped: It needs PUBLIC_URL/,
    });
  });

  test('missing rights are reported one by one, and the Metadata API is a warning', async (t) => {
    const session = await openAdminSession(t);
    await sync(session);
    session.sandbox.settings.metadataApi = 'off';
    has(await problems(session), {
      code: 0,
      'Metadata API': /^warning: Tableau answered 404003: .* → .*tsm maintenance/,
    });
    session.sandbox.settings.metadataApi = 'on';
    for (const target of ['tableau.jobs', 'tableau.users', 'tableau.webhooks'])
      session.sandbox.faults.add({ target, status: 403, code: 403004, times: 'always' });
    has(await problems(session), {
      code: 1,
      users: /^failed: Tableau answered 403004: we may not see the users\..* Messages lack the owner\. → /,
      jobs: /^failed: Tableau answered 403004: we may not see the jobs\..* Messages lack the cause\. → /,
      webhooks: /^failed: Tableau answered 403004.* → Sign in as a site or server administrator\.$/,
    });
  });

  test('a connected app reads, another sign-in manages the webhooks', async (t) => {
    const session = await openAdminSession(t);
    await sync(session);
    has(await problems(session, byApp), {
      code: 1,
      webhooks: /^failed: .* → A connected app cannot manage webhooks: set TABLEAU_PAT/,
    });
    has(await problems(session, { ...byApp, ...byPat }), { code: 0 });
    const older = { ...byApp, ...byPat, TABLEAU_RESTAPI_VERSION: '3.24' };
    has(await problems(session, older), {
      code: 1,
      jobs: /^failed: A connected app may not read jobs in REST API 3\.24.* 3\.25 or later/,
    });
  });

  test('wrong arguments exit with 2', async (t) => {
    const session = await openAdminSession(t);
    const { code, output } = await session.run(['doctor', '--now']);
    assert.deepEqual([code, output.includes('Usage: tableau-webhooks doctor')], [2, true]);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Type } from 'typebox';
import { byApp, byPat, openDesk, secret, type Desk } from '../tableau-admin.js';

const Examined = Type.Object({
  ok: Type.Boolean(),
  findings: Type.Array(
    Type.Object({
      check: Type.String(),
      status: Type.String(),
      says: Type.String(),
      fix: Type.Optional(Type.String()),
    }),
  ),
});
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
];

/** All that is not ok: check → status, words and fix. */
async function ills(desk: Desk, env?: Record<string, string>) {
  const { code, findings } = await desk.tells(Examined, ['doctor'], env);
  const found = findings.filter(({ status }) => status !== 'ok');
  for (const { status, fix } of found) assert.ok(status === 'skipped' || fix, 'every finding has a fix');
  return {
    code,
    ...Object.fromEntries(found.map(({ check, status, says, fix }) => [check, `${status}: ${says} → ${fix}`])),
  };
}
const sync = (desk: Desk) => desk.runs(['webhooks', 'sync', '--yes']);
const has = (actual: object, expected: Record<string, RegExp | number>) => {
  assert.deepEqual(Object.keys(actual).toSorted(), Object.keys(expected).toSorted());
  for (const [check, wanted] of Object.entries(expected)) {
    const said = Object.entries(actual).find(([name]) => name === check)?.[1];
    if (typeof wanted === 'number') assert.equal(said, wanted, check);
    else assert.match(String(said), wanted);
  }
};

describe('doctor', { concurrency: 2, timeout: 120_000 }, () => {
  test('all is well after a sync, and what is disabled, moved or of an older secret is told', async (t) => {
    const desk = await openDesk(t);
    has(await ills(desk), {
      code: 1,
      webhooks: /^failed: DatasourceDeleted has no webhook; .*WorkbookRefreshFailed has no webhook\. → .*webhooks sync/,
    });
    await sync(desk);
    const { code, said } = await desk.runs(['doctor']);
    assert.equal(code, 0);
    assert.deepEqual(
      said.match(/^ok {7}[^:]+/gm)?.map((line) => line.slice(9)),
      checks,
    );
    assert.match(said, /REST API 3\.25 is asked for, 3\.25 is the newest here \(Tableau 2025\.1\.0\)\./);
    assert.match(said, /All 6 that the routes need are there, enabled and pointing here\.[^]*\nNothing failed\.\n$/);
    assert.doesNotMatch(said, new RegExp(`${secret}|pat-secret`));
    assert.equal(desk.sandbox.requests({ target: 'tableau.signout' }).length, 3, 'no session is left open');

    has(await ills(desk, { ...byPat, TABLEAU_WEBHOOK_SECRET: `the-next-secret-of-the-test,${secret}` }), {
      code: 0,
      webhooks: /^warning: DatasourceDeleted has an older secret; /,
    });
    const [off, moved] = await desk.hooks();
    await desk.rest('PUT', `/${off?.id}`, { name: 'x', isEnabled: false });
    const there = { 'webhook-destination-http': { method: 'POST', url: 'https://old.example.com/notifier/x' } };
    await desk.rest('PUT', `/${moved?.id}`, { name: 'y', 'webhook-destination': there });
    has(await ills(desk), {
      code: 1,
      webhooks:
        /^failed: DatasourceDeleted is disabled \(Webhook disabled by user\); DatasourceRefreshSucceeded goes elsewhere only\. → /,
    });
  });

  test('without a sign-in the rest is skipped', async (t) => {
    const desk = await openDesk(t);
    const examined = await ills(desk, {
      ...byPat,
      TABLEAU_PAT_SECRET: 'an-old-secret',
      PUBLIC_URL: 'http://a.example',
    });
    has(examined, {
      code: 1,
      'sign-in': /^failed: Tableau answered 401001: .* → Check TABLEAU_PAT_NAME, TABLEAU_PAT_SECRET/,
      'workbooks and data sources': /^skipped/,
      users: /^skipped/,
      jobs: /^skipped/,
      'refresh schedules': /^skipped/,
      'Metadata API': /^skipped/,
      'public address': /^failed: PUBLIC_URL is http:/,
      webhooks: /^failed: Tableau answered 401001/,
    });
    const signIns = desk.sandbox.requests({ target: 'tableau.signin' }).length;
    assert.equal(signIns, 1, 'a refused sign-in is not tried again: accounts get locked');
  });

  test('an API version that is newer than the server, and a server that is none', async (t) => {
    const desk = await openDesk(t, { apiVersion: '3.20' });
    const { 'server and API version': version } = { 'server and API version': '', ...(await ills(desk)) };
    assert.match(
      version,
      /^failed: REST API 3\.25 is asked for, 3\.20 is the newest here.* → Set TABLEAU_RESTAPI_VERSION=3\.20\.$/,
    );
    const old = await ills(desk, { ...byPat, TABLEAU_RESTAPI_VERSION: '3.5' });
    assert.match(JSON.stringify(old), /Set TABLEAU_RESTAPI_VERSION=3\.20: webhooks need 3\.6 or later/);
    const away = await ills(desk, { ...byPat, TABLEAU_DOMAIN: 'http://127.0.0.1:9' });
    assert.match(JSON.stringify(away), /Tableau cannot be reached \(ECONNREFUSED\)\. → TABLEAU_DOMAIN must be/);
    const foreign = await ills(desk, { ...byPat, TABLEAU_DOMAIN: desk.ear.url });
    assert.match(JSON.stringify(foreign), /What answers at TABLEAU_DOMAIN does not speak as Tableau does/);
  });

  test('rights that are missing are told one by one, and the Metadata API is a warning', async (t) => {
    const desk = await openDesk(t);
    await sync(desk);
    desk.sandbox.settings.metadataApi = 'off';
    has(await ills(desk), { code: 0, 'Metadata API': /^warning: Tableau answered 404003: .* → .*tsm maintenance/ });
    desk.sandbox.settings.metadataApi = 'on';
    for (const target of ['tableau.jobs', 'tableau.users', 'tableau.webhooks'])
      desk.sandbox.faults.add({ target, status: 403, code: 403004, times: 'always' });
    has(await ills(desk), {
      code: 1,
      users: /^failed: Tableau answered 403004: we may not see the users\..* Messages do not say whose it is\. → /,
      jobs: /^failed: Tableau answered 403004: we may not see the jobs\..* Messages do not say why it failed\. → /,
      webhooks: /^failed: Tableau answered 403004.* → Sign in as a site or server administrator\.$/,
    });
  });

  test('a connected app reads, another sign-in looks after the webhooks', async (t) => {
    const desk = await openDesk(t);
    await sync(desk);
    has(await ills(desk, byApp), {
      code: 1,
      webhooks: /^failed: .* → A connected app cannot manage webhooks: set TABLEAU_PAT/,
    });
    has(await ills(desk, { ...byApp, ...byPat }), { code: 0 });
    const older = { ...byApp, ...byPat, TABLEAU_RESTAPI_VERSION: '3.24' };
    has(await ills(desk, older), {
      code: 1,
      jobs: /^failed: A connected app may not read jobs in REST API 3\.24.* 3\.25 or later/,
    });
  });

  test('a wrong question ends with 2', async (t) => {
    const desk = await openDesk(t);
    const { code, said } = await desk.runs(['doctor', '--now']);
    assert.deepEqual([code, said.includes('Usage: tableau-webhooks doctor')], [2, true]);
  });
});

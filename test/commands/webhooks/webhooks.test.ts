import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Type } from 'typebox';
import { byApp, byPat, openAdminSession, secret, type AdminSession } from '../tableau-admin.js';

const Synced = Type.Object({
  applied: Type.Boolean(),
  kept: Type.Number(),
  notes: Type.Array(Type.String()),
  changes: Type.Array(
    Type.Object({
      do: Type.String(),
      event: Type.String(),
      why: Type.String(),
      done: Type.Boolean(),
      problem: Type.Optional(Type.String()),
    }),
  ),
});
const Problem = Type.Object({ problem: Type.String() });

const events = ['Datasource', 'Workbook'].flatMap((item) =>
  ['Deleted', 'RefreshSucceeded', 'RefreshFailed'].map((what) => item + what),
);
const sync = (session: AdminSession, env?: Record<string, string>) =>
  session.runJson(Synced, ['webhooks', 'sync', '--yes'], env);
const service = { type: 'application/json', body: '{"status":"test"}' };

describe('webhooks', { concurrency: 2, timeout: 600_000 }, () => {
  test('sync prints its changes, makes them with --yes, and then has nothing to change', async (t) => {
    const session = await openAdminSession(t);
    const dry = await session.run(['webhooks', 'sync']);
    assert.equal(dry.code, 0);
    for (const event of events) assert.match(dry.output, new RegExp(`^  create  ${event}$`, 'm'));
    assert.match(dry.output, /\/notifier\/\*\*\*\*:\n[^]*Nothing was changed\. --yes makes 6 changes\.\n$/);
    assert.deepEqual(await session.hooks(), []);

    const done = await session.run(['webhooks', 'sync', '--yes']);
    assert.equal(done.code, 0);
    assert.match(done.output, /^  created  WorkbookRefreshFailed$/m);
    const hooks = await session.hooks();
    assert.deepEqual(
      hooks.map(({ name, event, enabled, url }) => ({ name, event, enabled, url })),
      events.map((event) => ({ name: `tableau-webhooks ${event}`, event, enabled: true, url: session.here })),
    );

    const again = await session.run(['webhooks', 'sync', '--yes']);
    assert.match(again.output, /6 webhooks as wanted\.\nThere is nothing to change\.\n$/);
    assert.deepEqual(await session.hooks(), hooks);
    assert.doesNotMatch(dry.output + done.output + again.output, new RegExp(`${secret}|pat-secret`));
  });

  test('sync repairs our webhooks, deletes those that no route needs, and does not change others', async (t) => {
    const session = await openAdminSession(t);
    await sync(session);
    const other = { event: 'WorkbookRefreshFailed', name: 'Somebody else' };
    const to = (url: string) => ({ 'webhook-destination': { 'webhook-destination-http': { method: 'POST', url } } });
    await session.rest('POST', '', { ...other, ...to('https://hooks.example.com/very-secret') });
    await session.rest('POST', '', { name: 'by hand', event: 'ViewDeleted', ...to(session.here) });
    const [off, moved] = await session.hooks();
    await session.rest('PUT', `/${off?.id}`, { name: off?.name, isEnabled: false });
    await session.rest('PUT', `/${moved?.id}`, {
      name: moved?.name,
      ...to('https://old.example.com/notifier/very-secret'),
    });

    const listed = await session.run(['webhooks', 'list']);
    assert.equal(listed.code, 0);
    assert.match(listed.output, /DISABLED +DatasourceDeleted +here .*: Webhook disabled by user$/m);
    assert.match(
      listed.output,
      /enabled +DatasourceRefreshSucceeded +elsewhere +https:\/\/old\.example\.com\/notifier\/\*\*\*\*/,
    );
    assert.match(listed.output, /elsewhere +https:\/\/hooks\.example\.com\/\*\*\*\* +"Somebody else"$/m);
    assert.doesNotMatch(listed.output, /very-secret/);

    const { changes, kept, code } = await sync(session);
    assert.deepEqual(
      changes.map(({ do: what, event, why, done }) => [what, event, why, done]),
      [
        ['update', 'DatasourceDeleted', 'it is disabled (Webhook disabled by user)', true],
        ['update', 'DatasourceRefreshSucceeded', 'it goes to https://old.example.com/notifier/**** now', true],
        ['delete', 'ViewDeleted', 'no route needs this event', true],
      ],
    );
    assert.deepEqual([kept, code], [4, 0]);
    const hooks = await session.hooks();
    assert.deepEqual(
      hooks.filter(({ url, enabled }) => url === session.here && enabled).map(({ event }) => event),
      events,
    );
    assert.deepEqual(
      hooks.filter(({ url }) => url !== session.here).map(({ name }) => name),
      ['Somebody else'],
    );

    const removed = await session.runJson(Synced, ['webhooks', 'delete', '--yes']);
    assert.deepEqual([removed.code, removed.changes.length], [0, 6]);
    assert.deepEqual(
      (await session.hooks()).map(({ name }) => name),
      ['Somebody else'],
    );
  });

  test('before API 3.9 events have their older names, and before 3.8 a webhook is replaced', async (t) => {
    const session = await openAdminSession(t);
    const old = { ...byPat, TABLEAU_RESTAPI_VERSION: '3.7' };
    const first = await sync(session, old);
    assert.deepEqual([first.code, first.changes.every(({ done }) => done)], [0, true]);
    const before = await session.hooks();
    assert.deepEqual(
      before.map(({ event }) => event),
      events,
    );
    const rotated = await sync(session, { ...old, TABLEAU_WEBHOOK_SECRET: `the-next-secret-of-the-test,${secret}` });
    assert.equal(rotated.code, 0);
    assert.deepEqual(
      new Set(rotated.changes.map(({ do: what, why }) => `${what}: ${why}`)),
      new Set(['update: it has an older secret']),
    );
    const hooks = await session.hooks();
    assert.deepEqual(
      hooks.map(({ url }) => url.split('/').at(-1)),
      events.map(() => 'the-next-secret-of-the-test'),
    );
    assert.ok(hooks.every(({ id }) => !before.some((one) => one.id === id)));
    const tooOld = await session.runJson(Problem, ['webhooks', 'list'], { ...byPat, TABLEAU_RESTAPI_VERSION: '3.5' });
    assert.deepEqual(
      [tooOld.code, tooOld.problem],
      [1, 'TABLEAU_RESTAPI_VERSION is 3.5, and webhooks need 3.6 (Tableau Server 2019.4).'],
    );
  });

  test('an address without https is refused before any request to Tableau', async (t) => {
    const session = await openAdminSession(t);
    const env = { ...byPat, PUBLIC_URL: 'http://pager.example.com' };
    const { code, output } = await session.run(['webhooks', 'sync', '--yes'], env);
    assert.equal(code, 1);
    assert.match(output, /^PUBLIC_URL is http:\/\/…, and Tableau sends webhooks only to https addresses/);
    assert.deepEqual(session.sandbox.requests(), []);
  });

  test('a webhook that Tableau refuses does not stop the others, and the exit code is 1', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'webhooks-'));
    t.after(() => rm(directory, { recursive: true }));
    const file = join(directory, 'escalation.yaml');
    const steps = [{ page: ['ana'], by: 'sms', wait: '5m' }];
    const routes = [{ events: ['AdminPromoted', 'PromptFailed', 'SiteCreated'], policy: 'default' }];
    const contacts = { ana: { phone: '+15550000001' } };
    await writeFile(file, JSON.stringify({ contacts, policies: { default: { steps } }, routes }));
    const session = await openAdminSession(t);
    const { code, changes, notes } = await sync(session, { ...byPat, ESCALATION_FILE: file });
    assert.equal(code, 1);
    assert.deepEqual(
      changes.map(({ event, done, problem = '' }) => [event, done, problem.startsWith('Tableau answered 400000: ')]),
      [
        ['AdminPromoted', true, false],
        ['PromptFailed', false, true],
      ],
    );
    assert.deepEqual(notes, ['SiteCreated is left out: Tableau documents it and refuses webhooks for it.']);
  });

  test("test prints the response to Tableau's test call, and what to do about it", async (t) => {
    const session = await openAdminSession(t);
    const none = await session.run(['webhooks', 'test']);
    assert.deepEqual([none.code, none.output.startsWith('There is no webhook of ours')], [1, true]);
    await sync(session);
    session.receiver.routes.set(`/notifier/${secret}`, service.body);
    const good = await session.run(['webhooks', 'test']);
    assert.equal(good.code, 0);
    assert.equal(good.output.match(/^  ok  \w+ +answer 200: \{"status":"test"\}$/gm)?.length, 6);
    session.receiver.routes.clear();
    session.receiver.answers.push(
      service,
      { status: 401, body: 'no' },
      { status: 502, body: `${secret} <html>` },
      { cut: true },
    );
    const { code, output } = await session.run(['webhooks', 'test']);
    assert.equal(code, 1);
    assert.match(
      output,
      /^  FAILED +DatasourceRefreshSucceeded +answer 401: no; this service refuses its secret: run sync$/m,
    );
    assert.match(
      output,
      /^  FAILED +DatasourceRefreshFailed +answer 502: \*\*\* <html>; Tableau does not reach this service/m,
    );
    assert.match(output, /^  FAILED +WorkbookDeleted +answer 504: .*; Tableau does not reach this service/m);
    assert.match(
      output,
      /^  FAILED +WorkbookRefreshFailed +answer 200: <Response\/>; another server answered: check PUBLIC_URL/m,
    );
  });

  test('a refusal is printed as text and as JSON, and wrong arguments exit with 2', async (t) => {
    const session = await openAdminSession(t);
    const app = await session.runJson(Problem, ['webhooks', 'list'], byApp);
    assert.deepEqual(
      [app.code, app.problem.startsWith('Tableau answered 401002: we may not see the webhooks.')],
      [1, true],
    );
    const both = await session.run(['webhooks', 'list'], { ...byApp, ...byPat });
    assert.deepEqual([both.code, both.output.startsWith('0 webhooks of ')], [0, true]);
    for (const args of [[], ['dance'], ['sync', 'now'], ['list', '--loud'], ['sync', '--name', 'two words']]) {
      const { code, output } = await session.run(['webhooks', ...args]);
      assert.deepEqual([code, output.includes('Usage: tableau-webhooks webhooks')], [2, true], args.join(' '));
    }
  });
});

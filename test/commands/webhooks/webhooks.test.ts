import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Type } from 'typebox';
import { byApp, byPat, openDesk, secret, type Desk } from '../tableau-admin.js';

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
const sync = (desk: Desk, env?: Record<string, string>) => desk.tells(Synced, ['webhooks', 'sync', '--yes'], env);
const service = { type: 'application/json', body: '{"status":"test"}' };

describe('webhooks', { concurrency: 2, timeout: 120_000 }, () => {
  test('sync shows what it would do, does it with --yes, and then has nothing to do', async (t) => {
    const desk = await openDesk(t);
    const dry = await desk.runs(['webhooks', 'sync']);
    assert.equal(dry.code, 0);
    for (const event of events) assert.match(dry.said, new RegExp(`^  create  ${event}$`, 'm'));
    assert.match(dry.said, /\/notifier\/\*\*\*\*:\n[^]*Nothing was changed\. --yes makes 6 changes\.\n$/);
    assert.deepEqual(await desk.hooks(), []);

    const done = await desk.runs(['webhooks', 'sync', '--yes']);
    assert.equal(done.code, 0);
    assert.match(done.said, /^  created  WorkbookRefreshFailed$/m);
    const hooks = await desk.hooks();
    assert.deepEqual(
      hooks.map(({ name, event, enabled, url }) => ({ name, event, enabled, url })),
      events.map((event) => ({ name: `tableau-webhooks ${event}`, event, enabled: true, url: desk.here })),
    );

    const again = await desk.runs(['webhooks', 'sync', '--yes']);
    assert.match(again.said, /6 webhooks as wanted\.\nThere is nothing to change\.\n$/);
    assert.deepEqual(await desk.hooks(), hooks);
    assert.doesNotMatch(dry.said + done.said + again.said, new RegExp(`${secret}|pat-secret`));
  });

  test('sync repairs ours, removes what no route needs, and leaves the others alone', async (t) => {
    const desk = await openDesk(t);
    await sync(desk);
    const other = { event: 'WorkbookRefreshFailed', name: 'Somebody else' };
    const to = (url: string) => ({ 'webhook-destination': { 'webhook-destination-http': { method: 'POST', url } } });
    await desk.rest('POST', '', { ...other, ...to('https://hooks.example.com/very-secret') });
    await desk.rest('POST', '', { name: 'by hand', event: 'ViewDeleted', ...to(desk.here) });
    const [off, moved] = await desk.hooks();
    await desk.rest('PUT', `/${off?.id}`, { name: off?.name, isEnabled: false });
    await desk.rest('PUT', `/${moved?.id}`, {
      name: moved?.name,
      ...to('https://old.example.com/notifier/very-secret'),
    });

    const listed = await desk.runs(['webhooks', 'list']);
    assert.equal(listed.code, 0);
    assert.match(listed.said, /DISABLED +DatasourceDeleted +here .*: Webhook disabled by user$/m);
    assert.match(
      listed.said,
      /enabled +DatasourceRefreshSucceeded +elsewhere +https:\/\/old\.example\.com\/notifier\/\*\*\*\*/,
    );
    assert.match(listed.said, /elsewhere +https:\/\/hooks\.example\.com\/\*\*\*\* +"Somebody else"$/m);
    assert.doesNotMatch(listed.said, /very-secret/);

    const { changes, kept, code } = await sync(desk);
    assert.deepEqual(
      changes.map(({ do: what, event, why, done }) => [what, event, why, done]),
      [
        ['update', 'DatasourceDeleted', 'it is disabled (Webhook disabled by user)', true],
        ['update', 'DatasourceRefreshSucceeded', 'it goes to https://old.example.com/notifier/**** now', true],
        ['delete', 'ViewDeleted', 'no route needs this event', true],
      ],
    );
    assert.deepEqual([kept, code], [4, 0]);
    const hooks = await desk.hooks();
    assert.deepEqual(
      hooks.filter(({ url, enabled }) => url === desk.here && enabled).map(({ event }) => event),
      events,
    );
    assert.deepEqual(
      hooks.filter(({ url }) => url !== desk.here).map(({ name }) => name),
      ['Somebody else'],
    );

    const removed = await desk.tells(Synced, ['webhooks', 'delete', '--yes']);
    assert.deepEqual([removed.code, removed.changes.length], [0, 6]);
    assert.deepEqual(
      (await desk.hooks()).map(({ name }) => name),
      ['Somebody else'],
    );
  });

  test('before API 3.9 events have their older names, and before 3.8 a webhook is replaced', async (t) => {
    const desk = await openDesk(t);
    const old = { ...byPat, TABLEAU_RESTAPI_VERSION: '3.7' };
    const first = await sync(desk, old);
    assert.deepEqual([first.code, first.changes.every(({ done }) => done)], [0, true]);
    const before = await desk.hooks();
    assert.deepEqual(
      before.map(({ event }) => event),
      events,
    );
    const rotated = await sync(desk, { ...old, TABLEAU_WEBHOOK_SECRET: `the-next-secret-of-the-test,${secret}` });
    assert.equal(rotated.code, 0);
    assert.deepEqual(
      new Set(rotated.changes.map(({ do: what, why }) => `${what}: ${why}`)),
      new Set(['update: it has an older secret']),
    );
    const hooks = await desk.hooks();
    assert.deepEqual(
      hooks.map(({ url }) => url.split('/').at(-1)),
      events.map(() => 'the-next-secret-of-the-test'),
    );
    assert.ok(hooks.every(({ id }) => !before.some((one) => one.id === id)));
    const tooOld = await desk.tells(Problem, ['webhooks', 'list'], { ...byPat, TABLEAU_RESTAPI_VERSION: '3.5' });
    assert.deepEqual(
      [tooOld.code, tooOld.problem],
      [1, 'TABLEAU_RESTAPI_VERSION is 3.5, and webhooks need 3.6 (Tableau Server 2019.4).'],
    );
  });

  test('an address without https is refused, and nothing is asked of Tableau', async (t) => {
    const desk = await openDesk(t);
    const env = { ...byPat, PUBLIC_URL: 'http://pager.example.com' };
    const { code, said } = await desk.runs(['webhooks', 'sync', '--yes'], env);
    assert.equal(code, 1);
    assert.match(said, /^PUBLIC_URL is http:\/\/…, and Tableau sends webhooks to https addresses/);
    assert.deepEqual(desk.sandbox.requests(), []);
  });

  test('one that Tableau refuses does not stop the others, and ends with 1', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'webhooks-'));
    t.after(() => rm(directory, { recursive: true }));
    const file = join(directory, 'escalation.yaml');
    const steps = [{ page: ['ana'], by: 'sms', wait: '5m' }];
    const routes = [{ events: ['AdminPromoted', 'FlowRunFailed', 'SiteCreated'], policy: 'default' }];
    const contacts = { ana: { phone: '+15550000001' } };
    await writeFile(file, JSON.stringify({ contacts, policies: { default: { steps } }, routes }));
    const desk = await openDesk(t);
    const { code, changes, notes } = await sync(desk, { ...byPat, ESCALATION_FILE: file });
    assert.equal(code, 1);
    assert.deepEqual(
      changes.map(({ event, done, problem = '' }) => [event, done, problem.startsWith('Tableau answered 400000: ')]),
      [
        ['AdminPromoted', true, false],
        ['FlowRunFailed', false, true],
      ],
    );
    assert.deepEqual(notes, ['SiteCreated is left out: Tableau documents it and takes no webhook for it.']);
  });

  test("Tableau's test call: what came back, and what to do about it", async (t) => {
    const desk = await openDesk(t);
    const none = await desk.runs(['webhooks', 'test']);
    assert.deepEqual([none.code, none.said.startsWith('There is no webhook of ours')], [1, true]);
    await sync(desk);
    desk.ear.routes.set(`/notifier/${secret}`, service.body);
    const good = await desk.runs(['webhooks', 'test']);
    assert.equal(good.code, 0);
    assert.equal(good.said.match(/^  ok  \w+ +answer 200: \{"status":"test"\}$/gm)?.length, 6);
    desk.ear.routes.clear();
    desk.ear.answers.push(
      service,
      { status: 401, body: 'no' },
      { status: 502, body: `${secret} <html>` },
      { cut: true },
    );
    const { code, said } = await desk.runs(['webhooks', 'test']);
    assert.equal(code, 1);
    assert.match(said, /^  FAILED +DatasourceRefreshSucceeded +answer 401: no; its secret is refused here: run sync$/m);
    assert.match(said, /^  FAILED +DatasourceRefreshFailed +answer 502: \*\*\* <html>; Tableau does not get through/m);
    assert.match(said, /^  FAILED +WorkbookDeleted +answer 504: .*; Tableau does not get through/m);
    assert.match(
      said,
      /^  FAILED +WorkbookRefreshFailed +answer 200: <Response\/>; something answered that is not this/m,
    );
  });

  test('a refusal is said in words and in JSON, and a wrong question ends with 2', async (t) => {
    const desk = await openDesk(t);
    const app = await desk.tells(Problem, ['webhooks', 'list'], byApp);
    assert.deepEqual(
      [app.code, app.problem.startsWith('Tableau answered 401002: we may not see the webhooks.')],
      [1, true],
    );
    const both = await desk.runs(['webhooks', 'list'], { ...byApp, ...byPat });
    assert.deepEqual([both.code, both.said.startsWith('0 webhooks of ')], [0, true]);
    for (const args of [[], ['dance'], ['sync', 'now'], ['list', '--loud'], ['sync', '--name', 'two words']]) {
      const { code, said } = await desk.runs(['webhooks', ...args]);
      assert.deepEqual([code, said.includes('Usage: tableau-webhooks webhooks')], [2, true], args.join(' '));
    }
  });
});

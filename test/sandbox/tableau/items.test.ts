import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { until } from '../../helpers/until.js';
import { control, openWorld, type World } from '../world.js';
import { ask, codeOf, signIn } from './client.js';

describe("Tableau's items and jobs", () => {
  let world: World;
  let token = '';
  let site = '';
  before(async () => {
    world = await openWorld({ settings: { refreshWaitsMs: 20, refreshRunsMs: 20 } });
    token = await signIn(world.sandbox);
    site = `/sites/${world.sandbox.siteLuid}`;
  });
  after(() => world.close());
  beforeEach(() => {
    world.sandbox.reset();
    Object.assign(world.sandbox.settings, { refreshWaitsMs: 20, refreshRunsMs: 20 });
  });
  const get = (path: string) => ask(world.sandbox, 'GET', site + path, { token });
  const failedJobs = '/jobs?filter=jobType:eq:refresh_extracts,status:eq:Failed';

  test('an item has a project and an owner, whose name is in all fields and in the user only', async () => {
    const { luid } = world.sandbox.panel.add({
      kind: 'workbook',
      name: 'Sales',
      project: 'Finance',
      owner: 'Ana Silva',
    });
    const plain = (await get(`/workbooks/${luid}`)).body['workbook'];
    const full = JSON.stringify((await get(`/workbooks/${luid}?fields=_all_`)).body);
    assert.match(JSON.stringify(plain), /"name":"Sales".*"project":\{"id":"[^"]+","name":"Finance"\}/);
    assert.match(JSON.stringify(plain), /"webpageUrl":"http:\/\/127\.0\.0\.1:\d+\/#\/workbooks\/\d+"/);
    assert.ok(!JSON.stringify(plain).includes('Ana Silva'));
    assert.match(full, /"fullName":"Ana Silva"/);
    const owner = /"owner":\{"id":"([^"]+)"/.exec(full)?.[1] ?? '';
    assert.match(JSON.stringify((await get(`/users/${owner}`)).body), /"fullName":"Ana Silva"/);
    assert.deepEqual(codeOf(await get(`/datasources/${luid}`)), [404, '404004']);
    assert.deepEqual(codeOf(await get('/workbooks/none')), [404, '404006']);
    const orphan = world.sandbox.panel.add({ kind: 'datasource', name: 'Orphan', owner: null });
    assert.ok(!JSON.stringify((await get(`/datasources/${orphan.luid}`)).body).includes('owner'));
  });

  test('lists come in pages, with numbers as strings', async () => {
    const known = Number(/"totalAvailable":"(\d+)"/.exec(JSON.stringify((await get('/datasources')).body))?.[1]);
    for (const name of ['A', 'B', 'C']) world.sandbox.panel.add({ kind: 'datasource', name });
    const { body } = await get('/datasources?pageSize=2&pageNumber=2&sort=name:asc');
    assert.deepEqual(body['pagination'], { pageNumber: '2', pageSize: '2', totalAvailable: String(known + 3) });
    assert.match(JSON.stringify((await get('/datasources?filter=name:eq:B')).body), /"datasource":\[\{[^[]*"name":"B"/);
  });

  test('an empty list is {}, a list of one job an object, of two an array', async () => {
    const item = world.sandbox.panel.find(world.sandbox.panel.add({ kind: 'workbook', name: 'Odd' }).luid);
    assert.ok(item);
    assert.deepEqual((await get(failedJobs)).body['backgroundJobs'], {});
    await world.sandbox.panel.fail(item);
    assert.match(JSON.stringify((await get(failedJobs)).body), /"backgroundJobs":\{"backgroundJob":\{"id"/);
    await world.sandbox.panel.fail(item);
    assert.match(JSON.stringify((await get(failedJobs)).body), /"backgroundJobs":\{"backgroundJob":\[\{"id"/);
  });

  test('a failed job contains its cause, and jobs are filtered by time and sorted', async () => {
    const { luid } = world.sandbox.panel.add({ kind: 'datasource', name: 'Stock' });
    const fail = (notes: string, createdAt: string) =>
      control(world.sandbox, 'POST', `tableau/items/${luid}/fail`, { notes, createdAt });
    await fail('old', '2025-01-06T08:00:00Z');
    await fail('Login failed for user etl', '2025-01-06T09:00:00Z');
    const ids = async (path: string) =>
      [...JSON.stringify((await get(path)).body).matchAll(/"id":"([^"]+)"/g)].map(([, id = '']) => id);
    const [newest = '', oldest = ''] = await ids(`${failedJobs}&sort=createdAt:desc`);
    assert.deepEqual(await ids(`${failedJobs},createdAt:gte:2025-01-06T08:30:00Z`), [newest]);
    assert.deepEqual(await ids(`${failedJobs}&sort=completedAt:asc`), [oldest, newest]);
    const { job } = (await get(`/jobs/${newest}`)).body;
    const text = JSON.stringify(job);
    assert.match(text, /"finishCode":"1"/);
    assert.match(text, /"completedAt":"2025-01-06T09:00:00Z"/);
    assert.match(text, new RegExp(`"notes":"Login failed for user etl","datasource":\\{"id":"${luid}"`));
    assert.equal((await get('/jobs?filter=colour:eq:red')).status, 400);
    assert.equal((await get('/jobs/none')).status, 404);
  });

  test('a requested refresh runs once, and ends by the condition of the item', async () => {
    const { luid } = world.sandbox.panel.add({ kind: 'workbook', name: 'Sales' });
    const refresh = () => ask(world.sandbox, 'POST', `${site}/workbooks/${luid}/refresh`, { token, body: {} });
    const ended = async (job: string) => {
      const answer = await until('the job to end', async () => {
        const text = JSON.stringify((await get(`/jobs/${job}`)).body);
        return text.includes('completedAt') && text;
      });
      return /"finishCode":"(\d)"/.exec(answer)?.[1];
    };
    const jobOf = (answer: { body: unknown }) => /"job":\{"id":"([^"]+)"/.exec(JSON.stringify(answer.body))?.[1] ?? '';
    const codes: unknown[] = [];
    for (const condition of ['healthy', 'broken', 'flaky']) {
      await control(world.sandbox, 'PUT', `tableau/items/${luid}`, { condition });
      const started = await refresh();
      assert.equal(started.status, 202);
      assert.deepEqual(codeOf(await refresh()), [409, '409093']);
      codes.push(await ended(jobOf(started)));
    }
    assert.deepEqual(codes, ['0', '1', '0']);
    const live = world.sandbox.panel.add({ kind: 'datasource', name: 'Live', hasExtracts: false });
    const refused = await ask(world.sandbox, 'POST', `${site}/datasources/${live.luid}/refresh`, { token });
    assert.deepEqual(codeOf(refused), [409, '409090']);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { addItem, dueIn } from '../../helpers/tableau-items.js';
import { control } from '../world.js';
import { day, hour, openSite } from './site.js';

const tasks = 'tasks/extractRefreshes';
const at = Date.parse('2030-01-06T05:30:00Z'); // a Sunday

describe('an extract refresh task', () => {
  test('of Server names its schedule, with the state; items without schedule have none any more', async (t) => {
    const { panel, get, text } = await openSite(t, { oddities: false });
    const other = panel.add({ kind: 'workbook', name: 'Other' });
    assert.match(await text(tasks), new RegExp(`"workbook":\\{"id":"${other.luid}"\\}`));
    panel.add({
      kind: 'workbook',
      name: 'Sales',
      luid: 'wb',
      schedule: { kind: 'server', name: 'Before work', nextRunAt: at, everyMs: day },
    });
    const { body } = await get(tasks);
    const [, id = ''] = /"extractRefresh":\{"id":"([^"]+)"/.exec(JSON.stringify(body)) ?? [];
    const [, schedule = ''] = /"schedule":\{"id":"([^"]+)"/.exec(JSON.stringify(body)) ?? [];
    const [, created = ''] = /"createdAt":"([^"]+Z)"/.exec(JSON.stringify(body)) ?? [];
    assert.notEqual(id, 'wb');
    assert.deepEqual(body['tasks'], {
      task: [
        {
          extractRefresh: {
            id,
            priority: '50',
            consecutiveFailedCount: '0',
            type: 'RefreshExtractTask',
            schedule: {
              id: schedule,
              name: 'Before work',
              state: 'Active',
              priority: '50',
              createdAt: created,
              updatedAt: created,
              type: 'Extract',
              frequency: 'Daily',
              nextRunAt: '2030-01-06T05:30:00Z',
            },
            workbook: { id: 'wb' },
          },
        },
      ],
    });
  });

  test('of Server shares a schedule and its state with others of the same name', async (t) => {
    const { panel, text } = await openSite(t);
    const schedule = { kind: 'server', name: 'Nightly', nextRunAt: at } as const;
    panel.add({ kind: 'workbook', name: 'A', schedule });
    panel.add({ kind: 'datasource', name: 'B', schedule: { ...schedule, state: 'Suspended' } });
    const shown = [...(await text(tasks)).matchAll(/"schedule":\{"id":"([^"]+)","name":"Nightly","state":"(\w+)"/g)];
    assert.deepEqual(new Set(shown.map(([, id]) => id)).size, 1);
    assert.deepEqual(
      shown.map(([, , state]) => state),
      ['Suspended', 'Suspended'],
    );
  });

  const daily =
    '{"weekDay":"Sunday"},{"weekDay":"Monday"},{"weekDay":"Tuesday"},{"weekDay":"Wednesday"},{"weekDay":"Thursday"},{"weekDay":"Friday"},{"weekDay":"Saturday"}';
  const forms = [
    ['Hourly', 2 * hour, `"end":"05:30:00","intervals":{"interval":[{"hours":"2"},${daily}]}`],
    ['Daily', day, `"intervals":{"interval":[${daily}]}`],
    ['Weekly', 7 * day, '"intervals":{"interval":{"weekDay":"Sunday"}}'],
    ['Monthly', null, '"intervals":{"interval":{"monthDay":"6"}}'],
  ] as const;
  for (const [frequency, everyMs, intervals] of forms)
    test(`of Cloud has the details of a ${frequency} schedule, and neither id, name nor state`, async (t) => {
      const { panel, text } = await openSite(t);
      panel.add({
        kind: 'datasource',
        name: 'Stock',
        luid: 'ds',
        schedule: { kind: 'cloud', frequency, nextRunAt: at, everyMs },
      });
      assert.ok(
        (await text(tasks)).includes(
          `"schedule":{"frequency":"${frequency}","nextRunAt":"2030-01-06T05:30:00Z",` +
            `"frequencyDetails":{"start":"05:30:00",${intervals}}},"datasource":{"id":"ds"}`,
        ),
        await text(tasks),
      );
    });

  test('without a next run shows none, and one task is an object or an array', async (t) => {
    const { sandbox, panel, text } = await openSite(t);
    const item = addItem(sandbox, {
      kind: 'workbook',
      name: 'Sales',
      schedule: { kind: 'server', nextRunAt: null, incremental: true },
    });
    assert.match(await text(tasks), /^\{"tasks":\{"task":\{"extractRefresh":.*"type":"IncrementExtractTask"/);
    assert.doesNotMatch(await text(tasks), /nextRunAt/);
    sandbox.settings.oddities = false;
    assert.match(await text(tasks), /^\{"tasks":\{"task":\[\{"extractRefresh":/);
    panel.set(item, { schedule: null });
    assert.deepEqual(await text(tasks), '{"tasks":{}}');
  });
});

describe('a schedule', () => {
  test('runs its item when it is due, again and again', async (t) => {
    const { sandbox, panel, receiver, shows } = await openSite(t);
    sandbox.subscribe(`${receiver.url}/tableau`);
    const schedule = dueIn(30, { everyMs: 100 });
    const first = schedule.nextRunAt ?? 0;
    const { luid } = panel.add({
      kind: 'datasource',
      name: 'Stock',
      schedule,
    });
    await shows('jobs', /(Success.*){2}/);
    await receiver.waitFor('a success', ({ raw }) => raw.includes('DatasourceRefreshSucceeded') && raw.includes(luid));
    const next = panel.list()[0]?.schedule?.nextRunAt ?? 0;
    assert.equal((next - first) % 100, 0);
    assert.ok(next > first);
  });

  test('has no further run without an interval', async (t) => {
    const { panel, shows, text } = await openSite(t);
    panel.add({ kind: 'workbook', name: 'Once', schedule: dueIn(30) });
    await shows('jobs', /Success/);
    assert.doesNotMatch(await text(tasks), /nextRunAt/);
  });

  test('does not run, but moves on, while it is suspended, and while its item skips runs', async (t) => {
    const { panel, sandbox, shows, text } = await openSite(t);
    const schedule = dueIn(30, { everyMs: 40 });
    panel.add({ kind: 'workbook', name: 'Suspended', schedule: { ...schedule, state: 'Suspended' } });
    const { luid } = panel.add({ kind: 'workbook', name: 'Skips' });
    await control(sandbox, 'PUT', `tableau/items/${luid}`, { skipsRuns: true, schedule });
    await pause(200);
    assert.match(await text('jobs'), /"backgroundJobs":\{\}/);
    for (const item of panel.list()) assert.ok((item.schedule?.nextRunAt ?? 0) > (schedule.nextRunAt ?? 0) + 100);
    await control(sandbox, 'PUT', `tableau/items/${luid}`, { skipsRuns: false });
    await shows('jobs', /"status":"Success".*"title":"Skips"/);
    assert.doesNotMatch(await text('jobs'), /"title":"Suspended"/);
  });

  test('of an item that failed too often makes jobs with a note and without events, until it is resumed', async (t) => {
    const { panel, sandbox, receiver, get, text, shows } = await openSite(t, { failuresBeforeSuspension: 2 });
    sandbox.subscribe(`${receiver.url}/tableau`, ['WorkbookRefreshFailed']);
    const item = addItem(sandbox, { kind: 'workbook', name: 'Sales', schedule: { kind: 'cloud', nextRunAt: at } });
    await panel.fail(item, { wait: true });
    assert.equal(item.isTaskSuspended, false);
    await panel.fail(item, { wait: true });
    assert.equal(item.isTaskSuspended, true);
    panel.set(item, { schedule: dueIn(30, { kind: 'cloud', everyMs: day }) });
    await shows('jobs?filter=notes:has:suspended', /Failed/);
    const [, id = ''] = /"id":"([^"]+)"/.exec(await text('jobs?filter=notes:has:suspended')) ?? [];
    assert.match(
      JSON.stringify((await get(`jobs/${id}`)).body),
      /"finishCode":"1","extractRefreshJob":\{"notes":"The extract refresh task was suspended after it failed 2 times/,
    );
    assert.equal(receiver.received.length, 2);
    assert.match(await text(tasks), /"consecutiveFailedCount":"2"/);
    panel.set(item, { isTaskSuspended: false, condition: 'healthy', schedule: dueIn(30, { kind: 'cloud' }) });
    assert.match(await text(tasks), /"consecutiveFailedCount":"0"/);
    await shows('jobs', /Success/);
  });

  test('goes on after a reset, and ends with its item', async (t) => {
    const { panel, sandbox, shows, text } = await openSite(t);
    const schedule = dueIn(30, { everyMs: 40 });
    const item = addItem(sandbox, { kind: 'workbook', name: 'Sales', schedule });
    sandbox.reset();
    await shows('jobs', /Success/);
    await panel.remove(item);
    sandbox.reset();
    await pause(120);
    assert.match(await text('jobs'), /"backgroundJobs":\{\}/);
  });
});

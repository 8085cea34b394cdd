import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { addItem, dueIn } from '../../helpers/tableau-items.js';
import { control } from '../world.js';
import { codeOf } from './client.js';
import { openSite } from './site.js';

describe('jobs', () => {
  test('are refreshes in full, incremental ones, and those of Bridge, and the list is filtered by type', async (t) => {
    const { panel, text, shows } = await openSite(t);
    const schedule = () => dueIn(30);
    panel.add({ kind: 'workbook', name: 'Full', schedule: schedule() });
    panel.add({ kind: 'workbook', name: 'Rows', schedule: { ...schedule(), incremental: true } });
    panel.add({ kind: 'datasource', name: 'Bridged', bridge: true, schedule: schedule() });
    await shows('jobs', /(Success.*){3}/);
    const titles = async (types: string) =>
      [...(await text(`jobs?filter=jobType:in:[${types}]&sort=title:asc`)).matchAll(/"title":"(\w+)"/g)].map(
        ([, it]) => it,
      );
    assert.deepEqual(await titles('refresh_extracts,increment_extracts'), ['Full', 'Rows']);
    assert.deepEqual(await titles('refresh_extracts_via_bridge'), ['Bridged']);
    assert.deepEqual(await titles('increment_extracts_via_bridge'), []);
  });

  test('come in pages, oldest first unless sorted, and cannot be sorted where that is refused', async (t) => {
    const { panel, sandbox, get, text } = await openSite(t);
    const item = addItem(sandbox, { kind: 'workbook', name: 'Sales' });
    for (const hour of ['09', '08', '10']) await panel.recover(item, { createdAt: `2025-01-06T${hour}:00:30Z` });
    const times = async (query: string) =>
      [...(await text(`jobs?${query}`)).matchAll(/"createdAt":"2025-01-06T(\d\d):00:00Z"/g)].map(([, it]) => it);
    assert.deepEqual(await times('sort=createdAt:desc&pageSize=2'), ['10', '09']);
    assert.deepEqual(await times('sort=createdAt:desc&pageSize=2&pageNumber=2'), ['08']);
    assert.match(
      await text('jobs?pageSize=2'),
      /"pagination":\{"pageNumber":"1","pageSize":"2","totalAvailable":"3"\}/,
    );
    sandbox.settings.jobSort = 'refused';
    assert.deepEqual(codeOf(await get('jobs?sort=createdAt:desc')), [400, '400006']);
    assert.equal((await times('')).length, 3);
  });

  test('of a type that cannot be read alone are in the list', async (t) => {
    const { sandbox, panel, get, text } = await openSite(t, { unreadableJobTypes: ['increment_extracts'] });
    const item = addItem(sandbox, { kind: 'workbook', name: 'Sales' });
    await panel.recover(item, { incremental: true });
    await panel.recover(item);
    const ids = [...(await text('jobs')).matchAll(/"id":"([^"]+)"/g)].map(([, it = '']) => it);
    assert.equal(ids.length, 2);
    assert.deepEqual(codeOf(await get(`jobs/${ids[0]}`)), [400, '400031']);
    assert.equal((await get(`jobs/${ids[1]}`)).status, 200);
  });

  test('do not begin, or do not end, while their item is queued or stuck', async (t) => {
    const { panel, sandbox, send, text, shows } = await openSite(t);
    const { luid } = panel.add({ kind: 'workbook', name: 'Sales' });
    const becomes = (condition: string) => control(sandbox, 'PUT', `tableau/items/${luid}`, { condition });
    await becomes('queued');
    assert.equal((await send('POST', `workbooks/${luid}/refresh`)).status, 202);
    await pause(150);
    assert.match(await text('jobs?filter=status:eq:Pending'), /"title":"Sales"/);
    assert.doesNotMatch(await text('jobs'), /startedAt/);
    assert.deepEqual(codeOf(await send('POST', `workbooks/${luid}/refresh`)), [409, '409093']);
    await becomes('stuck');
    await shows('jobs?filter=status:eq:InProgress', /"startedAt":"[^"]+","priority"/);
    await pause(150);
    assert.match(await text('jobs?filter=status:eq:InProgress'), /"title":"Sales"/);
    await becomes('healthy');
    await shows('jobs', /"status":"Success"/);
  });

  test('that are held can be cancelled', async (t) => {
    const { sandbox, panel, send, text, shows } = await openSite(t);
    const sales = addItem(sandbox, { kind: 'workbook', name: 'Sales' });
    panel.set(sales, { condition: 'stuck' });
    await send('POST', `workbooks/${sales.luid}/refresh`);
    const [, id = ''] = /"id":"([^"]+)"/.exec(await shows('jobs', /InProgress/)) ?? [];
    await send('PUT', `jobs/${id}`);
    panel.set(sales, { condition: 'healthy' });
    await pause(120);
    assert.match(await text('jobs'), /"status":"Cancelled"/);
  });
});

describe('jobs of Bridge', () => {
  test('wait while Bridge is offline, and run when it is back', async (t) => {
    const { panel, sandbox, send, text, shows } = await openSite(t, { bridge: 'offline' });
    const { luid } = panel.add({ kind: 'datasource', name: 'Stock', bridge: true });
    const other = panel.add({ kind: 'datasource', name: 'Other' });
    for (const id of [luid, other.luid]) await send('POST', `datasources/${id}/refresh`);
    await shows('jobs?filter=status:eq:Success', /"title":"Other"/);
    await pause(100);
    assert.match(
      await text('jobs?filter=status:eq:Pending'),
      /"jobType":"refresh_extracts_via_bridge","title":"Stock"/,
    );
    await control(sandbox, 'PUT', 'settings', { bridge: 'online' });
    await shows('jobs?filter=status:eq:Success', /"title":"Stock"/);
  });

  test('fail with a code of Bridge while it is busy', async (t) => {
    const { panel, send, text, shows } = await openSite(t, { bridge: 'busy' });
    const { luid } = panel.add({ kind: 'datasource', name: 'Stock', bridge: true });
    await send('POST', `datasources/${luid}/refresh`);
    const [, id = ''] = /"id":"([^"]+)"/.exec(await shows('jobs', /Failed/)) ?? [];
    assert.match(
      await text(`jobs/${id}`),
      /"type":"RefreshExtractViaBridge".*"notes":"REMOTE_EXTRACT_REFRESH_ALL_AGENTS_BUSY/,
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minute } from '../../src/workflows/contract.js';
import { until } from '../helpers/until.js';
import { lateOf, lookedSite, stateOf, whyOf } from './looked-site.js';

describe('why an item is late', () => {
  test('is that its run never began, with the time at which it was planned', async (t) => {
    const site = await lookedSite(t);
    const sales = site.add('Sales');
    const first = await site.look(0);
    assert.deepEqual([lateOf(first), first.next.at <= site.at(1)], [[], true]);
    site.missRun(sales);
    const check = await site.look(2);
    assert.equal(stateOf(check, 'Sales'), 'never-began');
    const planned = new Date(site.at(1)).toISOString().slice(11, 16);
    assert.equal(whyOf(check, 'Sales'), `Its data is more than 60 min old: its run of ${planned} UTC never began.`);
    const [late] = lateOf(check);
    assert.equal(late?.incident, `refresh:${site.sandbox.siteLuid}:${sales.luid}`);
    assert.equal(late?.policy, 'default');
    assert.deepEqual(Object.keys(check.found?.policies ?? {}), ['default']);
    assert.deepEqual(check.operators, [{ contact: 'lead', channel: 'sms' }]);
  });

  test('is that nothing refreshes it', async (t) => {
    const site = await lookedSite(t);
    const orders = site.add('Orders');
    site.add('Sales');
    site.sandbox.panel.set(orders, { schedule: null });
    await site.look(0);
    assert.match(whyOf(await site.look(2), 'Orders'), /no schedule refreshes it\.$/);
  });

  test('is that its schedule is suspended', async (t) => {
    const site = await lookedSite(t);
    const sales = site.add('Sales');
    await site.look(0);
    site.sandbox.panel.set(sales, { schedule: { kind: 'server', nextRunAt: null, state: 'Suspended' } });
    assert.match(whyOf(await site.look(2), 'Sales'), /its schedule is suspended\.$/);
  });

  test('is that Tableau suspended its refreshes after failures, by their count or by the note of a job', async (t) => {
    const site = await lookedSite(t);
    const [sales, orders] = [site.add('Sales'), site.add('Orders')];
    await site.look(0);
    for (let n = 0; n < 5; n += 1) void site.sandbox.panel.fail(sales, { createdAt: site.at(1.5) + n * minute });
    void site.sandbox.panel.fail(orders, { createdAt: site.at(1.5), notes: 'The extract refresh task is suspended.' });
    const check = await site.look(2);
    assert.match(whyOf(check, 'Sales'), /after 5 failures in a row Tableau has suspended its refreshes\.$/);
    assert.match(whyOf(check, 'Orders'), /: Tableau has suspended its refreshes\.$/);
    assert.deepEqual([stateOf(check, 'Sales'), stateOf(check, 'Orders')], ['suspended', 'suspended']);
  });

  test('is that its last run failed, with the time', async (t) => {
    const site = await lookedSite(t);
    const sales = site.add('Sales');
    await site.look(0);
    void site.sandbox.panel.fail(sales, { createdAt: site.at(1.5) });
    const check = await site.look(2);
    const failed = new Date(site.at(1.5)).toISOString().slice(11, 16);
    assert.match(whyOf(check, 'Sales'), new RegExp(`its last run failed at ${failed} UTC\\.$`));
    assert.equal(stateOf(check, 'Sales'), 'failed');
  });

  test('is that its run waits, or goes on, also where another item has a similar name', async (t) => {
    const site = await lookedSite(t);
    const names = ['Sales', 'Sales EU', 'Orders'];
    const [sales, europe, orders] = names.map((name) => site.add(name));
    assert.ok(sales && europe && orders);
    // No run of it was to begin yet.
    site.sandbox.panel.set(orders, { schedule: { kind: 'server', nextRunAt: site.at(30) } });
    await site.look(0);
    site.sandbox.panel.set(sales, { condition: 'queued' });
    site.sandbox.panel.set(europe, { condition: 'stuck' });
    site.sandbox.settings.refreshWaitsMs = 0;
    for (const item of [sales, europe]) assert.ok(typeof site.sandbox.panel.rerun(item) === 'object');
    await until('a run', () => site.sandbox.panel.list().some(({ lastJob }) => lastJob?.status === 'InProgress'));
    const check = await site.look(2);
    assert.deepEqual(
      names.map((name) => stateOf(check, name)),
      ['queued', 'running', 'unknown'],
    );
    assert.match(whyOf(check, 'Sales'), /its run waits in Tableau's queue since \d\d:\d\d UTC\.$/);
    assert.match(whyOf(check, 'Sales EU'), /its run goes on since \d\d:\d\d UTC\.$/);
    assert.match(whyOf(check, 'Orders'), /Tableau shows no run of it since\.$/);
  });

  test('is that no Tableau Bridge client is there, whether its job waits or failed', async (t) => {
    const site = await lookedSite(t);
    const [waits, fails] = ['Waits', 'Fails'].map((name) => site.add(name, { kind: 'datasource', bridge: true }));
    assert.ok(waits && fails);
    await site.look(0);
    site.sandbox.settings.bridge = 'offline';
    site.sandbox.panel.rerun(waits);
    const notes = 'REMOTE_EXTRACT_REFRESH_ALL_AGENTS_BUSY: no client was available.';
    void site.sandbox.panel.fail(fails, { createdAt: site.at(1.5), notes });
    const check = await site.look(2);
    assert.deepEqual([stateOf(check, 'Waits'), stateOf(check, 'Fails')], ['bridge-offline', 'bridge-offline']);
    assert.match(whyOf(check, 'Waits'), /its run waits for Tableau Bridge since/);
  });

  test('is the data source that it is built on, which is one report with all that depends on it', async (t) => {
    const site = await lookedSite(t);
    const orders = site.add('Orders', { kind: 'datasource' });
    for (const name of ['Sales', 'Margin']) site.add(name, { upstream: [orders.luid] }, { hasData: false });
    await site.look(0);
    site.missRun(orders);
    const check = await site.look(2);
    assert.deepEqual(
      lateOf(check).map(({ item, dependants }) => [item.name, dependants]),
      [['Orders', 2]],
    );
  });
});

describe('an item that is not late', () => {
  test('may have been deleted meanwhile', async (t) => {
    const site = await lookedSite(t);
    const sales = site.add('Sales');
    site.add('Orders');
    await site.look(0);
    assert.equal(lateOf(await site.look(2)).length, 2);
    void site.sandbox.panel.remove(sales);
    const check = await site.look(2.1);
    assert.deepEqual(
      [lateOf(check).map(({ item }) => item.name), check.found?.promised, check.found?.isComplete],
      [['Orders'], 1, true],
    );
  });

  test('has new data by a job of which the Metadata API does not know yet', async (t) => {
    const site = await lookedSite(t);
    const items = Array.from({ length: 60 }, (_, n) => site.add(`Item ${n}`));
    await site.look(0);
    site.sandbox.settings.metadataLagMs = 10 * 60 * minute;
    for (const item of items.slice(1)) void site.sandbox.panel.recover(item, { createdAt: site.at(1.5) });
    const check = await site.look(2);
    assert.deepEqual(
      lateOf(check).map(({ item }) => item.name),
      ['Item 0'],
    );
  });

  test('ends its report, and is not reported again', async (t) => {
    const site = await lookedSite(t);
    const sales = site.add('Sales');
    await site.look(0);
    assert.equal(lateOf(await site.look(2)).length, 1);
    void site.sandbox.panel.recover(sales, { createdAt: site.at(2.1) });
    const { found } = await site.look(2.2);
    assert.deepEqual(
      [found?.late, found?.fresh],
      [[], [{ luid: sales.luid, at: Math.floor(site.at(2.1) / 1_000) * 1_000 }]],
    );
  });
});

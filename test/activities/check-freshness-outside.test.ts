/** A look at a site of which Tableau shows less, or more, than usual. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour } from '../../src/workflows/contract.js';
import type { FreshnessCheck } from '../../src/workflows/freshness-contract.js';
import { by } from '../policy/freshness/sites.js';
import { app } from '../tableau/outside.js';
import { lateOf, lookedSite, publicUrl, stateOf, type LookedSite } from './looked-site.js';

const codes = ({ alarms }: FreshnessCheck): string[] => alarms.map(({ code }) => code);
const names = (check: FreshnessCheck): string[] => lateOf(check).map(({ item }) => item.name);
const requestsSince = ({ sandbox }: LookedSite, since: number): string[] =>
  sandbox
    .requests({ target: 'tableau' })
    .slice(since)
    .map(({ method, path }) => `${method} ${path}`);

/** One of two items gets new data in time. */
async function oneOfTwo(site: LookedSite): Promise<FreshnessCheck> {
  const [sales] = [site.add('Sales'), site.add('Orders')];
  await site.look(0);
  void site.sandbox.panel.recover(sales, { createdAt: site.at(1.5) });
  return site.look(2);
}

describe('without the Metadata API', () => {
  test('the times of jobs count', async (t) => {
    const site = await lookedSite(t);
    site.sandbox.settings.metadataApi = 'off';
    assert.deepEqual(names(await oneOfTwo(site)), ['Orders']);
  });

  test('and without titles of jobs, what was late is late and what has a job is not', async (t) => {
    const site = await lookedSite(t);
    site.sandbox.settings.jobTitles = false;
    assert.deepEqual(names(await oneOfTwo(site)), ['Orders']);
  });

  test('and without jobs nobody knows what is late, which is an alarm', async (t) => {
    const site = await lookedSite(t);
    site.add('Sales');
    site.sandbox.settings.metadataApi = 'off';
    site.sandbox.faults.add({ target: 'tableau.jobs', status: 403, code: 403_000, times: 'always' });
    const check = await site.look(2);
    assert.deepEqual([check.found, codes(check)], [null, ['data-times-unknown']]);
    site.sandbox.faults.clear();
    site.sandbox.faults.add({ target: 'tableau.tasks', status: 403, code: 403_000, times: 'always' });
    assert.deepEqual(codes(await site.look(2)), ['data-times-unknown']);
  });

  test('in part, what it shows counts, and of the others the jobs', async (t) => {
    const site = await lookedSite(t);
    site.sandbox.settings.metadataApi = 'partial';
    assert.deepEqual(names(await oneOfTwo(site)), ['Orders']);
  });
});

test('where jobs are refused, as to a connected app of an old version, what is late is found', async (t) => {
  const site = await lookedSite(t, {
    world: { connectedApp: app },
    config: {
      apiVersion: '3.21',
      signIn: { kind: 'jwt', ...app, username: 'ana' },
    },
  });
  const check = await oneOfTwo(site);
  assert.deepEqual(names(check), ['Orders']);
});

describe('a Tableau that does not answer', () => {
  test('says nothing of what is late, and what was known is kept', async (t) => {
    const site = await lookedSite(t);
    site.add('Sales');
    const { memory } = await site.look(0);
    site.sandbox.faults.add({ target: 'tableau.items.workbooks', status: 503, times: 'always' });
    const check = await site.look(2);
    assert.deepEqual([check.found, check.alarms, check.memory], [null, [], memory]);
    assert.equal(check.next.at, site.at(2) + 60_000);
    site.sandbox.faults.clear();
    assert.deepEqual(names(await site.look(2.1)), ['Sales']);
  });

  test('because it refuses our sign-in is an alarm', async (t) => {
    const site = await lookedSite(t, { config: { signIn: { kind: 'pat', name: 'pages', secret: 'wrong' } } });
    site.add('Sales');
    const check = await site.look(0);
    assert.deepEqual([check.found, codes(check)], [null, ['tableau-sign-in']]);
    assert.match(check.alarms[0]?.text ?? '', /we may not sign in.* Nobody knows which data is late\.$/);
    assert.ok(!JSON.stringify(check).includes('wrong'));
  });

  test('when it is asked why an item is late leaves the reason unknown', async (t) => {
    const site = await lookedSite(t);
    const sales = site.add('Sales');
    await site.look(0);
    void site.sandbox.panel.fail(sales, { createdAt: site.at(1.5) });
    site.sandbox.faults.add({ target: 'tableau.jobs', status: 503, times: 'always' });
    assert.equal(stateOf(await site.look(2), 'Sales'), 'unknown');
    site.sandbox.faults.clear();
    assert.equal(stateOf(await site.look(2.1), 'Sales'), 'failed');
  });
});

describe('webhooks', () => {
  test('that are missing, of another address or disabled are an alarm with what to do', async (t) => {
    const site = await lookedSite(t);
    site.add('Sales');
    assert.deepEqual(codes(await site.look(0)), []);
    site.sandbox.faults.add({
      target: 'tableau.webhooks',
      status: 200,
      body: { webhooks: { webhook: hook('WorkbookRefreshFailed', 'https://elsewhere.example.com/notifier/x') } },
    });
    const missing = await site.look(0);
    assert.deepEqual(codes(missing), ['webhooks-missing']);
    assert.match(missing.alarms[0]?.text ?? '', /WorkbookRefreshFailed and DatasourceRefreshFailed.*webhooks sync/);
    site.sandbox.faults.add({
      target: 'tableau.webhooks',
      status: 200,
      body: {
        webhooks: {
          webhook: [
            hook('WorkbookRefreshFailed', `${publicUrl}/notifier/secret`, { isEnabled: 'false' }),
            hook('DatasourceRefreshFailed', `${publicUrl}/notifier/secret`),
          ],
        },
      },
    });
    const disabled = await site.look(0);
    assert.deepEqual(codes(disabled), ['webhooks-disabled']);
    assert.match(disabled.alarms[0]?.text ?? '', /disabled the webhook for WorkbookRefreshFailed\./);
    assert.ok(!JSON.stringify([missing.alarms, disabled.alarms]).includes('secret'));
  });

  test('that we may not see are no alarm', async (t) => {
    const site = await lookedSite(t);
    site.add('Sales');
    site.sandbox.faults.add({ target: 'tableau.webhooks', status: 403, code: 403_000 });
    const check = await site.look(0);
    assert.deepEqual([check.alarms, check.found?.promised], [[], 1]);
  });
});

const hook = (event: string, url: string, more: object = {}): object => ({
  id: event,
  name: event,
  event,
  isEnabled: 'true',
  'webhook-destination': { 'webhook-destination-http': { method: 'POST', url } },
  ...more,
});

describe('a list', () => {
  test('of one, which Tableau writes as an object, is read', async (t) => {
    const site = await lookedSite(t, { world: { settings: { oddities: true } } });
    const sales = site.add('Sales');
    await site.look(0);
    site.missRun(sales);
    assert.equal(stateOf(await site.look(2), 'Sales'), 'never-began');
  });

  test('of schedules of Tableau Cloud, without id, name and state, is read', async (t) => {
    const site = await lookedSite(t);
    const schedule = { kind: 'cloud', nextRunAt: site.at(1), everyMs: 24 * hour } as const;
    const sales = site.add('Sales', { schedule });
    await site.look(0);
    site.sandbox.panel.set(sales, { schedule: { ...schedule, nextRunAt: site.at(25) } });
    assert.equal(stateOf(await site.look(2), 'Sales'), 'never-began');
  });

  test('of more than a page is read to its end', async (t) => {
    const site = await lookedSite(t, { promises: [by(7)] });
    for (let n = 0; n < 1_050; n += 1) site.add(`Item ${n}`);
    assert.equal((await site.look(0)).found?.promised, 1_050);
  });
});

describe('requests', () => {
  test('are at most ten for 500 items with new data, and at most five more for each late one', async (t) => {
    const site = await lookedSite(t);
    const items = Array.from({ length: 500 }, (_, n) => site.add(`Item ${String(n).padStart(3, '0')}`));
    await site.look(0);
    const first = requestsSince(site, 0);
    assert.ok(first.length <= 10, first.join('\n'));
    for (const item of items.slice(4)) void site.sandbox.panel.recover(item, { createdAt: site.at(1.5) });
    for (const item of items.slice(0, 4)) void site.sandbox.panel.fail(item, { createdAt: site.at(1.6) });
    const check = await site.look(2);
    const second = requestsSince(site, first.length);
    assert.equal(lateOf(check).length, 4);
    assert.ok(second.length <= 10 + 4 * 5, second.join('\n'));
  });
});

test('of more late items than one look reports the next one has the others, and then nothing is new', async (t) => {
  const site = await lookedSite(t);
  for (let n = 0; n < 620; n += 1) site.add(`Item ${n}`);
  await site.look(0);
  const first = await site.look(2);
  assert.deepEqual([lateOf(first).length, first.found?.more, first.found?.isComplete], [500, 120, false]);
  assert.equal(first.next.at, site.at(2));
  const second = await site.look(2.01);
  assert.equal(second.found?.more, 0);
  assert.equal(new Set([...names(first), ...names(second)]).size, 620);
  assert.ok(second.next.at > site.at(2.01));
});

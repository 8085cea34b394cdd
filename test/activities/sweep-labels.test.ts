/** The sweep against the sandbox's Tableau over real HTTP. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createLabelSweepActivities } from '../../src/activities/sweep-labels.js';
import { clientAt, failureOf, tableauOutside } from '../tableau/outside.js';

const ours = 'Stale since 05:10. Times in UTC, 30 Nov 2026. (Tableau Webhooks)';

/** Data sources in Tableau, of which those with a running incident are named by `running`. */
async function site(t: TestContext, { names, isOn = true }: { names: string[]; isOn?: boolean }) {
  const { sandbox, url } = await tableauOutside(t);
  const luids = names.map((name) => sandbox.panel.add({ kind: 'datasource', name }).luid);
  const running = new Set<string>();
  const asked: string[] = [];
  const { tableau, logger } = clientAt(url);
  const sweeping = createLabelSweepActivities({
    tableau,
    labels: () => (isOn ? { who: false, perMinute: 60 } : undefined),
    isRunning: async (incident) => {
      asked.push(incident);
      if (incident.includes('unavailable')) throw new Error('Temporal is unavailable');
      return running.has(incident);
    },
    logger,
    pause: async () => undefined,
  });
  const sweep = (heartbeatDetails?: object) =>
    new MockActivityEnvironment({ ...(heartbeatDetails && { heartbeatDetails }) }).run(() => sweeping.sweepLabels());
  const at = (index: number): string => luids[index] ?? '';
  return { sandbox, luids, at, running, asked, sweep };
}

test('removes labels of ours without a running incident, and touches no other', async (t) => {
  const { sandbox, at, running, sweep } = await site(t, { names: ['Orders', 'Prices', 'Stock', 'People', 'Costs'] });
  const id = `refresh:${sandbox.siteLuid}`;
  for (const index of [0, 1, 2]) sandbox.labels.set(at(index), ours, { by: 'Tableau Admin', value: 'Stale data' });
  sandbox.labels.set(at(0), 'Checked.', { value: 'Certified' });
  sandbox.labels.set(at(3), ours, { by: 'Sam Steward' });
  sandbox.labels.set(at(4), 'Set by hand.', { by: 'Tableau Admin' });
  running.add(`${id}:${at(1)}`);
  running.add(`refresh:-:${at(2)}`);
  assert.deepEqual(await sweep(), { seen: 5, removed: 1, failed: 0 });
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((index) => sandbox.labels.list(at(index)).length),
    [1, 1, 1, 1, 1],
  );
  assert.deepEqual(sandbox.labels.list(at(0)), ['Certified: Checked. (Sam Steward)']);
  assert.deepEqual(await sweep(), { seen: 5, removed: 0, failed: 0 });
});

test('keeps a label whose incident cannot be asked for, and goes on', async (t) => {
  const { sandbox, sweep } = await site(t, { names: ['Orders'] });
  const { luid } = sandbox.panel.add({ kind: 'datasource', name: 'Prices', luid: 'unavailable' });
  for (const one of [luid, ...sandbox.panel.list().map((item) => item.luid)])
    sandbox.labels.set(one, ours, { by: 'Tableau Admin' });
  assert.deepEqual(await sweep(), { seen: 2, removed: 1, failed: 1 });
  assert.equal(sandbox.labels.list(luid).length, 1);
});

test('looks at all of a large site, and an attempt after another goes on where that one ended', async (t) => {
  const { sandbox, at, sweep } = await site(t, {
    names: Array.from({ length: 1_150 }, (_, index) => `Source ${index}`),
  });
  for (const index of [0, 999, 1_149]) sandbox.labels.set(at(index), ours, { by: 'Tableau Admin' });
  assert.deepEqual(await sweep({ next: 1_000, seen: 1_000, removed: 1, failed: 0 }), {
    seen: 1_150,
    removed: 2,
    failed: 0,
  });
  assert.deepEqual(await sweep(), { seen: 1_150, removed: 2, failed: 0 });
  assert.deepEqual(sandbox.labels.list(), []);
});

test('fails where Tableau does not answer, and asks nothing while labels are off', async (t) => {
  const { sandbox, sweep } = await site(t, { names: ['Orders'] });
  sandbox.faults.add({ target: 'tableau.labels', status: 503 });
  assert.equal((await failureOf(sweep())).type, 'tableau-unavailable');
  const off = await site(t, { names: ['Orders'], isOn: false });
  assert.deepEqual(await off.sweep(), { seen: 0, removed: 0, failed: 0 });
  assert.equal(off.sandbox.requests({ target: 'tableau' }).length, 0);
});

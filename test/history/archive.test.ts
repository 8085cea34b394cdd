/** What is read of a real Temporal server, whose workflows have no worker: their histories hold what was signalled. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { createArchive, type Archive } from '../../src/history/archive.js';
import { createKeptRuns, type KeptRun } from '../../src/history/kept-runs.js';
import type { Request } from '../../src/history/run-reader.js';
import { listRuns } from '../../src/temporal/histories.js';
import { signalFailure } from '../../src/temporal/incidents.js';
import { hour, incidentType, incidentWorkflowId, type Policy } from '../../src/workflows/contract.js';
import { pageSignal } from '../../src/workflows/messages.js';
import { pagerStart, pagerType } from '../../src/workflows/pager-contract.js';
import { escalation, eventually, startTemporal } from '../api/service.js';

let client: Client;
const policy: Policy = { name: 'default', steps: [], repeat: 0, remindMs: hour };
const since = (): number => Date.now() - hour;

async function fails(name: string): Promise<void> {
  const item = { kind: 'workbook', luid: name, name, site: 's1' } as const;
  const at = Date.now();
  await signalFailure(
    client,
    {
      incident: `refresh:s1:${name}`,
      event: { type: 'WorkbookRefreshFailed', item, createdAt: at, receivedAt: at },
      policy,
      summary: name,
    },
    { settings: { lingerMs: 1_000, forgetMs: hour }, searchAttributes: false },
    'https://webhooks.example.com',
  );
}
const pages = (name: string): Promise<unknown> =>
  client.workflow.signalWithStart(pagerType, {
    ...pagerStart('ana', escalation.settings),
    signal: pageSignal,
    signalArgs: [
      {
        incident: `refresh:s1:${name}`,
        pageId: `${name}.1`,
        channel: 'sms',
        facts: { kind: 'workbook', name, event: 'WorkbookRefreshFailed', failures: 1, since: 0 },
        waitMs: 1_000,
      },
    ],
  });

/** Calls to Temporal, and what they wait for before. */
interface Calls {
  count: number;
  before: () => Promise<void>;
}
function open(more: { clock?: () => number; atOnce?: number } = {}): { archive: Archive; calls: Calls } {
  const calls: Calls = { count: 0, before: async () => {} };
  const request: Request = async (timeoutMs, call) => {
    calls.count += 1;
    await calls.before();
    return client.withDeadline(Date.now() + timeoutMs, () => call(client));
  };
  return { archive: createArchive({ request, atOnce: 2, maxBytes: 1e7, clock: Date.now, ...more }), calls };
}

/** From here on each call waits until it is let go. */
function hold(calls: Calls) {
  const held: (() => void)[] = [];
  const arrived = new EventEmitter();
  calls.before = () =>
    new Promise<void>((resolve) => {
      held.push(resolve);
      arrived.emit('call');
    });
  return {
    count: () => held.length,
    /** Ends when so many wait. */
    until: async (count: number): Promise<void> => {
      while (held.length < count) await once(arrived, 'call');
    },
    letGo: (count: number): void => {
      for (const go of held.splice(0, count)) go();
    },
  };
}

before(async () => {
  ({ client } = await startTemporal());
  for (const name of ['Sales', 'People', 'Stock']) await fails(name);
  await client.workflow.getHandle(incidentWorkflowId('refresh:s1:Stock')).terminate();
  await pages('Sales');
  await eventually(
    async () => (await open().archive.episodes({ since: since(), waitMs: Infinity })).episodes,
    (episodes) => episodes.length === 3 && episodes.filter(({ end }) => end !== null).length === 1,
  );
});

describe('an archive', () => {
  test('has the episodes of incidents that run and that have ended, and the names that a pager knows', async () => {
    const { archive } = open();
    const { episodes, read, of } = await archive.episodes({ since: since(), waitMs: Infinity });
    assert.deepEqual([read, of], [3, 3]);
    assert.deepEqual(episodes.map(({ item, end }) => `${item.name} ${end?.how ?? 'open'}`).toSorted(), [
      'People open',
      'Sales open',
      'Stock stopped',
    ]);
    const { names } = await archive.messages({ since: since(), waitMs: Infinity });
    assert.deepEqual([...names], [['refresh:s1:Sales', 'Sales']]);
    assert.ok(archive.bytes() > 0);
  });

  test('reads a run that is over once, and one that goes on again after a while', async () => {
    let now = Date.now();
    const { archive, calls } = open({ clock: () => now });
    await archive.episodes({ since: since(), waitMs: Infinity });
    assert.equal(calls.count, 4, 'a list and three histories');
    await archive.episodes({ since: since(), waitMs: Infinity });
    assert.equal(calls.count, 4, 'nothing is read again at once');
    now += 10 * 60_000;
    await archive.episodes({ since: since(), waitMs: Infinity });
    assert.equal(calls.count, 7, 'a list and those that go on');
  });

  test('gives what was read in time, says how far it is, and reads the rest meanwhile, no more than some at once', async () => {
    const now = Date.now();
    const { archive, calls } = open({ clock: () => now });
    const held = hold(calls);
    const atOnce = { since: since(), waitMs: 0 };
    const soFar = async () => {
      const { episodes, read, of } = await archive.episodes(atOnce);
      return [episodes.length, read, of];
    };
    assert.deepEqual(await soFar(), [0, 0, null]);
    const tried: number[] = [];
    const whole = archive.episodes({ ...atOnce, waitMs: Infinity, onRead: (read) => tried.push(read) });
    held.letGo(1);
    await held.until(2);
    assert.deepEqual(await soFar(), [0, 0, 3]);
    assert.equal(held.count(), 2);
    held.letGo(1);
    await held.until(2);
    assert.deepEqual(await soFar(), [1, 1, 3]);
    held.letGo(2);
    const { episodes, read, of } = await whole;
    assert.deepEqual([episodes.length, read, of, tried], [3, 3, 3, [1, 2, 3]]);
  });

  test('ends a reading however long it takes, and counts what failed in it', async () => {
    let now = Date.now();
    const { archive, calls } = open({ clock: () => now });
    calls.before = async () => {
      now += 10 * 60_000;
      if (calls.count === 2) throw new Error('out of order');
    };
    const { episodes, failed, read, of, reason } = await archive.episodes({ since: since(), waitMs: Infinity });
    assert.deepEqual([episodes.length, failed, read, of, String(reason)], [2, 1, 3, 3, 'Error: out of order']);
  });

  test('counts what cannot be read, tries it again later, and throws where there is no list', async () => {
    let now = Date.now();
    const { archive, calls } = open({ clock: () => now });
    calls.before = async () => {
      if (calls.count > 1) throw new Error('out of order');
    };
    const { failed, read, of, reason } = await archive.episodes({ since: since(), waitMs: Infinity });
    assert.deepEqual([failed, read, of, String(reason)], [3, 3, 3, 'Error: out of order']);
    now += 60_000;
    await assert.rejects(archive.episodes({ since: since(), waitMs: Infinity }), /out of order/);
    calls.before = async () => {};
    assert.equal((await archive.episodes({ since: since(), waitMs: Infinity })).failed, 0);
  });

  test('lists no more workflows than it may', async () => {
    const wanted = { type: incidentType, since: since() };
    const { workflows, isCut } = await listRuns(client, { ...wanted, max: 2 });
    assert.deepEqual([workflows.size, isCut], [2, true]);
    assert.equal((await listRuns(client, { ...wanted, max: 3 })).isCut, false);
  });

  test('has no more of an incident than began in the time', async () => {
    const { archive } = open();
    assert.equal((await archive.episodes({ since: Date.now() + 1, waitMs: Infinity })).episodes.length, 0);
  });
});

describe('what is kept of runs', () => {
  const run = (name: string): KeptRun => ({
    read: { type: 'pager', facts: [{ type: 'named', at: 0, incident: name, name: 'x'.repeat(1_000) }] },
    isOver: true,
    stamp: '',
    readAt: 0,
  });

  test('takes no more memory than it may: what was used least lately makes room', () => {
    let now = 0;
    const kept = createKeptRuns(6_000, () => now);
    assert.ok(kept.set('a', run('a')) && kept.set('b', run('b')));
    now = 100_000;
    kept.get('a');
    assert.ok(kept.set('c', run('c')));
    assert.deepEqual(
      ['a', 'b', 'c'].map((id) => kept.get(id) !== undefined),
      [true, false, true],
    );
    assert.ok(kept.bytes() <= 6_000);
  });

  test('has no room for more where all of it was used a moment ago', () => {
    const kept = createKeptRuns(6_000, () => 0);
    assert.ok(kept.set('a', run('a')) && kept.set('b', run('b')));
    assert.equal(kept.set('c', run('c')), false);
    assert.deepEqual(
      ['a', 'b', 'c'].map((id) => kept.get(id) !== undefined),
      [true, true, false],
    );
  });
});

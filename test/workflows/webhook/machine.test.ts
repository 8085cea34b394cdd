import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { day, hour, minute, second } from '../../../src/workflows/contract.js';
import { changeId, type IncidentChange } from '../../../src/workflows/webhook-contract.js';
import { change } from '../../outgoing/changes.js';
import { changesOf, createTestEndpoint, takesAll, unavailable } from './endpoint.js';

const [one] = changesOf(1);
assert.ok(one);

describe('an endpoint that works', () => {
  test('gets each change once and in order, also where a report comes twice', () => {
    const team = createTestEndpoint();
    team.gets(changesOf(2));
    team.gets(changesOf(3));
    team.gets(changesOf(1, 1, 'stock'));
    team.gets(changesOf(3));
    assert.deepEqual(team.ids(), ['sales-1', 'sales-2', 'sales-3', 'stock-1']);
    assert.equal(team.waiting(), 0);
    assert.match(team.details(), /Nothing waits/);
  });

  test('gets many at once, with a pause where its form asks for one', () => {
    const team = createTestEndpoint((some) => ({ posted: some.map(changeId), pauseMs: second }));
    team.gets(changesOf(120));
    team.later(minute);
    assert.deepEqual(
      team.posts.map(({ at, ids }) => [at, ids.length]),
      [
        [0, 50],
        [second, 50],
        [2 * second, 20],
      ],
    );
  });

  test('is asked once more for what one activity had no time for', () => {
    const team = createTestEndpoint((some) => ({ posted: some.slice(0, 3).map(changeId), pauseMs: 0 }));
    team.gets(changesOf(8));
    assert.equal(team.posts.length, 3);
    assert.equal(team.waiting(), 0);
  });

  test('knows a copy also in the next run', () => {
    const team = createTestEndpoint();
    team.gets(changesOf(2));
    team.continuesAsNew();
    team.gets(changesOf(2));
    assert.deepEqual(team.ids(), ['sales-1', 'sales-2']);
  });
});

describe('an endpoint that is down', () => {
  test('is tried by the schedule of Standard Webhooks, and then the change is given up loudly', () => {
    const team = createTestEndpoint(unavailable());
    team.gets([one]);
    team.later(5 * day);
    const delays = team.posts.map(({ at }, index) => at - (team.posts[index - 1]?.at ?? 0));
    assert.deepEqual(delays, [
      0,
      5 * second,
      5 * minute,
      30 * minute,
      2 * hour,
      5 * hour,
      10 * hour,
      14 * hour,
      20 * hour,
      24 * hour,
    ]);
    assert.deepEqual(team.alarms(), ['webhook-failing', 'webhook-dropped']);
    assert.equal(team.waiting(), 0);
    assert.equal(team.memo().dropped, 1);
    assert.deepEqual(
      team.memo().alarms.map(({ code }) => code),
      ['webhook-failing', 'webhook-dropped'],
    );
  });

  test('gets all that waits, in order, as soon as it works again: a new change is a reason to try', () => {
    const team = createTestEndpoint(unavailable());
    team.gets(changesOf(3));
    team.later(4 * hour);
    assert.equal(team.memo().alarms[0]?.code, 'webhook-failing');
    assert.match(team.details(), /\*\*3\*\* changes wait.*\n- \*\*Fails since /);
    const before = team.posts.length;
    team.answers(takesAll);
    team.gets(changesOf(1, 4));
    team.later(minute);
    assert.deepEqual(
      team.posts.slice(before).flatMap(({ ids }) => ids),
      ['sales-1', 'sales-2', 'sales-3', 'sales-4'],
    );
    assert.deepEqual(team.memo().alarms, []);
  });

  test('is not tried more often for a storm of changes than every 30 s', () => {
    const team = createTestEndpoint(unavailable());
    for (let n = 1; n <= 120; n += 1) {
      team.gets(changesOf(1, n));
      team.later(second);
    }
    assert.ok(team.posts.length <= 6, `${team.posts.length}`);
    assert.equal(team.waiting(), 120);
  });

  test('that names a time is left alone until then, for an hour at most', () => {
    const team = createTestEndpoint(unavailable(10 * minute));
    team.gets([one]);
    team.later(9 * minute);
    assert.equal(team.posts.length, 1);
    team.later(2 * minute);
    assert.equal(team.posts.length, 2);
    team.answers(unavailable(30 * day));
    team.later(2 * hour);
    assert.ok(team.posts.length >= 3);
  });

  test('and whose worker died is tried again soon', () => {
    const team = createTestEndpoint(() => 'failed');
    team.gets([one]);
    team.answers(takesAll);
    team.later(10 * second);
    assert.deepEqual(team.ids(), ['sales-1', 'sales-1']);
    assert.equal(team.waiting(), 0);
  });

  test('keeps a bounded queue: the oldest go, and are counted', () => {
    const team = createTestEndpoint(unavailable());
    const big = (n: number) => change('failed-again', { cause: 'x'.repeat(500) }, n, 'sales');
    team.gets(Array.from({ length: 3_000 }, (_, index) => big(index + 1)));
    const waiting = team.waiting();
    assert.ok(waiting > 1_000 && waiting < 2_200, `${waiting}`);
    assert.equal(team.memo().dropped, 3_000 - waiting);
    assert.deepEqual(team.alarms(), ['webhook-dropped']);
    team.answers(takesAll);
    team.later(minute);
    assert.equal(team.ids().at(-1), 'sales-3000');
  });
});

describe('an endpoint that does not want a change', () => {
  /** Refuses one of them, as often as it comes. */
  const without = (id: string) => (some: readonly IncidentChange[]) => {
    const ids = some.map(changeId);
    const at = ids.indexOf(id);
    return at < 0
      ? { posted: ids, pauseMs: 0 }
      : { posted: ids.slice(0, at), failed: { how: 'refused' as const, ids: [id], why: 'answered 400' }, pauseMs: 0 };
  };

  test('gets the others, and that one again by the schedule, alone', () => {
    const team = createTestEndpoint(without('sales-2'));
    team.gets(changesOf(4));
    assert.deepEqual(
      team.posts.map(({ ids }) => ids),
      [
        ['sales-1', 'sales-2', 'sales-3', 'sales-4'],
        ['sales-3', 'sales-4'],
      ],
    );
    team.later(6 * minute);
    assert.deepEqual(
      team.posts.slice(2).map(({ at, ids }) => [at, ids]),
      [
        [5 * second, ['sales-2']],
        [5 * second + 5 * minute, ['sales-2']],
      ],
    );
    team.later(4 * day);
    assert.equal(team.memo().dropped, 1);
    assert.equal(team.waiting(), 0);
  });

  test('gives it up after as many tries, also where those end in another way', () => {
    const team = createTestEndpoint(without('sales-2'));
    team.gets(changesOf(3));
    team.answers((some) => (some.length === 1 ? 'failed' : takesAll(some)));
    team.later(day);
    assert.ok(team.posts.length < 20, `${team.posts.length} posts`);
    team.answers(unavailable());
    team.later(4 * day);
    assert.equal(team.memo().dropped, 1);
    assert.equal(team.waiting(), 0);
  });
});

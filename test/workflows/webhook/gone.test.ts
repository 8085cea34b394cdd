import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { day, minute, second } from '../../../src/workflows/contract.js';
import { changesOf, createTestEndpoint, takesAll, unavailable } from './endpoint.js';

describe('an endpoint that is gone', () => {
  const gone = () => ({ posted: [], failed: { how: 'gone' as const }, pauseMs: 0 });

  test('gets nothing any more, also no change that comes later, and each is counted', () => {
    const team = createTestEndpoint(gone);
    team.gets(changesOf(3));
    team.gets(changesOf(1, 4));
    team.later(10 * day);
    assert.equal(team.posts.length, 1);
    assert.equal(team.memo().dropped, 4);
    assert.deepEqual(
      team.memo().alarms.map(({ code }) => code),
      ['webhook-gone', 'webhook-dropped'],
    );
  });

  test('is tried again when its address has changed, by a change or by the file', () => {
    for (const changed of [
      (team: ReturnType<typeof createTestEndpoint>) => team.gets(changesOf(1, 2), '2'),
      (team: ReturnType<typeof createTestEndpoint>) => (team.hasVersion('2'), team.gets(changesOf(1, 2), '2')),
    ]) {
      const team = createTestEndpoint(gone);
      team.gets(changesOf(1));
      team.hasVersion('1');
      assert.equal(team.memo().alarms[0]?.code, 'webhook-gone');
      team.answers(takesAll);
      changed(team);
      assert.deepEqual(team.ids(), ['sales-1', 'sales-2']);
      assert.deepEqual(
        team.memo().alarms.map(({ code }) => code),
        ['webhook-dropped'],
      );
    }
  });

  test('is tried again by what the file has now, also where the answer by the former address comes later', () => {
    for (const late of [gone, unavailable()]) {
      const team = createTestEndpoint(late, 10 * second);
      team.gets(changesOf(2));
      team.later(second);
      team.hasVersion('2');
      team.later(9 * second);
      team.answers(takesAll);
      team.later(minute);
      assert.deepEqual(
        team.posts.map(({ at, ids }) => [at, ids.length]),
        [
          [0, 2],
          [10 * second, 2],
        ],
      );
      assert.deepEqual([team.waiting(), team.memo().dropped], [0, 0]);
    }
  });

  test('counts what it drops when an operator cancels its workflow', () => {
    const team = createTestEndpoint(unavailable());
    team.gets(changesOf(2));
    team.isCancelled();
    assert.ok(team.ended());
    assert.deepEqual(team.alarms(), ['webhook-dropped']);
  });
});

describe('an endpoint that the file has no more', () => {
  const ends = (team: ReturnType<typeof createTestEndpoint>) =>
    team.lines.filter(({ message }) => message === 'The workflow of an endpoint ends').map(({ about }) => about['why']);

  test('ends, says so, and counts what is lost', () => {
    const team = createTestEndpoint(() => ({ posted: [], failed: { how: 'removed' }, pauseMs: 0 }));
    team.gets(changesOf(2));
    assert.ok(team.ended());
    assert.deepEqual(ends(team), ['the escalation file has it no more']);
    assert.deepEqual(
      team.lines.filter(({ about }) => about['alarm'] === 'webhook-dropped').map(({ about }) => about['changes']),
      [2],
    );
  });

  test('ends at once where nothing waits, without an alarm', () => {
    const team = createTestEndpoint();
    team.gets(changesOf(2));
    team.hasVersion(null);
    assert.ok(team.ended());
    assert.deepEqual(ends(team), ['the escalation file has it no more']);
    assert.deepEqual(team.alarms(), []);
  });

  test('ends when the post that is under way is over, unless the file has it again', () => {
    const removed = createTestEndpoint(takesAll, 10 * second);
    removed.gets(changesOf(1));
    removed.hasVersion(null);
    assert.ok(!removed.ended());
    removed.later(11 * second);
    assert.ok(removed.ended());
    const back = createTestEndpoint(takesAll, 10 * second);
    back.gets(changesOf(1));
    back.hasVersion(null);
    back.hasVersion('1');
    back.later(11 * second);
    assert.ok(!back.ended());
  });
});

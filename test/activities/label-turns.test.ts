import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLabelTurns } from '../../src/activities/label-turns.js';
import { hour, minute } from '../../src/workflows/contract.js';

/** Who wants a label asks, and asks again when it was told to; gives who was served, and when. */
function play(wanted: { key: string; rank: number; at: number }[], perMinute: number, untilMs: number) {
  let now = 0;
  const waitMs = createLabelTurns(() => now);
  const asks = wanted.map((one) => ({ ...one }));
  const served: { key: string; rank: number; at: number }[] = [];
  for (;;) {
    const next = asks.toSorted((one, other) => one.at - other.at)[0];
    if (!next || next.at > untilMs) return served;
    now = next.at;
    const afterMs = waitMs({ key: next.key, requests: 3, rank: next.rank }, perMinute);
    if (afterMs > 0) next.at = now + afterMs;
    else {
      asks.splice(asks.indexOf(next), 1);
      served.push({ key: next.key, rank: next.rank, at: now });
    }
  }
}

test('few labels do not wait', () => {
  const served = play(
    [
      { key: 'a', rank: 0, at: 0 },
      { key: 'b', rank: 0, at: minute },
    ],
    60,
    hour,
  );
  assert.deepEqual(
    served.map(({ at }) => at),
    [0, minute],
  );
});

test('a storm of 1,000 is labelled at the roots first, at most so many requests a minute, and all of it', () => {
  const perMinute = 60;
  const storm = Array.from({ length: 1_000 }, (_, index) => ({
    key: `datasource-${index}`,
    // Every fiftieth feeds many workbooks; they come in the midst of the others.
    rank: index % 50 === 49 ? 100 + index : 0,
    at: index * 10,
  }));
  const served = play(storm, perMinute, 3 * hour);
  assert.equal(served.length, 1_000);
  const roots = served.findLastIndex(({ rank }) => rank > 0);
  assert.ok(roots < 30, `the last of 20 roots was number ${roots + 1}`);
  for (const { at } of served) {
    const within = served.filter((other) => other.at >= at && other.at < at + minute).length;
    assert.ok(within * 3 <= perMinute * 1.1 + 3, `${within} labels within a minute`);
  }
  const last = served.at(-1)?.at ?? 0;
  assert.ok(last < 60 * minute, `the last one after ${last / minute} min, where 50 are needed`);
});

test('a removal goes before all that wait', () => {
  const waiting = Array.from({ length: 50 }, (_, index) => ({ key: `datasource-${index}`, rank: index, at: 0 }));
  const served = play([...waiting, { key: 'recovered', rank: Number.POSITIVE_INFINITY, at: 1_000 }], 60, hour);
  const place = served.findIndex(({ key }) => key === 'recovered');
  assert.ok(place <= 4, `it was number ${place + 1}`);
});

test('nobody waits for long for one that does not come back', () => {
  let now = 0;
  const waitMs = createLabelTurns(() => now);
  const ask = (key: string, rank: number) => waitMs({ key, requests: 3, rank }, 60);
  while (ask(`${now}-first`, 0) === 0);
  assert.ok(ask('gone', 9) > 0);
  now = 3 * minute;
  assert.equal(ask('other', 0), 0);
});

test('a new limit of the file counts', () => {
  let now = 0;
  const waitMs = createLabelTurns(() => now);
  const goes = (perMinute: number): number => {
    let count = 0;
    // Nobody waits for those who were told to come again, and did not.
    now += 3 * minute;
    while (count < 100 && waitMs({ key: `${perMinute}-${count}`, requests: 3, rank: 1_000 - count }, perMinute) === 0)
      count += 1;
    return count;
  };
  assert.deepEqual([goes(60), goes(600)], [2, 20]);
});

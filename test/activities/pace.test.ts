import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPace } from '../../src/activities/pace.js';

/** Runs calls one after the other on a clock of its own; `tookMs` is the duration of the next. Gives how many ran in each second. */
async function play(seconds: number, tookMs: (second: number) => number): Promise<number[]> {
  const time = { now: 0 };
  const pace = createPace({ clock: () => time.now, pause: async (ms) => void (time.now += ms) });
  const counts = Array.from({ length: seconds }, () => 0);
  while (time.now < seconds * 1_000) {
    await pace.run(async () => {
      const second = Math.floor(time.now / 1_000);
      counts[second] = (counts[second] ?? 0) + 1;
      time.now += tookMs(second);
      return true;
    });
  }
  return counts.slice(0, seconds);
}
const mean = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0) / counts.length;

test('calls go faster while they return as fast as without load', async () => {
  const counts = await play(10, () => 5);
  assert.ok(mean(counts.slice(0, 1)) <= 60, `${counts[0]} in the first second`);
  assert.ok(mean(counts.slice(-2)) > 100, counts.join());
});

test('calls go slower while they take longer than without load, and never stop', async () => {
  const counts = await play(60, (second) => (second < 5 ? 5 : 300));
  assert.ok(mean(counts.slice(-5)) < 9, counts.join());
  assert.ok(mean(counts.slice(-5)) >= 2, counts.join());
});

test('a server that is far away is not a server under load', async () => {
  const counts = await play(20, () => 90);
  assert.ok(mean(counts.slice(-5)) > 10, counts.join());
});

test('calls go faster again when the load is over', async () => {
  const counts = await play(90, (second) => (second > 5 && second < 30 ? 200 : 5));
  assert.ok(mean(counts.slice(20, 30)) < 6, counts.join());
  assert.ok(mean(counts.slice(-5)) > 60, counts.join());
});

for (const { times, becomes } of [
  { times: 2, becomes: 'faster' },
  { times: 5, becomes: 'unchanged' },
  { times: 7, becomes: 'slower' },
] as const)
  test(`calls that take ${times} times as long as without load leave the pace ${becomes}`, async () => {
    const time = { now: 0 };
    const waits: number[] = [];
    const pace = createPace({
      clock: () => time.now,
      pause: async (ms) => {
        waits.push(ms);
        time.now += ms;
      },
    });
    // The least that counts as the latency without load.
    const call = (ms: number): Promise<boolean> => pace.run(async () => (time.now += ms) > 0);
    for (let n = 0; n < 50; n += 1) await call(5);
    // One after the other they would be slower than the pace, so that it would not show.
    const under = Array.from({ length: 20 }, () => 0);
    const before = waits.at(-1) ?? 0;
    for (const _ of under) {
      const at = time.now;
      await call(times * 30);
      time.now = at + (waits.at(-1) ?? 0);
    }
    waits.length = 0;
    time.now += 500;
    await call(5);
    await call(5);
    const after = (waits.at(-1) ?? 0) + 5;
    const ratio = after / (before + 5);
    assert.ok(
      { faster: ratio < 0.95, unchanged: ratio > 0.95 && ratio < 1.05, slower: ratio > 1.2 }[becomes],
      `${ratio}`,
    );
  });

test('a call that fails is a call: its error is given, and the next has its turn', async () => {
  const pace = createPace({ clock: () => 0, pause: async () => undefined });
  await assert.rejects(
    pace.run(() => Promise.reject(new Error('refused'))),
    /refused/,
  );
  assert.equal(await pace.run(() => Promise.resolve(false)), false);
});

test('the next burst begins slowly again', async () => {
  const time = { now: 0 };
  const pace = createPace({ clock: () => time.now, pause: async (ms) => void (time.now += ms) });
  const call = (): Promise<boolean> => pace.run(async () => (time.now += 5) > 0);
  while (time.now < 10_000) await call();
  time.now += 30_000;
  const began = time.now;
  for (let n = 0; n < 25; n += 1) await call();
  assert.ok(time.now - began > 700, `25 calls within ${time.now - began} ms`);
});

test('calls that are refused make it slower, and what finds nothing to change makes it no faster', async () => {
  const time = { now: 0 };
  const pace = createPace({ clock: () => time.now, pause: async (ms) => void (time.now += ms) });
  const nothing = async (): Promise<boolean> => (time.now += 1) < 0;
  for (let n = 0; n < 200; n += 1) await pace.run(nothing);
  assert.ok(time.now >= 7_500, `200 tries within ${time.now} ms`);
  const began = time.now;
  for (let n = 0; n < 100; n += 1)
    await pace
      .run(async () => {
        time.now += 1;
        throw new Error('RESOURCE_EXHAUSTED');
      })
      .catch(() => undefined);
  assert.ok(time.now - began > 12_000, `100 refused calls within ${time.now - began} ms`);
});

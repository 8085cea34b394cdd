import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createWatch } from '../../src/api/live/watch.js';

/** A watch whose reads the test answers one by one, and whose pauses it ends. */
function watched() {
  const reads: ((value: string) => void)[] = [];
  const paused: (() => void)[] = [];
  let isOver = false;
  const read = () => new Promise<string>((resolve) => reads.push(resolve));
  const watch = createWatch(
    { key: 'k', read },
    { later: (work) => paused.push(work), isEnding: () => false, onEnd: () => (isOver = true) },
  );
  return {
    watch,
    isOver: () => isOver,
    /** How many reads are under way. */
    underWay: () => reads.length,
    paused: () => paused.length,
    /** The read that is under way gives a value. */
    gives: async (value: string) => {
      reads.shift()?.(value);
      await new Promise(setImmediate);
    },
    pauseEnds: () => paused.shift()?.(),
  };
}

function reader(seen = 'one') {
  const events = new PassThrough();
  let text = '';
  events.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const leave = async () => {
    events.destroy();
    await once(events, 'close');
  };
  return { as: { address: '', seen, isUnavailable: false, events }, text: () => text, leave };
}

test('one read goes on for all, also when its first reader leaves and another comes meanwhile', async () => {
  const { watch, underWay, paused, gives, pauseEnds } = watched();
  const [first, second] = [reader(), reader()];
  watch.add(first.as);
  assert.equal(underWay(), 1);
  await first.leave();
  watch.add(second.as);
  assert.equal(underWay(), 1, 'no second series of reads');
  await gives('two');
  assert.equal(second.text(), 'event: changed\ndata:\n\n');
  assert.equal(paused(), 1);
  pauseEnds();
  assert.equal(underWay(), 1);
});

test('nothing is read when nobody is there any more', async () => {
  const { watch, underWay, paused, gives, pauseEnds, isOver } = watched();
  const [one, other] = [reader(), reader()];
  watch.add(one.as);
  watch.add(other.as);
  await gives('one');
  await Promise.all([one.leave(), other.leave()]);
  pauseEnds();
  await gives('two');
  assert.equal(isOver(), true);
  assert.deepEqual([underWay(), paused()], [0, 0]);
});

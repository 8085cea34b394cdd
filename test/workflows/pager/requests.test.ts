/** What a contact requests about schedules. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OnCallNow } from '../../../src/workflows/activity-contract.js';
import { pagerMachine, type PagerEffect, type Result } from '../../../src/workflows/pager/machine.js';
import { whoText } from '../../../src/workflows/pager/on-call-texts.js';
import { packPager, unpackPager } from '../../../src/workflows/pager/packed-state.js';
import { newPager, openPager, stateOf } from '../../../src/workflows/pager/state.js';
import { fitsIn } from '../../../src/workflows/words.js';
import { createPager } from '../../helpers/pager.js';

type Ana = ReturnType<typeof createPager>;
const onCall: OnCallNow = { sentences: ['data: ana until Mon 09:00, then ben.'], count: 1 };

const advance = (ana: Ana, draining = false): PagerEffect[] =>
  pagerMachine.advance(ana.pager, { now: ana.now(), draining });
/** The ids of requests that begin. */
const begun = (effects: readonly PagerEffect[]): string[] =>
  effects.flatMap((effect) => (effect.type === 'activity' && effect.id.startsWith('request:') ? [effect.id] : []));
const sent = (effects: readonly PagerEffect[]): string[] =>
  effects.flatMap((effect) =>
    effect.type === 'activity' && effect.call.activity === 'send' ? [effect.call.input.text] : [],
  );
function completes(ana: Ana, id: string | undefined, result: Result = { activity: 'whoIsOnCall', result: onCall }) {
  assert.ok(id);
  ana.input({ type: 'completed', id, result });
}

describe('WHO', () => {
  test('asks an activity, and answers by the channel of the reply', () => {
    const ana = createPager();
    ana.replies('who?', { channel: 'sms' });
    const [id] = begun(advance(ana));
    assert.equal(pagerMachine.hasInFlight(ana.pager), true);
    assert.deepEqual(begun(advance(ana)), [], 'once');
    completes(ana, id);
    assert.equal(pagerMachine.hasInFlight(ana.pager), false);
    assert.deepEqual(sent(advance(ana)), ['data: ana until Mon 09:00, then ben.']);
    assert.deepEqual(ana.waiting(), ['sms text']);
    assert.equal(ana.replyText(), 'data: ana until Mon 09:00, then ben.');
  });

  test('says that it could not be found when the activity fails', () => {
    const ana = createPager();
    ana.replies('WHO');
    const [id = ''] = begun(advance(ana));
    ana.input({ type: 'failed', id, failure: { type: 'timeout', message: 'no worker', detail: undefined } });
    const effects = advance(ana);
    assert.deepEqual(sent(effects), ['Who is on call could not be found. Please ask again in a minute.']);
    const warned = effects.flatMap((effect) => (effect.type === 'log' && effect.line.level === 'warn' ? [effect] : []));
    assert.equal(warned.length, 1);
  });

  test('twice is asked one after the other, and a copy of a reply asks nothing', () => {
    const ana = createPager();
    ana.replies('WHO');
    ana.replies('WHO', { replyId: 'reply-1' });
    ana.replies('on call');
    const [first] = begun(advance(ana));
    completes(ana, first);
    const [second, ...more] = begun(advance(ana));
    assert.notEqual(second, first);
    assert.deepEqual(more, []);
    completes(ana, second);
    assert.deepEqual(begun(advance(ana)), []);
    assert.equal(ana.waiting().length, 2);
  });

  test('counts against the answers, and over the limit asks no activity', () => {
    const ana = createPager({ answersPerHour: 4 });
    for (let n = 0; n < 10; n += 1) ana.replies('WHO');
    assert.equal(ana.pager.requests.length, 3, 'one is kept for a confirmation');
    let asked = 0;
    for (let ids = begun(advance(ana)); ids.length > 0; ids = begun(advance(ana))) {
      asked += 1;
      completes(ana, ids[0]);
    }
    ana.replies('WHO');
    assert.deepEqual([asked, begun(advance(ana)).length], [3, 0]);
    ana.later(3_600_001);
    ana.replies('WHO');
    assert.equal(begun(advance(ana)).length, 1);
  });

  test('that waits is asked by the next run', () => {
    const ana = createPager();
    ana.replies('WHO');
    assert.deepEqual(begun(advance(ana, true)), []);
    const json = JSON.stringify(packPager(stateOf(ana.pager)));
    const carried = JSON.parse(json) as ReturnType<typeof packPager>;
    const next = openPager(unpackPager(newPager('ana', ana.pager.settings, 'other'), carried));
    assert.equal(begun(pagerMachine.advance(next, { now: ana.now(), draining: false })).length, 1);
  });

  test('is not known to the state of an earlier version, which asks nothing', () => {
    const ana = createPager();
    const { requests: _r, requestInFlight: _f, lastRequest: _l, ...earlier } = packPager(stateOf(ana.pager));
    const packed = earlier as ReturnType<typeof packPager>;
    const next = openPager(unpackPager(newPager('ana', ana.pager.settings, 'other'), packed));
    assert.deepEqual(pagerMachine.advance(next, { now: ana.now(), draining: false }), []);
    assert.equal(pagerMachine.hasInFlight(next), false);
  });
});

describe('the answer to WHO', () => {
  test('is cut to what fits, with the number of the others', () => {
    const sentences = Array.from({ length: 20 }, (_, n) => `team-${n}: ana until Mon 09:00, then ben.`);
    for (const channel of ['sms', 'whatsapp'] as const) {
      const text = whoText({ sentences, count: 25, isByFileAlone: true }, channel);
      assert.ok(fitsIn(text, channel), text);
      const lines = text.split('\n');
      const shown = lines.filter((line) => line.startsWith('team-')).length;
      assert.ok(shown >= 4, text);
      assert.deepEqual(lines.slice(shown), [
        `and ${25 - shown} more.`,
        'Overrides could not be read: this is by the file alone.',
      ]);
    }
    assert.equal(whoText({ sentences: sentences.slice(0, 2), count: 2 }, 'sms').split('\n').length, 2);
  });

  test('says that there are no schedules', () => {
    assert.equal(whoText({ sentences: [], count: 0 }, 'sms'), 'There are no schedules.');
  });
});

/** The place of a link in what a pager sends, and what its memo says of numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkPlace } from '../../../src/workflows/link-place.js';
import { pagerMachine, type PagerEffect } from '../../../src/workflows/pager/machine.js';
import { packPager, unpackPager } from '../../../src/workflows/pager/packed-state.js';
import { newPager, stateOf } from '../../../src/workflows/pager/state.js';
import { createPager } from '../../helpers/pager.js';

const place = linkPlace(57);
type Test = ReturnType<typeof createPager>;

const advance = ({ pager, now }: Test): PagerEffect[] => pagerMachine.advance(pager, { now: now(), draining: false });
const sendIn = (effects: PagerEffect[]) =>
  effects.flatMap((effect) =>
    effect.type === 'activity' && effect.call.activity === 'send' ? [effect.call.input] : [],
  )[0] ?? assert.fail('something is sent');
const memos = (effects: PagerEffect[]) => effects.flatMap((effect) => (effect.type === 'memo' ? [effect.memo] : []));

test('a page has a place for its link, and the same memo command says what its number means', () => {
  const ana = createPager({ linkLength: 57 });
  ana.page('sales', 1, 'sms');
  const effects = advance(ana);
  const { text, link } = sendIn(effects);
  assert.ok(text.includes(`\n${place}\n`), text);
  assert.deepEqual(link, { number: 1, incident: 'sales', episode: 'e-sales', at: ana.now() });
  assert.deepEqual(memos(effects), [{ n1: { incident: 'sales', episode: 'e-sales', at: ana.now() } }]);
  assert.deepEqual(memos(advance(ana)), [], 'a number is said once');
});

test('a number that was given while pages had no links is in the memo once a message with a link names it', () => {
  const ana = createPager();
  ana.page('sales', 1, 'sms');
  ana.sends('sms');
  assert.deepEqual(memos(advance(ana)), []);
  const numberedAt = ana.now();
  const settings = { ...ana.pager.settings, linkLength: 57 };
  for (const [n, said] of [
    [2, [{ n1: { incident: 'sales', episode: 'e-sales', at: numberedAt } }]],
    [3, []],
  ] as const) {
    ana.later(300_000);
    ana.page('sales', n, 'sms', {}, 300_000, settings);
    const effects = advance(ana);
    assert.deepEqual(memos(effects), said);
    assert.equal(sendIn(effects).link?.at, numberedAt);
    ana.pager.sending = [];
    ana.pager.outbox = [];
  }
});

test('a number that is given again means the newer item in the memo, also after the next run has begun', () => {
  const ana = createPager({ linkLength: 57 });
  ana.page('sales', 1, 'sms');
  ana.sends('sms');
  assert.equal(memos(advance(ana)).length, 1);
  assert.deepEqual(ana.pager.inMemo, [1]);
  const carried = unpackPager(newPager('ana', ana.pager.settings, 'uuid'), packPager(stateOf(ana.pager)));
  assert.deepEqual(carried.inMemo, [1]);
  ana.withdraw('sales', 1, { how: 'recovered', by: null });
  ana.later(25 * 3_600_000);
  ana.pager.lastNumber = 99;
  ana.page('costs', 1, 'sms');
  assert.deepEqual(memos(advance(ana)), [{ n1: { incident: 'costs', episode: 'e-costs', at: ana.now() } }]);
});

test('a try whose outcome is unknown is looked for with the link that it had', () => {
  const ana = createPager({ linkLength: 57 });
  ana.page('sales', 1, 'sms');
  const first = sendIn(advance(ana));
  const out = ana.pager.sending[0] ?? assert.fail();
  ana.fails(out, 'unknown', 'timeout');
  ana.later(10_000);
  const second = sendIn(advance(ana));
  assert.deepEqual(
    second.retry?.tried.map(({ link }) => link),
    [first.link],
  );
});

test('a bundle links to a list; a call, and a pager that knows of no links, to nothing', () => {
  const ana = createPager({ linkLength: 57, windowMs: 0 });
  for (const name of ['a', 'b']) ana.page(name, 1, 'sms');
  assert.deepEqual(sendIn(advance(ana)).link, { number: 0, incident: '', episode: '', at: ana.now() });
  ana.page('c', 1, 'call');
  const call = advance(ana);
  assert.equal(sendIn(call).link, undefined);
  const ben = createPager();
  ben.page('sales', 1, 'sms');
  const effects = advance(ben);
  assert.doesNotMatch(sendIn(effects).text, /<link:/);
  assert.deepEqual([sendIn(effects).link, memos(effects)], [undefined, []]);
});

test('a message that is carried over to the next run keeps its link', () => {
  const ana = createPager({ linkLength: 57 });
  ana.page('sales', 1, 'sms');
  advance(ana);
  const state = stateOf(ana.pager);
  assert.ok(!('numbered' in state));
  const carried = unpackPager(newPager('ana', state.settings, 'uuid'), packPager(state));
  assert.deepEqual(carried.outbox[0]?.link, ana.pager.outbox[0]?.link);
  assert.equal(carried.settings.linkLength, 57);
});

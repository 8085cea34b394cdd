/** What a contact requests about schedules. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OnCallNow } from '../../../src/workflows/activity-contract.js';
import type { Result } from '../../../src/workflows/pager/results.js';
import { pagerMachine, type PagerEffect } from '../../../src/workflows/pager/machine.js';
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
    const {
      requests: _r,
      requestInFlight: _f,
      lastRequest: _l,
      pendingCode: _p,
      ...more
    } = packPager(stateOf(ana.pager));
    const { wrongCodes: _w, ...earlier } = more;
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

describe('SWAP', () => {
  const from = Date.parse('2026-03-01T18:00:00Z');
  const entry = {
    kind: 'override',
    id: 'id-1',
    schedule: 'data',
    contact: 'ben',
    from,
    to: from + 54_000_000,
  } as const;
  const what = 'put ben on call (data) from Sun 18:00 to Mon 09:00';
  const texts = (ana: Ana): string[] => sent(advance(ana));
  const reaches = (ana: Ana): void => {
    for (const out of ana.pager.sending)
      ana.input({
        type: 'completed',
        id: `send:${out.attempt}`,
        result: { activity: 'send', result: { sid: `SM-${out.attempt}`, found: false } },
      });
  };
  /** Asks for a swap, and gives the text with the code. */
  function asks(ana: Ana, code = '4821', channel: 'sms' | 'whatsapp' = 'sms'): string {
    ana.replies('SWAP ben tonight', { channel });
    completes(ana, begun(advance(ana))[0], { activity: 'prepareEntry', result: { code, what, entry } });
    const [text = ''] = texts(ana);
    reaches(ana);
    return text;
  }
  const makes = (effects: readonly PagerEffect[]) =>
    effects.flatMap((effect) =>
      effect.type === 'activity' && effect.call.activity === 'makeEntry'
        ? [{ id: effect.id, ...effect.call.input }]
        : [],
    );
  const answers = (ana: Ana, reply: string, channel: 'sms' | 'whatsapp' = 'sms'): string | null => {
    ana.replies(reply, { channel });
    return ana.replyText();
  };

  test('sends a code, and is made when the code comes back', () => {
    const ana = createPager();
    assert.equal(asks(ana), `Reply 4821 to ${what}.`);
    ana.later(9 * 60_000);
    ana.replies('4821', { channel: 'sms' });
    const [made, ...more] = makes(advance(ana));
    assert.deepEqual([made?.by, made?.entry, more], ['ana', entry, []]);
    const done = 'Done: ben is on call (data) from Sun 18:00 to Mon 09:00.';
    completes(ana, made?.id, { activity: 'makeEntry', result: { text: done } });
    assert.deepEqual(texts(ana), [done]);
    reaches(ana);
    // The code counts once.
    assert.match(answers(ana, '4821') ?? '', /^Reply ACK/);
    assert.deepEqual(makes(advance(ana)), []);
  });

  test('of a forged sender, who does not see the code, changes nothing', () => {
    const ana = createPager();
    asks(ana);
    for (const guess of ['OK', 'YES', 'ACK', '48', '0048', '1', 'swap']) ana.replies(guess, { channel: 'sms' });
    assert.deepEqual(makes(advance(ana)), []);
    assert.notEqual(ana.pager.pendingCode, null, 'none of these was a try');
    assert.equal(answers(ana, '1000'), 'That is not the code. 2 more tries.');
    assert.equal(answers(ana, '1001'), 'That is not the code. 1 more try.');
    const last = 'That is not the code. Nothing was changed, and the code does not count any more.';
    assert.equal(answers(ana, '1002'), last);
    assert.match(answers(ana, '4821') ?? '', /^Reply ACK/);
    assert.deepEqual(makes(advance(ana)), []);
    // Nor is there another code to be guessed, for hours.
    assert.match(answers(ana, 'SWAP ben tonight') ?? '', /^Three codes were wrong: no other is sent for 6 h\./);
    assert.deepEqual(begun(advance(ana)), []);
    for (reaches(ana); texts(ana).length > 0; reaches(ana));
    ana.later(6 * 3_600_000 + 1);
    assert.equal(asks(ana, '5000'), `Reply 5000 to ${what}.`);
  });

  test('wrong codes count also when they were for several requests', () => {
    const ana = createPager();
    for (const code of ['4001', '4002', '4003']) {
      asks(ana, code);
      ana.replies('1000', { channel: 'sms' });
    }
    assert.equal(ana.pager.pendingCode, null);
    assert.match(answers(ana, 'SWAP ben tonight') ?? '', /^Three codes were wrong/);
  });

  test('has one code at a time, for ten minutes, by the channel by which it was sent', () => {
    const ana = createPager();
    asks(ana, '4821');
    asks(ana, '5932');
    assert.equal(answers(ana, '4821'), 'That is not the code. 2 more tries.');
    assert.match(answers(ana, '5932', 'whatsapp') ?? '', /^Reply ACK/);
    ana.later(10 * 60_000);
    assert.match(answers(ana, '5932') ?? '', /^Reply ACK/);
    assert.deepEqual(makes(advance(ana)), []);
    assert.equal(ana.pager.pendingCode, null, 'forgotten');
  });

  test('that is refused sends no code', () => {
    const ana = createPager();
    ana.replies('SWAP bem tonight', { channel: 'sms' });
    const refused = 'There is no contact "bem": known are ana, ben.';
    completes(ana, begun(advance(ana))[0], { activity: 'prepareEntry', result: { refused } });
    assert.deepEqual(texts(ana), [refused]);
    assert.equal(ana.pager.pendingCode, null);
  });

  test('whose activity fails says so', () => {
    const ana = createPager();
    ana.replies('SWAP ben tonight', { channel: 'sms' });
    const failure = { type: 'timeout', message: 'no worker', detail: undefined };
    ana.input({ type: 'failed', id: begun(advance(ana))[0] ?? '', failure });
    assert.match(texts(ana)[0] ?? '', /^Nothing was changed/);
    reaches(ana);
    asks(ana);
    ana.replies('4821', { channel: 'sms' });
    ana.input({ type: 'failed', id: makes(advance(ana))[0]?.id ?? '', failure });
    assert.match(texts(ana)[0] ?? '', /^It is not known whether this was done\. Reply WHO/);
  });

  test('that was queued before the third wrong code gets no code', () => {
    const ana = createPager();
    asks(ana);
    ana.replies('WHO', { channel: 'sms' });
    ana.replies('SWAP ben tonight', { channel: 'sms' });
    const [who] = begun(advance(ana));
    for (const guess of ['1000', '1001', '1002']) ana.replies(guess, { channel: 'sms' });
    completes(ana, who);
    completes(ana, begun(advance(ana))[0], { activity: 'prepareEntry', result: { code: '5000', what, entry } });
    assert.equal(ana.pager.pendingCode, null);
    const answer = ana.pager.replies.findLast(({ verb }) => verb === 'swap')?.text ?? '';
    assert.match(answer, /^Three codes were wrong: no other is sent for 6 h\./);
    assert.ok(ana.pager.outbox.every(({ text }) => !text.includes('5000')));
  });

  test('is not waited for by a run that drains: the next one does it again, by the same id', () => {
    const ana = createPager();
    asks(ana);
    ana.replies('4821', { channel: 'sms' });
    const [made] = makes(advance(ana));
    const cancelled = advance(ana, true).flatMap((effect) => (effect.type === 'cancel' ? [effect.id] : []));
    assert.deepEqual(cancelled, [made?.id]);
    ana.input({ type: 'cancelled', id: made?.id ?? '' });
    assert.equal(pagerMachine.hasInFlight(ana.pager), false);
    assert.deepEqual(advance(ana, true), [], 'nothing is said, and nothing begins');
    const carried = JSON.parse(JSON.stringify(packPager(stateOf(ana.pager)))) as ReturnType<typeof packPager>;
    const next = openPager(unpackPager(newPager('ana', ana.pager.settings, 'other'), carried));
    const again = makes(pagerMachine.advance(next, { now: ana.now(), draining: false }));
    assert.deepEqual(
      again.map(({ entry: same }) => same),
      [entry],
    );
  });

  test('is made once a code came back, also when no answer may be sent', () => {
    const ana = createPager({ answersPerHour: 2 });
    asks(ana);
    for (let n = 0; n < 5; n += 1) ana.replies('LIST', { channel: 'sms' });
    ana.replies('4821', { channel: 'sms' });
    assert.equal(makes(advance(ana)).length, 1);
  });

  test('the code that is awaited survives the next run, a number stays a number', () => {
    const ana = createPager();
    ana.page('sales', 1, 'sms');
    ana.sends('sms');
    asks(ana);
    const json = JSON.stringify(packPager(stateOf(ana.pager)));
    const carried = unpackPager(newPager('ana', ana.pager.settings, 'other'), JSON.parse(json) as never);
    assert.deepEqual(carried.pendingCode, ana.pager.pendingCode);
    ana.replies('1', { channel: 'sms' });
    assert.deepEqual(
      ana.reports().filter((report) => report.startsWith('ack')),
      ['acknowledge sales'],
    );
    assert.deepEqual(ana.pager.wrongCodes, []);
  });
});

describe('MUTE', () => {
  /** What the activity is asked to prepare. */
  function prepares(ana: Ana, text: string): unknown {
    ana.replies(text, { channel: 'sms' });
    const [command] = advance(ana).flatMap((effect) =>
      effect.type === 'activity' && effect.call.activity === 'prepareEntry' ? [effect.call.input.command] : [],
    );
    assert.ok(command?.verb === 'mute');
    return command.match;
  }

  test('means a project and all below it', () => {
    assert.deepEqual(prepares(createPager(), 'MUTE Finance 2h'), { project: 'Finance/**' });
    assert.deepEqual(prepares(createPager(), 'MUTE Finance/Daily/** 2h'), { project: 'Finance/Daily/**' });
  });

  /** The answer of a MUTE that no activity is asked for. */
  function answers(ana: Ana, text: string): string | null {
    ana.replies(text, { channel: 'sms' });
    assert.deepEqual(begun(advance(ana)), []);
    return ana.replyText();
  }
  /** With open items of these names, all of which were shown. */
  function withItems(...names: string[]): Ana {
    const ana = createPager();
    for (const name of names) {
      ana.page(name, 1, 'sms');
      ana.sends('sms');
      ana.later(11 * 60_000);
    }
    return ana;
  }

  test('means an item by its number', () => {
    assert.deepEqual(prepares(withItems('Sales EU', 'Stock'), 'MUTE 2 2h'), { item: 'Stock' });
    assert.equal(answers(withItems('Sales EU'), 'MUTE 2 2h'), 'There is no number 2.');
    assert.deepEqual(prepares(withItems('2'), 'MUTE "2" 2h'), { item: '2' });
  });

  test('means an item by a name with any dash', () => {
    for (const name of ['Sales - EU', 'Sales \u2013 EU', 'Sales\u00a0\u2014 EU'])
      assert.deepEqual(prepares(withItems(name, 'Sales'), 'MUTE sales - eu 2h'), { item: name });
    assert.deepEqual(prepares(withItems('Sales'), 'MUTE Sales - EU 2h'), { project: 'Sales - EU/**' });
  });

  test('means an item by a name as a message cut it, and asks where several fit', () => {
    const long = 'Sales and marketing by region';
    for (const text of ['MUTE "Sales and ma\u2026" 2h', 'MUTE Sales and ma... 2h', 'MUTE "sales and m..by region" 2h'])
      assert.deepEqual(prepares(withItems(long, 'Sales'), text), { item: long }, text);
    const two = withItems(long, 'Sales and mail', 'Sales');
    const asked =
      'Which one? [1] "Sales and m..g by region", [2] "Sales and mail". Reply with its number, such as MUTE 1 2h.';
    assert.equal(answers(two, 'MUTE "Sales and ma\u2026" 2h'), asked);
    assert.match(answers(two, 'MUTE "Stock and ma\u2026" 2h') ?? '', /^You have no item with a name like that\./);
  });

  test('means an item by the beginning of its name where it alone begins so, and no project has that name', () => {
    const long = 'Sales and marketing by region';
    assert.deepEqual(prepares(withItems(long, 'Sales'), 'MUTE "Sales and ma" 2h'), { item: long });
    assert.deepEqual(prepares(withItems(long), 'MUTE Sales 2h'), { project: 'Sales/**' }, 'too short to be cut');
    const two = withItems(long, 'Sales and mail');
    assert.deepEqual(prepares(two, 'MUTE "Sales and ma" 2h'), { project: 'Sales and ma/**' });
    const ana = createPager();
    ana.page('Marketing daily', 1, 'sms', { project: 'Marketing/EU' });
    assert.deepEqual(prepares(ana, 'MUTE Marketing 2h'), { project: 'Marketing/**' });
  });

  test('never silences more than one name, and none that is not known in full', () => {
    for (const [name, why] of [
      ['Sales * daily', 'its name has a *'],
      ['Sales \uFF0A daily', 'its name has a *'],
      [`${'x'.repeat(39)}..${'y'.repeat(39)}`, 'its name is too long'],
      [`${'x'.repeat(19)}..${'y'.repeat(19)}`, 'its name is too long'],
    ] as const) {
      const text = `Not possible by text: ${why}. Silence its project, or use the API.`;
      assert.equal(answers(withItems(name), 'MUTE 1 2h'), text, name);
    }
    const ana = createPager();
    ana.page('Olga Owner', 1, 'sms', { kind: 'user' });
    ana.sends('sms');
    assert.match(answers(ana, 'MUTE 1 2h') ?? '', /the name of a person is kept in no silence/);
  });

  test('means an item that the contact has, open or taken, by its name', () => {
    const ana = createPager();
    ana.page('Sales EU', 1, 'sms');
    ana.sends('sms');
    assert.deepEqual(prepares(ana, 'MUTE "sales eu" 30m'), { item: 'Sales EU' });
    const other = createPager();
    other.page('Sales EU', 1, 'sms');
    other.withdraw('Sales EU', 1, { how: 'recovered', by: null });
    assert.deepEqual(prepares(other, 'MUTE "sales eu" 30m'), { project: 'sales eu/**' });
  });

  test('is made when the code comes back', () => {
    const ana = createPager();
    ana.replies('MUTE Finance 2h', { channel: 'whatsapp' });
    const now = ana.now();
    const entry = { kind: 'silence', id: 'id', match: { project: 'Finance/**' }, from: now, to: now + 1 } as const;
    const what = 'silence project "Finance/**" until Wed 15:00 (Europe/Berlin)';
    completes(ana, begun(advance(ana))[0], { activity: 'prepareEntry', result: { code: '4821', what, entry } });
    assert.equal(sent(advance(ana))[0], `Reply 4821 to ${what}.`);
    ana.replies('4821');
    const calls = advance(ana).flatMap((effect) => (effect.type === 'activity' ? [effect.call] : []));
    assert.deepEqual(calls, [{ activity: 'makeEntry', input: { by: 'ana', entry } }]);
  });
});

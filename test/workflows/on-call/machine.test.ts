import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { day, hour, minute, second } from '../../../src/workflows/contract.js';
import { onCallMachine, type Input, type OnCallEffect } from '../../../src/workflows/on-call/machine.js';
import { wholeRequest } from '../../../src/workflows/on-call/silences.js';
import { newOnCall, restoreOnCall, type CarriedOnCall } from '../../../src/workflows/on-call/state.js';
import { detailsOf } from '../../../src/workflows/on-call/view.js';
import type { Override, Silence, SilenceConcerned } from '../../../src/workflows/on-call-contract.js';

/** The machine with a clock; pagers take notices unless a test says otherwise. */
function open() {
  let state = newOnCall();
  let now = Date.parse('2026-11-27T12:00Z');
  let draining = false;
  let memo: unknown = [];
  let silences: unknown = [];
  const logged: string[] = [];
  let dropped = 0;
  const texts: string[] = [];
  let unreached: string[] = [];
  const env = () => ({ now, draining });

  function advance(): OnCallEffect[] {
    const effects = onCallMachine.advance(state, env());
    for (const effect of effects) {
      if (effect.type === 'memo' && effect.memo['overrides']) memo = effect.memo['overrides'];
      if (effect.type === 'memo' && effect.memo['silences']) silences = effect.memo['silences'];
      if (effect.type !== 'log') continue;
      logged.push(`${effect.line.level} ${effect.line.message}`);
      dropped += Number(effect.line.about['dropped'] ?? 0);
    }
    return effects;
  }
  function input(one: Input): void {
    onCallMachine.handle(state, one, env());
    for (const effect of advance()) if (effect.type === 'activity') signal(effect);
  }
  function signal({ id, call }: Extract<OnCallEffect, { type: 'activity' }>): void {
    for (const { contact, payload } of call.input.messages)
      if (!unreached.includes(contact) && 'text' in payload) texts.push(`${contact}: ${payload.text}`);
    const result = { unreached: unreached.map((contact) => ({ contact, why: 'it has too many signals' })) };
    input({ type: 'completed', id, result: { activity: 'signalPagers', result } });
  }
  return {
    now: () => now,
    dropped: () => dropped,
    state: () => state,
    memo: () => memo,
    silences: () => silences,
    /** `ben` made it by text, so that its beginning is no notice for him. */
    silence(id: string, more: Partial<Silence> = {}, contacts: readonly string[] = ['ana', 'ben']) {
      const concerned = contacts.map((contact): SilenceConcerned => ({
        contact,
        channel: 'sms',
        ended: `${id} over`,
        endedEarly: `${id} over early`,
        ...(contact !== 'ben' && { started: `${id} begins` }),
      }));
      const silence = {
        id,
        match: { item: 'Sales' },
        from: now,
        to: now + hour,
        by: 'api',
        reason: 'Upgrade',
        ...more,
      };
      input({ type: 'make-silence', request: { silence, concerned } });
      return onCallMachine.view(state, { name: 'made', id });
    },
    endSilence(id: string) {
      input({ type: 'end-silence', id });
      return onCallMachine.view(state, { name: 'ended', what: { id } });
    },
    logged,
    texts,
    make(id: string, more: Partial<Override> = {}) {
      const override = { id, schedule: 'data', contact: 'ben', from: now, to: now + 8 * hour, by: 'api', ...more };
      const concerned = [override.contact, 'ana'].map((contact) => ({
        contact,
        channel: 'sms' as const,
        made: `${id} made`,
        ended: `${id} ended`,
      }));
      input({ type: 'make-override', request: { override, concerned } });
      return onCallMachine.view(state, { name: 'made', id });
    },
    end(id: string, schedule = 'data') {
      input({ type: 'end-override', request: { id, schedule } });
      return onCallMachine.view(state, { name: 'ended', what: { id, schedule } });
    },
    later(ms: number) {
      now += ms;
      for (const effect of advance()) if (effect.type === 'activity') signal(effect);
    },
    wakesIn: () => {
      const wake = onCallMachine.wakeAt(state, env());
      return wake === null ? null : wake.at - now;
    },
    cannotSignal(...contacts: string[]) {
      unreached = contacts;
    },
    drain() {
      draining = true;
    },
    /** @param carries what the next run gets of the state */
    continueAsNew(carries: (state: CarriedOnCall) => CarriedOnCall = (carried) => carried) {
      assert.equal(onCallMachine.hasInFlight(state), false);
      draining = false;
      state = restoreOnCall(carries(JSON.parse(JSON.stringify(state)) as CarriedOnCall));
      memo = undefined;
      for (const effect of advance()) if (effect.type === 'activity') signal(effect);
    },
    advance,
    handle: (one: Input) => onCallMachine.handle(state, one, env()),
    details: () => detailsOf(state, now),
  };
}

describe('an override', () => {
  test('is in the memo when it is made, and both people get a notice', () => {
    const onCall = open();
    assert.equal(onCall.make('a', { by: 'Olga Owner' }), null);
    assert.deepEqual(onCall.memo(), [
      {
        id: 'a',
        schedule: 'data',
        contact: 'ben',
        from: '2026-11-27T12:00:00.000Z',
        to: '2026-11-27T20:00:00.000Z',
        by: 'api',
      },
    ]);
    assert.deepEqual(onCall.texts, ['ben: a made', 'ana: a made']);
    assert.deepEqual(onCall.logged, ['info override made']);
    assert.match(onCall.details(), /- data: ben from .*12:00.* to .*20:00/);
  });

  test('that is requested again is not made again, and nobody is notified again', () => {
    const onCall = open();
    onCall.make('a');
    const again = onCall.make('a', { contact: 'cleo' });
    assert.equal(again, null);
    assert.equal(onCall.state().overrides.length, 1);
    assert.equal(onCall.texts.length, 2);
    onCall.end('a');
    onCall.make('a');
    assert.deepEqual(onCall.memo(), [], 'a late copy does not make it again after it was ended');
  });

  test('cannot overlap another of the same schedule; the end is excluded', () => {
    const onCall = open();
    onCall.make('a');
    assert.match(
      onCall.make('b', { from: onCall.now() + hour })?.message ?? '',
      /^from and to overlap the override a \(ben from/,
    );
    assert.equal(onCall.make('c', { schedule: 'ops' }), null);
    assert.equal(onCall.make('d', { from: onCall.now() + 8 * hour, to: onCall.now() + 9 * hour }), null);
    assert.equal(onCall.state().overrides.length, 3);
    assert.equal(onCall.texts.length, 6);
  });

  test('is refused when it is past, ends before it begins, is too long or too far ahead, by the field', () => {
    const onCall = open();
    const now = onCall.now();
    for (const [times, field, message] of [
      [{ from: now - hour }, 'from', /^from is past/],
      [{ from: now + 367 * day, to: now + 368 * day }, 'from', /within a year/],
      [{ to: now }, 'to', /^to must be after from/],
      [{ from: now - 2 * minute, to: now - minute }, 'to', /^to is past/],
      [{ to: now + 90 * day + 1 }, 'to', /at most 90 days/],
    ] as const) {
      const refusal = onCall.make('a', times);
      assert.equal(refusal?.field, field);
      assert.match(refusal?.message ?? '', message);
    }
    assert.deepEqual(onCall.memo(), []);
    assert.deepEqual(onCall.texts, []);
    assert.equal(onCall.make('a', { from: now - minute, to: now + 90 * day - minute }), null);
  });

  test('is refused while there are 200 that are not over', () => {
    const onCall = open();
    for (let n = 0; n < 200; n += 1) assert.equal(onCall.make(`${n}`, { schedule: `s-${n}` }), null);
    assert.deepEqual(onCall.make('more', { schedule: 'other' }), {
      field: null,
      message: 'There are 200 overrides already, which is the most: end one first.',
    });
    onCall.end('7', 's-7');
    assert.equal(onCall.make('more', { schedule: 'other' }), null);
  });

  test('ends early when somebody ends it, and both people get a notice; again changes nothing', () => {
    const onCall = open();
    onCall.make('a');
    onCall.later(hour);
    assert.equal(onCall.end('a'), true);
    onCall.later(minute);
    assert.equal(onCall.end('a'), true);
    assert.deepEqual(onCall.texts.slice(2), ['ben: a ended', 'ana: a ended']);
    assert.match(JSON.stringify(onCall.memo()), /"to":"2026-11-27T13:00:00.000Z"/);
    assert.equal(onCall.make('b'), null);
    assert.equal(onCall.details().match(/^- /gm)?.length, 1);
  });

  test('that is ended before it begins was never one', () => {
    const onCall = open();
    onCall.make('a', { from: onCall.now() + hour });
    onCall.end('a');
    assert.deepEqual(onCall.memo(), []);
  });

  test('of another schedule, and one that is not known, cannot be ended', () => {
    const onCall = open();
    onCall.make('a');
    assert.equal(onCall.end('a', 'ops'), false);
    assert.equal(onCall.end('b'), false);
    assert.equal(onCall.texts.length, 2);
  });

  test('is forgotten a day after it is over', () => {
    const onCall = open();
    onCall.make('a');
    assert.equal(onCall.wakesIn(), 32 * hour);
    onCall.later(32 * hour - 1);
    assert.equal(onCall.end('a'), true);
    onCall.later(1);
    assert.deepEqual([onCall.memo(), onCall.end('a'), onCall.wakesIn()], [[], false, null]);
    assert.equal(onCall.texts.length, 2);
  });
});

describe('a silence', () => {
  test('is in the memo when it is made, without a number and the name of a person, until a day after it is over', () => {
    const onCall = open();
    assert.equal(onCall.silence('a', { by: 'Olga Owner', reason: 'Upgrade, call +1 555 000 0001' }), null);
    assert.deepEqual(onCall.silences(), [
      {
        id: 'a',
        match: { item: 'Sales' },
        from: '2026-11-27T12:00:00.000Z',
        to: '2026-11-27T13:00:00.000Z',
        reason: 'Upgrade, call.',
        by: 'api',
      },
    ]);
    assert.deepEqual(onCall.memo(), []);
    assert.match(onCall.details(), /- item Sales from/);
    assert.deepEqual(onCall.logged, ['info silence made']);
    onCall.later(hour);
    assert.equal(onCall.wakesIn(), day);
    onCall.later(day);
    assert.deepEqual(onCall.silences(), []);
  });

  test('may overlap others; a copy of its request changes nothing', () => {
    const onCall = open();
    onCall.silence('a');
    onCall.silence('a', { reason: 'Other' });
    assert.equal(onCall.silence('b'), null);
    assert.equal(onCall.state().silences.length, 2);
  });

  test('is kept when it is over, but no more than 50 of them', () => {
    const onCall = open();
    onCall.silence('open');
    for (let n = 0; n < 80; n += 1) {
      onCall.silence(`${n}`);
      onCall.endSilence(`${n}`);
    }
    const ids = onCall.state().silences.map(({ id }) => id);
    assert.equal(ids.length, 51);
    assert.deepEqual([ids[0], ids[1], ids.at(-1)], ['open', '30', '79']);
  });

  test('is refused by its own names of the fields, and while there are 200', () => {
    const onCall = open();
    assert.match(onCall.silence('a', { to: onCall.now() })?.message ?? '', /^end must be after start/);
    for (let n = 0; n < 200; n += 1) onCall.silence(`${n}`);
    assert.equal(onCall.silence('more')?.field, null);
  });

  test('ends early; what is not known does not', () => {
    const onCall = open();
    onCall.silence('a');
    onCall.later(minute);
    assert.equal(onCall.endSilence('a'), true);
    assert.equal(onCall.endSilence('b'), false);
    assert.match(JSON.stringify(onCall.silences()), /"to":"2026-11-27T12:01:00.000Z"/);
    onCall.silence('c', { from: onCall.now() + minute });
    onCall.endSilence('c');
    assert.doesNotMatch(JSON.stringify(onCall.silences()), /"c"/);
  });
});

describe('whom a silence concerns', () => {
  test('gets a notice of its beginning at once and of its end when it is over, each once', () => {
    const onCall = open();
    onCall.silence('a');
    assert.deepEqual(onCall.texts, ['ana: a begins']);
    onCall.silence('a');
    assert.equal(onCall.wakesIn(), hour);
    onCall.later(hour - 1);
    assert.equal(onCall.texts.length, 1);
    onCall.later(1);
    assert.deepEqual(onCall.texts.slice(1), ['ana: a over', 'ben: a over']);
    onCall.endSilence('a');
    onCall.silence('a');
    onCall.later(hour);
    assert.equal(onCall.texts.length, 3);
  });

  test('gets the notice of one that is planned when it begins', () => {
    const onCall = open();
    onCall.silence('a', { from: onCall.now() + hour, to: onCall.now() + 3 * hour });
    assert.deepEqual([onCall.texts, onCall.wakesIn()], [[], hour]);
    onCall.later(hour);
    assert.deepEqual([onCall.texts, onCall.wakesIn()], [['ana: a begins'], 2 * hour]);
    onCall.later(2 * hour);
    assert.deepEqual(onCall.texts.slice(1), ['ana: a over', 'ben: a over']);
    assert.equal(onCall.wakesIn(), day);
  });

  test('gets another text when it is ended early, and none at its planned end', () => {
    const onCall = open();
    onCall.silence('a');
    onCall.later(minute);
    onCall.endSilence('a');
    assert.deepEqual(onCall.texts.slice(1), ['ana: a over early', 'ben: a over early']);
    onCall.later(2 * hour);
    assert.equal(onCall.texts.length, 3);
  });

  test('gets nothing of one that was ended before it began', () => {
    const onCall = open();
    onCall.silence('a', { from: onCall.now() + hour, to: onCall.now() + 2 * hour });
    onCall.endSilence('a');
    onCall.later(3 * hour);
    assert.deepEqual(onCall.texts, []);
  });

  test('gets the end alone where no worker ran in between, also of many that ended at the same time', () => {
    const onCall = open();
    for (let n = 0; n < 80; n += 1)
      onCall.silence(`${n}`, { from: onCall.now() + hour, to: onCall.now() + 2 * hour }, ['ana']);
    onCall.later(3 * day);
    for (let n = 0; n < 5; n += 1) onCall.later(0);
    assert.deepEqual(onCall.texts.toSorted(), Array.from({ length: 80 }, (_, n) => `ana: ${n} over`).toSorted());
    assert.deepEqual(onCall.state().silences, []);
  });

  test('gets what became due while a run drained from the next one, once', () => {
    const onCall = open();
    onCall.silence('a');
    onCall.drain();
    onCall.silence('b', { from: onCall.now() + minute, to: onCall.now() + 3 * hour });
    onCall.later(hour);
    assert.deepEqual([onCall.texts, onCall.wakesIn()], [['ana: a begins'], null]);
    onCall.continueAsNew();
    assert.deepEqual(onCall.texts.slice(1), ['ana: a over', 'ben: a over', 'ana: b begins']);
    assert.equal(onCall.wakesIn(), 2 * hour);
    onCall.later(2 * hour);
    assert.deepEqual(onCall.texts.slice(4), ['ana: b over', 'ben: b over']);
    onCall.continueAsNew();
    assert.equal(onCall.texts.length, 6);
  });

  test('gets it from the next run where this one ended before the time came', () => {
    const onCall = open();
    onCall.silence('a', { from: onCall.now() + hour, to: onCall.now() + 2 * hour });
    onCall.continueAsNew();
    assert.equal(onCall.wakesIn(), hour);
    onCall.later(hour);
    onCall.continueAsNew();
    onCall.later(hour);
    assert.deepEqual(onCall.texts, ['ana: a begins', 'ana: a over', 'ben: a over']);
  });

  test('is nobody for one that an earlier version made', () => {
    const onCall = open();
    onCall.silence('a');
    onCall.continueAsNew(({ silences = [], ...carried }) => ({
      ...carried,
      silences: silences.map(({ concerned: _concerned, announced: _announced, ...earlier }) => earlier),
    }));
    assert.deepEqual(onCall.state().silences[0]?.concerned, []);
    onCall.later(hour);
    assert.deepEqual(onCall.texts, ['ana: a begins']);
    onCall.later(day);
    assert.deepEqual(onCall.state().silences, []);
  });
});

describe('a notice', () => {
  test('that a pager does not take is tried again until it does, in order, and delays nobody else', () => {
    const onCall = open();
    onCall.cannotSignal('ana');
    onCall.make('a');
    onCall.end('a');
    assert.deepEqual(onCall.texts, ['ben: a made', 'ben: a ended']);
    assert.equal(onCall.wakesIn(), 5 * second);
    onCall.later(5 * second);
    assert.equal(onCall.wakesIn(), 10 * second);
    onCall.cannotSignal();
    onCall.later(10 * second);
    assert.deepEqual(onCall.texts.slice(2), ['ana: a made', 'ana: a ended']);
    assert.ok(onCall.logged.includes('warn A pager did not take a notice and gets it again'));
  });

  test('that waits while too many others do is dropped, with a line in the log', () => {
    const onCall = open();
    onCall.cannotSignal('ana', 'ben');
    for (let n = 0; n < 190; n += 1) onCall.make(`${n}`, { schedule: `s-${n}` });
    const warned = () => onCall.logged.filter((line) => line.endsWith('the oldest were dropped')).length;
    assert.equal(warned(), 0);
    for (let n = 0; n < 20; n += 1) onCall.end(`${n}`, `s-${n}`);
    assert.ok(warned() > 0);
    assert.ok(onCall.dropped() >= 2 && onCall.state().notices.length <= 420, `${onCall.dropped()} dropped`);
  });

  test('goes again when its activity failed', () => {
    const onCall = open();
    onCall.handle({
      type: 'make-override',
      request: {
        override: { id: 'a', schedule: 'data', contact: 'ben', from: onCall.now(), to: onCall.now() + hour, by: 'api' },
        concerned: [{ contact: 'ben', channel: 'sms', made: 'made', ended: 'ended' }],
      },
    });
    const begun = onCall.advance().find(({ type }) => type === 'activity');
    assert.ok(begun?.type === 'activity');
    assert.equal(onCallMachine.hasInFlight(onCall.state()), true);
    onCall.handle({ type: 'failed', id: begun.id, failure: { type: 'timeout', message: 'late', detail: undefined } });
    onCall.later(5 * second);
    assert.deepEqual(onCall.texts, ['ben: made']);
  });

  test('waits for the next run while this one is about to continue as new', () => {
    const onCall = open();
    onCall.drain();
    onCall.make('a');
    assert.deepEqual([onCall.texts, onCall.wakesIn()], [[], null]);
    assert.match(JSON.stringify(onCall.memo()), /"id":"a"/);
    onCall.continueAsNew();
    assert.match(
      JSON.stringify(onCall.memo()),
      /"id":"a"/,
      'the new run writes the memo, whatever Temporal carries over',
    );
    onCall.later(0);
    assert.equal(onCall.state().overrides.length, 1);
  });
});

test('a cancelled workflow ends', () => {
  const onCall = open();
  onCall.handle({ type: 'cancel-requested' });
  assert.deepEqual(onCall.advance().at(-1), { type: 'end', cancelled: true });
});

test('an api of an earlier version sends a silence alone', () => {
  const silence: Silence = { id: 'a', match: { item: 'Sales' }, from: 0, to: 1, by: 'api', reason: 'Upgrade' };
  assert.deepEqual(wholeRequest(silence), { silence, concerned: [] });
  const whole = { silence, concerned: [] };
  assert.equal(wholeRequest(whole), whole);
});

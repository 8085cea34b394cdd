import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minute, second } from '../../../src/workflows/contract.js';
import type { DeliveryReport, IntakeEntry } from '../../../src/workflows/intake-contract.js';
import { detailsOf, intakeMachine, newIntake, type IntakeEffect } from '../../../src/workflows/intake/machine.js';

const at = (name: string) => ({ incident: `refresh:site:${name}` });
const event = {
  type: 'WorkbookRefreshFailed',
  item: { kind: 'workbook', luid: 'a', name: 'A', site: 'site' },
  createdAt: 0,
  receivedAt: 0,
} as const;
const failure = (name: string): IntakeEntry => ({
  ...at(name),
  what: 'failure',
  event,
  policy: 'default',
  summary: '',
});
const end = (name: string): IntakeEntry => ({ ...at(name), what: 'end', event });
const shared = { policies: {}, settings: { lingerMs: 0, forgetMs: 0 }, searchAttributes: false };

/** A batch, and a clock. */
function open(entries: IntakeEntry[]) {
  const machine = intakeMachine(shared);
  const state = newIntake({ ...shared, entries });
  let now = 1_000_000;
  const env = () => ({ now, draining: false });
  const advance = (): IntakeEffect[] => machine.advance(state, env());
  return {
    state,
    advance,
    /** Names of the incidents of the delivery that begins now; null when none does. */
    delivers(): string[] | null {
      const effect = advance().find(({ type }) => type === 'activity');
      return effect?.type === 'activity' ? effect.call.input.entries.map(({ incident }) => incident.slice(13)) : null;
    },
    reports(report: Partial<DeliveryReport>): void {
      const result = { waiting: [], failed: [], hasEarlierBatch: false, ...report };
      machine.handle(
        state,
        { type: 'completed', id: state.inFlight?.id ?? '', result: { activity: 'deliver', report: result } },
        env(),
      );
    },
    fails: () =>
      machine.handle(
        state,
        {
          type: 'failed',
          id: state.inFlight?.id ?? '',
          failure: { type: 'timeout', message: 'timeout', detail: null },
        },
        env(),
      ),
    cancel: () => machine.handle(state, { type: 'cancel-requested' }, env()),
    later: (ms: number) => (now += ms),
    waitMs: () => (machine.wakeAt(state, env())?.at ?? Number.NaN) - now,
  };
}
const lines = (effects: readonly IntakeEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'log' ? [effect.line] : []));
const types = (effects: readonly IntakeEffect[]) => effects.map(({ type }) => type);

test('a batch whose events are all delivered ends', () => {
  const batch = open([failure('a'), failure('b')]);
  assert.deepEqual(batch.delivers(), ['a', 'b']);
  assert.equal(batch.delivers(), null, 'one delivery at a time');
  batch.reports({});
  assert.deepEqual(batch.advance(), [{ type: 'end', cancelled: false }]);
});

test('what fails is delivered again after 1, 2, 4, … at most 30 s, and without the others', () => {
  const batch = open([failure('a'), failure('b'), failure('c')]);
  const waits: number[] = [];
  for (let n = 0; n < 7; n += 1) {
    assert.deepEqual(batch.delivers(), n === 0 ? ['a', 'b', 'c'] : ['b']);
    batch.reports({ failed: [{ index: n === 0 ? 1 : 0, why: 'UNAVAILABLE', permanent: false }] });
    assert.equal(batch.delivers(), null);
    waits.push(batch.waitMs() / second);
    batch.later(batch.waitMs());
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 30, 30]);
});

test('a delivery that fails as a whole is tried again with everything', () => {
  const batch = open([failure('a'), end('b')]);
  batch.delivers();
  batch.fails();
  assert.match(lines(batch.advance())[0]?.message ?? '', /not delivered yet/);
  batch.later(second);
  assert.deepEqual(batch.delivers(), ['a', 'b']);
});

test('an event that no incident can take is an alarm, and the others go on', () => {
  const batch = open([failure('a'), failure('b')]);
  batch.delivers();
  batch.reports({
    failed: [
      { index: 0, why: 'INVALID_ARGUMENT', permanent: true },
      { index: 1, why: 'UNAVAILABLE', permanent: false },
    ],
  });
  const [line] = lines(batch.advance());
  assert.equal(line?.level, 'error');
  assert.deepEqual(line?.about, { ...at('a'), why: 'INVALID_ARGUMENT', alarm: 'event-undeliverable' });
  assert.match(detailsOf(batch.state), /\*\*1 cannot be delivered\*\*/);
  batch.later(second);
  assert.deepEqual(batch.delivers(), ['b']);
  batch.reports({});
  assert.deepEqual(types(batch.advance()), ['end']);
  assert.equal(batch.state.undeliverable, 1, 'the workflow fails by it');
});

describe('what only a running incident takes', () => {
  /** Lets the batch try until it ends; gives when each try began, from now. */
  function triesOf(batch: ReturnType<typeof open>, report: (n: number) => Partial<DeliveryReport>): number[] {
    const tries: number[] = [];
    let passedMs = 0;
    for (let n = 0; n < 50; n += 1) {
      if (batch.delivers() === null) break;
      tries.push(passedMs);
      batch.reports(report(n));
      const waitMs = batch.waitMs();
      batch.later(waitMs);
      passedMs += waitMs;
    }
    return tries;
  }

  test('is tried until 2 min after the last earlier batch, and the memo says that the batch only waits', () => {
    const batch = open([failure('a'), end('b')]);
    batch.delivers();
    batch.later(10 * second);
    batch.reports({ waiting: [1], hasEarlierBatch: true });
    assert.deepEqual(batch.advance(), [{ type: 'memo', memo: { intake: { waiting: 1 } } }]);
    batch.later(batch.waitMs());
    const tries = triesOf(batch, () => ({ waiting: [0] }));
    const last = tries.at(-1) ?? 0;
    assert.ok(last >= 2 * minute - 10 * second && last <= 3 * minute, `${last / second} s`);
    assert.ok(tries.length <= 6, `${tries.length} tries`);
    assert.equal(batch.state.remaining.length, 0);
  });

  test('waits anew after each sign of an earlier batch, and after failures of its own', () => {
    const batch = open([end('b')]);
    const tries = triesOf(batch, (n) => ({ waiting: [0], hasEarlierBatch: n < 5 }));
    assert.ok((tries.at(-1) ?? 0) >= (tries[4] ?? 0) + 2 * minute, tries.join());

    const mixed = open([end('b'), failure('a')]);
    mixed.delivers();
    mixed.later(5 * minute);
    mixed.reports({ waiting: [0] });
    mixed.later(mixed.waitMs());
    assert.deepEqual(mixed.delivers(), ['b'], 'its own failures took 5 min');
  });

  test('is not given up by a try that did not reach Temporal', () => {
    const batch = open([end('b')]);
    batch.delivers();
    batch.later(5 * minute);
    batch.reports({ failed: [{ index: 0, why: 'UNAVAILABLE', permanent: false }] });
    batch.later(batch.waitMs());
    assert.deepEqual(batch.delivers(), ['b']);
    batch.reports({});
    assert.deepEqual(types(batch.advance()), ['end']);
  });

  test('is not given up by a try that began early, however long it took', () => {
    const batch = open([end('b')]);
    batch.delivers();
    // Its worker died, and the next one went on.
    batch.later(10 * minute);
    batch.reports({ waiting: [0] });
    batch.later(batch.waitMs());
    assert.deepEqual(batch.delivers(), ['b']);
  });

  test('is named when no incident has begun', () => {
    const batch = open([end('b')]);
    batch.delivers();
    batch.reports({ waiting: [0] });
    batch.later(2 * minute);
    batch.delivers();
    batch.reports({ waiting: [0] });
    const effects = batch.advance();
    assert.deepEqual(types(effects), ['log', 'end']);
    assert.deepEqual(lines(effects)[0], {
      level: 'info',
      message: 'no incident runs for these events',
      about: { count: 1, incidents: ['refresh:site:b'] },
    });
  });
});

test('a batch that somebody cancels ends after its delivery, with an alarm that counts what is left', () => {
  const batch = open([failure('a'), failure('b')]);
  batch.delivers();
  batch.cancel();
  assert.deepEqual(batch.advance(), []);
  batch.reports({ failed: [{ index: 1, why: 'UNAVAILABLE', permanent: false }] });
  const effects = batch.advance();
  assert.deepEqual(effects.at(-1), { type: 'end', cancelled: true });
  assert.deepEqual(lines(effects).at(-1)?.about, { undelivered: 1, alarm: 'event-undeliverable' });

  const delivered = open([failure('a')]);
  delivered.delivers();
  delivered.cancel();
  delivered.reports({});
  assert.deepEqual(delivered.advance(), [{ type: 'end', cancelled: false }], 'with nothing left it has not failed');
});

test('a report that comes twice changes nothing', () => {
  const batch = open([failure('a'), failure('b')]);
  batch.delivers();
  const id = batch.state.inFlight?.id ?? '';
  batch.reports({ failed: [{ index: 1, why: 'UNAVAILABLE', permanent: false }] });
  const before = structuredClone(batch.state);
  intakeMachine(shared).handle(
    batch.state,
    {
      type: 'completed',
      id,
      result: { activity: 'deliver', report: { waiting: [], failed: [], hasEarlierBatch: false } },
    },
    { now: 0, draining: false },
  );
  assert.deepEqual(batch.state, before);
});

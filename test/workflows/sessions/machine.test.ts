import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute } from '../../../src/workflows/contract.js';
import {
  isEnded,
  nothingEnded,
  sessionMs,
  type EndedSessions,
  type EndSignal,
} from '../../../src/workflows/sessions-contract.js';
import {
  newSessions,
  restoreSessions,
  sessionsMachine,
  type Sessions,
} from '../../../src/workflows/sessions/machine.js';

const start = Date.UTC(2026, 10, 30, 3);

/** The workflow from one signal to the next. `ended` is what readers see. */
function workflow(state: Sessions = newSessions()) {
  let now = start;
  let ended: EndedSessions | null = null;
  let isOver = false;
  const advance = () => {
    for (const effect of sessionsMachine.advance(state, { now, draining: false })) {
      if (effect.type === 'memo') ended = effect.memo['ended'] as EndedSessions;
      if (effect.type === 'end') isOver = true;
    }
  };
  return {
    state,
    signal: (signal: EndSignal) => {
      sessionsMachine.handle(state, { type: 'end', signal }, { now, draining: false });
      advance();
    },
    later: (ms: number) => {
      now += ms;
      advance();
    },
    ended: () => ended ?? nothingEnded,
    isOver: () => isOver,
    wakesAt: () => sessionsMachine.wakeAt(state, { now, draining: false })?.at ?? null,
  };
}

const session = (id: string, begunAt = start) => ({ id, person: `of ${id}`, begunAt });
const ending = (id: string, begunAt = start): EndSignal => ({ what: 'session', id, until: begunAt + sessionMs });

describe('a session that was ended', () => {
  test('counts no more, others do, and it is forgotten when it would be over anyway', () => {
    const { signal, ended, later, wakesAt, isOver } = workflow();
    signal(ending('stolen', start - hour));
    signal(ending('stolen', start - hour));
    assert.equal(isEnded(ended(), session('stolen')), true);
    assert.equal(isEnded(ended(), session('mine')), false);
    assert.equal(ended().sessions.length, 1, 'a copy changes nothing');
    assert.equal(wakesAt(), start + 11 * hour);
    later(11 * hour);
    assert.deepEqual(ended(), nothingEnded);
    assert.equal(isOver(), true, 'nothing is left to remember');
  });

  test('is remembered by the next run', () => {
    const first = workflow();
    first.signal(ending('stolen'));
    const { later, ended } = workflow(restoreSessions(structuredClone(first.state)));
    later(minute);
    assert.equal(isEnded(ended(), session('stolen')), true);
  });
});

test('all sessions of a person that began before end, and those that begin later count', () => {
  const { signal, ended, later } = workflow();
  const before = start + minute;
  signal({ what: 'person', person: 'of ana', before });
  signal({ what: 'person', person: 'of ana', before: start });
  assert.equal(isEnded(ended(), session('ana', start)), true);
  assert.equal(isEnded(ended(), session('ana', before)), false);
  assert.equal(isEnded(ended(), session('ben', start)), false);
  later(sessionMs + minute);
  assert.deepEqual(ended(), nothingEnded);
});

test('where too many are ended none of them counts again: all others of their time end with the oldest', () => {
  const { signal, ended, later, isOver } = workflow();
  const begunAt = (n: number) => start + n * 1_000;
  for (let n = 0; n < 700; n += 1) signal(ending(`s${n}`, begunAt(n)));
  assert.ok(JSON.stringify(ended()).length < 60_000);
  for (let n = 0; n < 700; n += 1) assert.equal(isEnded(ended(), session(`s${n}`, begunAt(n))), true, `s${n}`);
  assert.equal(isEnded(ended(), session('newer', begunAt(650))), false);
  later(sessionMs + 700_000);
  assert.equal(isOver(), true);
});

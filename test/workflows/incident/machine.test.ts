/** The incident machine alone: its effects, draining, and what the next run restores. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute, type EventSignal } from '../../../src/workflows/contract.js';
import { incidentMachine, type IncidentEffect, type Input } from '../../../src/workflows/incident/machine.js';
import { newIncident, restoreIncident, type Incident } from '../../../src/workflows/incident/state.js';
import { policy, start } from '../../helpers/incident.js';

const input = {
  id: 'refresh:site:sales',
  settings: { lingerMs: hour, forgetMs: 7 * 24 * hour },
  searchAttributes: true,
};
const item = { kind: 'workbook', luid: 'sales', name: 'Sales', site: 'site' } as const;
const failure = (createdAt: number): EventSignal => ({
  event: { type: 'WorkbookRefreshFailed', item, createdAt, receivedAt: createdAt },
  policy,
});

/** One turn: handles the inputs and returns the effects. */
function turn(incident: Incident, now: number, inputs: Input[] = [], draining = false): IncidentEffect[] {
  for (const one of inputs) incidentMachine.handle(incident, one, { now, draining });
  return incidentMachine.advance(incident, { now, draining });
}

const begun = (effects: IncidentEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'activity' ? [{ id: effect.id, activity: effect.call.activity }] : []));
const cancelled = (effects: IncidentEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'cancel' ? [effect.id] : []));

const lookedUp = { learnt: { problems: [] }, pending: [] };

/** An incident whose first page is being signalled. */
function signalling(): { incident: Incident; id: string } {
  const incident = newIncident(input, 'uuid');
  const [first] = begun(turn(incident, start, [{ type: 'event', event: failure(start) }]));
  assert.equal(first?.activity, 'signalPagers');
  return { incident, id: first?.id ?? '' };
}

test('an effect that has begun is not returned again', () => {
  const { incident } = signalling();
  assert.deepEqual(begun(turn(incident, start + 200)), []);
  assert.equal(incidentMachine.hasInFlight(incident), true);
});

test('an answer supersedes pages that are being signalled, and keeps the other signals of the batch', () => {
  const { incident, id } = signalling();
  const answer = { answerId: 'a', verb: 'acknowledge', by: 'script' } as const;
  const effects = turn(incident, start + 300, [{ type: 'answer', answer }]);
  assert.deepEqual(cancelled(effects), [id]);
  const next = effects.find((effect) => effect.type === 'activity');
  assert.ok(next?.type === 'activity' && next.call.activity === 'signalPagers');
  assert.deepEqual(
    next.call.input.messages.map(({ signal, contact }) => `${signal} ${contact}`),
    ['withdraw ana', 'notice ana'],
  );
  // The result of the cancelled activity comes late and changes nothing.
  const before = structuredClone(incident);
  incidentMachine.handle(incident, { type: 'cancelled', id }, { now: start + 400, draining: false });
  assert.deepEqual(incident, before);
});

test('a cancellation of the workflow supersedes pages that are being signalled', () => {
  const { incident, id } = signalling();
  assert.deepEqual(cancelled(turn(incident, start + 300, [{ type: 'cancel-requested' }])), [id]);
});

test('signals without a page do not wait for a look-up', () => {
  const { incident, id } = signalling();
  const success: EventSignal = {
    event: { type: 'WorkbookRefreshSucceeded', item, createdAt: start + 1_000, receivedAt: start + 1_000 },
  };
  // It works again and fails once more before the incident processes either.
  const effects = turn(incident, start + 2_000, [
    { type: 'event', event: success },
    { type: 'event', event: failure(start + 2_000) },
  ]);
  assert.deepEqual(cancelled(effects), [id]);
  const [withdrawal, lookUp] = effects.flatMap((effect) => (effect.type === 'activity' ? [effect.call] : []));
  assert.ok(withdrawal?.activity === 'signalPagers');
  assert.ok(withdrawal.input.messages.every(({ signal }) => signal !== 'page'));
  assert.deepEqual([withdrawal.input.lookUp, lookUp?.activity], [undefined, 'lookUp']);
});

describe('while a run drains', () => {
  test('nothing new begins; reads are cancelled and begin again in the next run', () => {
    const incident = newIncident(input, 'uuid');
    // It arrives late, so that Tableau is asked whether it has recovered before anybody is paged.
    const late: Input = { type: 'event', event: failure(start - 2 * minute) };
    late.event.event.receivedAt = start;
    const reads = begun(turn(incident, start, [late]));
    assert.deepEqual(
      reads.map(({ activity }) => activity),
      ['hasRecovered', 'lookUp'],
    );
    const ids = reads.map(({ id }) => id);
    const effects = turn(incident, start + 50, [], true);
    assert.deepEqual([begun(effects), cancelled(effects)], [[], ids]);
    const ended = ids.map((id): Input => ({ type: 'cancelled', id }));
    assert.deepEqual(begun(turn(incident, start + 60, ended, true)), []);
    assert.equal(incidentMachine.hasInFlight(incident), false);

    const next = restoreIncident(input, JSON.parse(JSON.stringify(incident)) as Partial<Incident>);
    const again = begun(turn(next, start + 70));
    assert.deepEqual(
      again.map(({ activity }) => activity),
      ['hasRecovered', 'lookUp'],
    );
    assert.ok(again.every(({ id }) => !ids.includes(id)));
  });

  test('it waits for results alone: what is due cannot begin, and would be due again at once', () => {
    const { incident, id } = signalling();
    turn(incident, start + 200, [
      { type: 'completed', id, result: { activity: 'signalPagers', result: { unreached: [], lookedUp } } },
      { type: 'page-sent', sent: { pageId: 'uuid-1.1', at: start + 200 } },
    ]);
    const due = start + 200 + 5 * minute;
    const [next] = begun(turn(incident, due));
    assert.equal(next?.activity, 'signalPagers');
    const later = { now: due + 2 * hour, draining: true };
    turn(incident, later.now, [], true);
    assert.equal(incidentMachine.hasInFlight(incident), true);
    assert.equal(incidentMachine.wakeAt(incident, later), null);
  });

  test('a step that is due is taken by the next run', () => {
    const { incident, id } = signalling();
    turn(incident, start + 200, [
      { type: 'completed', id, result: { activity: 'signalPagers', result: { unreached: [], lookedUp } } },
      { type: 'page-sent', sent: { pageId: 'uuid-1.1', at: start + 200 } },
    ]);
    const due = start + 200 + 5 * minute;
    assert.equal(incidentMachine.wakeAt(incident, { now: due, draining: false })?.at, due);
    assert.deepEqual(begun(turn(incident, due, [], true)), []);
    assert.equal(incidentMachine.wakeAt(incident, { now: due, draining: true }), null);
    const next = restoreIncident(input, JSON.parse(JSON.stringify(incident)) as Partial<Incident>);
    assert.deepEqual(
      begun(turn(next, due)).map(({ activity }) => activity),
      ['signalPagers'],
    );
  });
});

test('a state of an earlier version gets defaults for missing fields', () => {
  const { timeline: _timeline, lookUp: _lookUp, cancelling: _cancelling, ...earlier } = signalling().incident;
  const restored = restoreIncident(input, earlier);
  assert.deepEqual([restored.timeline, restored.lookUp, restored.cancelling, restored.version], [[], null, false, 1]);
  assert.equal(restored.state, 'triggered');
});

test('a cancelled workflow withdraws its pages before it ends', () => {
  const { incident, id } = signalling();
  turn(incident, start + 200, [{ type: 'completed', id, result: { activity: 'signalPagers' } }]);
  const effects = turn(incident, start + 300, [{ type: 'cancel-requested' }]);
  const [withdrawal] = begun(effects);
  assert.equal(withdrawal?.activity, 'signalPagers');
  assert.ok(!effects.some(({ type }) => type === 'end'));
  const last = turn(incident, start + 400, [
    { type: 'completed', id: withdrawal?.id ?? '', result: { activity: 'signalPagers' } },
  ]);
  assert.deepEqual(
    last.filter(({ type }) => type === 'end'),
    [{ type: 'end', cancelled: true }],
  );
});

test('memo and search attributes are commands only when they change', () => {
  const { incident, id } = signalling();
  const shown = (effects: IncidentEffect[]) =>
    effects.map(({ type }) => type).filter((type) => type === 'memo' || type === 'search-attributes');
  const sent: Input[] = [
    { type: 'completed', id, result: { activity: 'signalPagers' } },
    { type: 'page-sent', sent: { pageId: 'uuid-1.1', at: start + 200 } },
  ];
  assert.deepEqual(shown(turn(incident, start + 200, sent)), ['memo'], 'the api wrote the search attributes');
  assert.deepEqual(shown(turn(incident, start + 300)), []);
  const resolved = { answerId: 'b', verb: 'resolve', by: 'script' } as const;
  const answered = turn(incident, start + 400, [{ type: 'answer', answer: resolved }]);
  assert.deepEqual(
    shown(answered),
    ['memo', 'search-attributes'],
    'an answer shows before the pagers have their signals',
  );
  const [withdrawal] = begun(answered);
  const done = turn(incident, start + 500, [
    { type: 'completed', id: withdrawal?.id ?? '', result: { activity: 'signalPagers' } },
  ]);
  assert.deepEqual(shown(done), []);
});

test('an answer that came past the pager of its contact settles the pages there as well', () => {
  const contacts = (isShown?: true) => {
    const { incident, id } = signalling();
    const result = { unreached: [], lookedUp };
    turn(incident, start + 200, [{ type: 'completed', id, result: { activity: 'signalPagers', result } }]);
    const answer = { answerId: 'a', verb: 'acknowledge', by: 'ana', contact: 'ana' } as const;
    const effects = turn(incident, start + 300, [{ type: 'answer', answer, ...(isShown && { isShown }) }]);
    return effects.flatMap((effect) =>
      effect.type === 'activity' && effect.call.activity === 'signalPagers'
        ? effect.call.input.messages.map(({ signal, contact }) => `${signal} ${contact}`)
        : [],
    );
  };
  assert.deepEqual(contacts(true), ['withdraw ana']);
  assert.deepEqual(contacts(), []);
});

/** An incident is handed to somebody else, and its owner is told: from a page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hour, minute, type AnswerSignal, type Policy } from '../../../src/workflows/contract.js';
import { incidentMachine, type IncidentEffect, type Input } from '../../../src/workflows/incident/machine.js';
import { newIncident, type Incident } from '../../../src/workflows/incident/state.js';
import { policy, start } from '../../helpers/incident.js';

const item = { kind: 'workbook', luid: 'sales', name: 'Sales', site: 'site' } as const;
const settings = { lingerMs: hour, forgetMs: 7 * 24 * hour };

/** Signals the pagers take at once: "whatsapp page ben". */
function turn(incident: Incident, now: number, inputs: Input[] = []): string[] {
  for (const one of inputs) incidentMachine.handle(incident, one, { now, draining: false });
  const said: string[] = [];
  for (let effects = advance(incident, now); effects.length > 0; effects = advance(incident, now)) {
    for (const effect of effects) {
      if (effect.type !== 'activity' || effect.call.activity !== 'signalPagers') continue;
      const { messages } = effect.call.input;
      said.push(
        ...messages.map(({ signal, contact, payload }) =>
          ['channel' in payload ? payload.channel : '', nameOf(signal, payload), contact].filter(Boolean).join(' '),
        ),
      );
      const result = { unreached: [], lookedUp: { learnt: { problems: [] }, pending: [] } };
      const done = { type: 'completed', id: effect.id, result: { activity: 'signalPagers', result } } as const;
      incidentMachine.handle(incident, done, { now, draining: false });
    }
  }
  return said;
}
const nameOf = (signal: string, payload: object): string => ('settled' in payload ? 'settled' : signal);
const advance = (incident: Incident, now: number): IncidentEffect[] =>
  incidentMachine.advance(incident, { now, draining: false }).filter(({ type }) => type === 'activity');

function paged(chosen = policy): Incident {
  const incident = newIncident({ id: 'refresh:site:sales', settings, searchAttributes: false }, 'uuid');
  const event = { type: 'WorkbookRefreshFailed', item, createdAt: start, receivedAt: start };
  turn(incident, start, [{ type: 'event', event: { event, policy: chosen } }]);
  return incident;
}
const answer = (more: Pick<AnswerSignal, 'verb'> & Partial<AnswerSignal>): Input => ({
  type: 'answer',
  answer: { answerId: `a-${more.verb}`, by: 'ana', contact: 'ana', ...more },
  isShown: true,
});
const toBen: NonNullable<AnswerSignal['to']> = { contact: 'ben', channels: ['whatsapp', 'call'] };

test('whoever it is handed to is paged at once, by the next channel later, and then the policy goes on', () => {
  const incident = paged();
  turn(incident, start + minute, [answer({ verb: 'acknowledge' })]);
  const said = turn(incident, start + 2 * minute, [answer({ verb: 'hand', to: toBen })]);
  assert.ok(said.includes('whatsapp page ben'), String(said));
  assert.ok(said.includes('settled ana'), String(said));
  assert.deepEqual([incident.state, incident.acknowledgedBy], ['triggered', null]);
  assert.deepEqual(
    incident.policy?.steps.slice(0, 3).map(({ page, by }) => [page, by]),
    [
      [['ben'], 'whatsapp'],
      [['ben'], 'call'],
      [policy.steps[0]?.page, policy.steps[0]?.by],
    ],
  );
  assert.equal(incident.answers.at(-1)?.result, 'handed');
});

test('handed on by another, it is taken off the list of whoever had it', () => {
  const pages: Policy = { ...policy, steps: [{ page: ['ana', 'cleo'], by: 'sms', waitMs: minute }] };
  const cleo = { by: 'cleo', contact: 'cleo' };
  for (const verb of ['acknowledge', 'snooze'] as const) {
    const incident = paged(pages);
    turn(incident, start + minute, [answer({ verb, ...cleo })]);
    const said = turn(incident, start + 2 * minute, [answer({ verb: 'hand', to: toBen })]);
    assert.deepEqual(
      said.filter((one) => one.startsWith('settled')),
      ['settled ana', 'settled cleo'],
      verb,
    );
  }
});

test('whoever has it keeps it on their list when it is handed to them, and the name that a script gave has no list', () => {
  const settled = (taken: Pick<AnswerSignal, 'by'> & Partial<AnswerSignal>): string[] => {
    const incident = paged();
    const first = { answerId: 'first', verb: 'acknowledge', ...taken } as const;
    turn(incident, start + minute, [{ type: 'answer', answer: first, isShown: true }]);
    const said = turn(incident, start + 2 * minute, [answer({ verb: 'hand', to: toBen })]);
    return said.filter((one) => one.startsWith('settled'));
  };
  assert.deepEqual(settled({ by: 'ben', contact: 'ben' }), ['settled ana']);
  assert.deepEqual(settled({ by: 'Jane Doe' }), ['settled ana']);
});

test('handed on twice, it has the steps of the last alone', () => {
  const incident = paged();
  turn(incident, start + minute, [answer({ verb: 'hand', to: toBen })]);
  const lead = { contact: 'lead', channels: toBen.channels };
  turn(incident, start + 2 * minute, [answer({ verb: 'hand', answerId: 'second', to: lead })]);
  assert.deepEqual(
    incident.policy?.steps.filter(({ isHanded }) => isHanded).map(({ page }) => page),
    [['lead'], ['lead']],
  );
});

test('the owner gets a text that asks for nothing, and the incident stays as it is', () => {
  const incident = paged();
  const said = turn(incident, start + minute, [answer({ verb: 'tell', to: { ...toBen, contact: 'olga' } })]);
  assert.deepEqual(said, ['whatsapp notice olga']);
  assert.equal(incident.state, 'triggered');
  assert.match(incident.timeline.at(-1)?.text ?? '', /^ana tells the owner, olga$/);
  assert.equal(incident.answers.at(-1)?.result, 'told');
});

test('without anybody to hand it to, nothing changes', () => {
  const incident = paged();
  turn(incident, start + minute, [answer({ verb: 'hand' })]);
  assert.equal(incident.answers.at(-1)?.result, 'closed');
  assert.equal(incident.state, 'triggered');
});

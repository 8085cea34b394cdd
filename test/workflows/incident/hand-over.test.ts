import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute, type Policy } from '../../../src/workflows/contract.js';
import { incidentMachine } from '../../../src/workflows/incident/machine.js';
import { createIncident, policy, start } from '../../helpers/incident.js';

const step = { page: ['schedule/data'], by: 'whatsapp', waitMs: 5 * minute } as const;
const rota: Policy = { ...policy, steps: [{ ...step, page: [...step.page] }], repeat: 0 };
type Sales = ReturnType<typeof createIncident>;

/** "on-call ben: data after ana, taken by nobody" */
const handOvers = (sales: Sales): string[] =>
  sales.messages.flatMap(({ contact, signal, payload }) =>
    signal === 'notice' && 'schedule' in payload
      ? [`${payload.kind} ${contact}: ${payload.schedule} and ${payload.other}, taken by ${payload.by}`]
      : [],
  );

/** Ana is on call until then, and is paged. */
function pagedBefore(at: number, chosen = rota): Sales {
  const sales = createIncident(chosen);
  sales.onCall.is({ 'schedule/data': 'ana' });
  sales.onCall.handsOverAt(at);
  sales.fails();
  return sales;
}

/** From now on ben is on call. */
function benComes(sales: Sales, next: number | null = null): void {
  sales.onCall.is({ 'schedule/data': 'ben' });
  sales.onCall.handsOverAt(next);
}

describe('a schedule that hands over while an incident is open', () => {
  test('notifies whoever comes and whoever leaves, and pages nobody', () => {
    const sales = pagedBefore(start + hour);
    sales.answers({ contact: 'ana' });
    benComes(sales);
    sales.later(hour - 1);
    assert.deepEqual(handOvers(sales), []);
    sales.later(1);
    assert.deepEqual(handOvers(sales), [
      'off-call ana: data and ben, taken by ana',
      'on-call ben: data and ana, taken by ana',
    ]);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    assert.equal(sales.incident.timeline.at(-1)?.text, 'data: ben is on call in place of ana');
    sales.later(24 * hour);
    assert.equal(handOvers(sales).length, 2, 'once');
  });

  test('is looked for again and again, also in the next run', () => {
    const sales = pagedBefore(start + hour);
    sales.answers({ by: 'script' });
    sales.onCall.handsOverAt(start + 2 * hour);
    sales.later(hour);
    assert.equal(sales.onCall.requests().length, 2);
    assert.deepEqual(handOvers(sales), []);
    benComes(sales, start + 3 * hour);
    sales.continuesAsNew();
    sales.later(hour);
    assert.equal(handOvers(sales).length, 2);
    sales.onCall.is({ 'schedule/data': null });
    sales.later(hour);
    assert.deepEqual(handOvers(sales).slice(2), ['off-call ben: data and null, taken by script']);
  });

  test('is noticed by a step that begins before the look, too', () => {
    const twice: Policy = { ...rota, repeat: 1 };
    const sales = pagedBefore(start + hour, twice);
    benComes(sales);
    sales.later(5 * minute);
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'whatsapp ben']);
    assert.deepEqual(handOvers(sales), [
      'off-call ana: data and ben, taken by null',
      'on-call ben: data and ana, taken by null',
    ]);
  });

  test('makes whoever comes one of those who are notified how it ends', () => {
    const sales = pagedBefore(start + hour);
    sales.answers({ contact: 'ana' });
    benComes(sales);
    sales.later(hour);
    sales.succeeds();
    const ends = sales.messages.filter(
      ({ signal, payload }) => signal === 'notice' && 'kind' in payload && payload.kind === 'recovered',
    );
    assert.deepEqual(
      ends.map(({ contact, payload }) => [contact, 'channel' in payload ? payload.channel : null]),
      [
        ['ana', null],
        ['ben', 'sms'],
      ],
    );
    assert.ok(sales.messages.some(({ contact, signal }) => contact === 'ben' && signal === 'withdraw'));
  });

  test('is noticed later when no worker could look', () => {
    const sales = pagedBefore(start + hour);
    sales.answers({ contact: 'ana' });
    sales.onCall.isSlow();
    sales.later(hour);
    sales.onCall.fails(1);
    benComes(sales);
    sales.later(5 * minute);
    assert.equal(handOvers(sales).length, 2);
  });

  test('changes nothing in an episode that is over, and the next one begins anew', () => {
    const sales = pagedBefore(start + hour);
    sales.answers({ contact: 'ana' });
    sales.onCall.isSlow();
    sales.later(hour);
    sales.succeeds();
    sales.onCall.answers({ 'schedule/data': 'ben' }, 1);
    assert.deepEqual(handOvers(sales), []);
    benComes(sales);
    sales.later(minute);
    sales.fails();
    assert.deepEqual(handOvers(sales), []);
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'whatsapp ben']);
  });

  test('is noticed also where nobody knew at first who is on call', () => {
    const sales = createIncident(rota);
    sales.onCall.is({ 'schedule/data': 'ana' });
    sales.onCall.isUnsure();
    sales.onCall.handsOverAt(start + hour);
    sales.fails();
    sales.answers({ contact: 'ana' });
    sales.onCall.is({ 'schedule/data': 'ana' });
    sales.onCall.handsOverAt(start + 2 * hour);
    sales.later(hour);
    assert.deepEqual(handOvers(sales), []);
    benComes(sales);
    sales.later(hour);
    assert.equal(handOvers(sales).length, 2);
  });

  test('takes the result of a worker of an earlier version, which gives the contacts alone', () => {
    const sales = createIncident(rota);
    sales.onCall.isSlow();
    sales.fails();
    const id = sales.incident.escalation.unresolved?.id ?? '';
    incidentMachine.handle(
      sales.incident,
      { type: 'completed', id, result: { activity: 'findOnCall', result: { 'schedule/data': 'ana' } } },
      { now: start, draining: false },
    );
    sales.later(minute);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
  });

  test('is none when a step names a schedule for the first time, whatever its key', () => {
    const sales = createIncident({ ...rota, steps: [{ ...step, page: ['schedule/constructor'] }] });
    sales.onCall.is({ 'schedule/constructor': 'ana' });
    sales.fails();
    assert.deepEqual(handOvers(sales), []);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
  });

  test('is not looked for while the run drains', () => {
    const sales = pagedBefore(start + hour);
    sales.answers({ contact: 'ana' });
    const effects = incidentMachine.advance(sales.incident, { now: start + 2 * hour, draining: true });
    assert.deepEqual(
      effects.filter(({ type }) => type === 'activity'),
      [],
    );
  });

  test('is silent while the incident is silenced', () => {
    const sales = createIncident(rota);
    sales.silence.is({ id: 's', until: start + 3 * hour, by: 'api', reason: 'upgrade' });
    sales.onCall.is({ 'schedule/data': 'ana' });
    sales.onCall.handsOverAt(start + hour);
    sales.fails();
    benComes(sales);
    sales.later(2 * hour);
    assert.deepEqual(handOvers(sales), []);
    sales.later(hour + minute);
    assert.deepEqual(sales.pages(), ['whatsapp ben']);
  });
});

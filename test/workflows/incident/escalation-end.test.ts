/** What the end of an escalation without an answer sends, and to whom. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute, type Policy } from '../../../src/workflows/contract.js';
import { restoreIncident } from '../../../src/workflows/incident/state.js';
import { createIncident, policy } from '../../helpers/incident.js';

/** A WhatsApp to ana, then calls to both. */
const twoSteps: Policy = {
  ...policy,
  steps: [
    { page: ['ana'], by: 'whatsapp', waitMs: 5 * minute },
    { page: ['ana', 'lead'], by: 'call', waitMs: 5 * minute },
  ],
  repeat: 0,
};
const steps = ['whatsapp ana', 'call ana', 'call lead'];
const withFallback: Policy = { ...twoSteps, fallback: { contact: 'boss', channels: ['whatsapp', 'sms', 'call'] } };

function ended(chosen: Policy) {
  const sales = createIncident(chosen);
  sales.fails();
  sales.later(10 * minute);
  assert.equal(sales.incident.state, 'unacknowledged');
  return sales;
}

describe('an escalation that nobody answers ends with one more page', () => {
  test('to the fallback contact by its first channel, which names who was paged', () => {
    const sales = ended(withFallback);
    assert.deepEqual(sales.pages(), [...steps, 'whatsapp boss']);
    const last = sales.messages.at(-1);
    assert.ok(last?.signal === 'page');
    assert.deepEqual(last.payload.facts.ended, { reached: true, paged: 'ana, lead' });
    sales.later(3 * hour);
    assert.equal(sales.pages().length, 4);
  });

  test('to everybody who was reached where there is no fallback, by text', () => {
    assert.deepEqual(ended(twoSteps).pages(), [...steps, 'sms ana', 'sms lead']);
  });

  test('that is sent although pages of an escalation that is over are not', () => {
    const sales = createIncident(withFallback);
    sales.fails();
    sales.later(5 * minute);
    sales.pagersAre('unreachable');
    sales.later(6 * minute);
    assert.equal(sales.incident.state, 'unacknowledged');
    sales.pagersAre('sending');
    assert.equal(sales.pages().at(-1), 'whatsapp boss');
  });

  test('that can be answered like any other, and then withdraws it from the others', () => {
    const sales = ended(withFallback);
    assert.equal(sales.answers({ contact: 'boss', by: 'boss', verb: 'acknowledge' }), 'taken');
    assert.equal(sales.incident.acknowledgedBy, 'boss');
    const settled = sales.messages.flatMap(({ signal, contact }) => (signal === 'withdraw' ? [contact] : []));
    assert.deepEqual(settled, ['ana', 'lead']);
    sales.later(minute);
    sales.succeeds();
    assert.deepEqual(sales.notices(), ['taken ana', 'taken lead', 'recovered ana', 'recovered lead', 'recovered boss']);
  });

  test('once for each escalation, not for each round and each run', () => {
    const sales = createIncident({ ...withFallback, repeat: 1 });
    sales.fails();
    sales.later(20 * minute);
    assert.deepEqual(sales.pages(), [...steps, ...steps, 'whatsapp boss']);
    sales.continuesAsNew();
    sales.later(hour);
    assert.equal(sales.pages().length, 7);
    sales.fails();
    sales.later(20 * minute);
    assert.deepEqual(sales.pages().slice(7), [...steps, ...steps, 'whatsapp boss']);
  });

  test('by the next channel of the contact where one fails, until none is left', () => {
    const sales = ended(withFallback);
    for (const channel of ['sms', 'call']) {
      sales.reports.failed(sales.pageIds().at(-1) ?? '', '63024');
      assert.equal(sales.pages().at(-1), `${channel} boss`);
    }
    sales.reports.failed(sales.pageIds().at(-1) ?? '', 'busy');
    assert.equal(sales.pages().length, 6);
    assert.equal(sales.incident.state, 'unacknowledged');
    assert.equal(sales.alarms(), 1);
  });

  test('by another channel that reached the contact, where that fails', () => {
    const sales = ended(twoSteps);
    const [ana = '', lead = ''] = sales.pageIds().slice(-2);
    sales.reports.failed(ana, '21610');
    assert.equal(sales.pages().at(-1), 'whatsapp ana');
    sales.reports.failed(lead, '21610');
    assert.equal(sales.pages().length, 6);
  });

  test('to the fallback alone where every recipient refused', () => {
    const refused = (chosen: Policy) => {
      const sales = createIncident({ ...chosen, steps: twoSteps.steps.slice(0, 1) });
      sales.pagersAre('silent');
      sales.fails();
      sales.reports.failed(sales.pageIds()[0] ?? '', '63024');
      assert.equal(sales.incident.state, 'unacknowledged');
      return sales;
    };
    assert.deepEqual(refused(twoSteps).pages(), ['whatsapp ana']);
    const sales = refused(withFallback);
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'whatsapp boss']);
    const last = sales.messages.at(-1);
    assert.deepEqual(last?.signal === 'page' && last.payload.facts.ended, { reached: false, paged: 'ana' });
    // That page is no page of the policy, whatever becomes of it.
    sales.reports.sent(sales.pageIds()[1] ?? '');
    sales.reports.failed(sales.pageIds()[1] ?? '', '63016');
    const next = sales.messages.at(-1);
    assert.deepEqual(next?.signal === 'page' && next.payload.facts.ended, { reached: false, paged: 'ana' });
  });

  test('which is withdrawn unsent when a new failure starts the escalation again', () => {
    const sales = createIncident(withFallback);
    sales.fails();
    sales.later(5 * minute);
    sales.pagersAre('silent');
    sales.reports.failed(sales.pageIds()[1] ?? '', 'busy');
    sales.reports.failed(sales.pageIds()[2] ?? '', 'busy');
    assert.equal(sales.pages().at(-1), 'whatsapp boss');
    sales.later(minute);
    sales.fails();
    sales.later(hour);
    const withdrawn = sales.messages.filter(({ signal, contact }) => signal === 'withdraw' && contact === 'boss');
    assert.equal(withdrawn.length, 1);
  });

  test('not when an outage let no page through: then the escalation starts again', () => {
    const sales = createIncident({ ...withFallback, steps: twoSteps.steps.slice(0, 1) });
    sales.pagersAre('silent');
    sales.fails();
    sales.reports.failed(sales.pageIds()[0] ?? '', '503', true);
    assert.equal(sales.incident.state, 'triggered');
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
  });
});

test('an incident that an earlier version handed over has no channels left to try', () => {
  const { lastChannels: _unknown, ...older } = ended(twoSteps).incident;
  assert.deepEqual(
    restoreIncident({ id: older.id, settings: older.settings, searchAttributes: false }, older).lastChannels,
    [],
  );
});

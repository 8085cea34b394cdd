import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute, second } from '../../../src/workflows/contract.js';
import { incidentMachine } from '../../../src/workflows/incident/machine.js';
import { createIncident, policy, start } from '../../helpers/incident.js';

const round = ['whatsapp ana', 'sms ana', 'call ana', 'call lead'];

describe('the escalation', () => {
  test('takes its steps in order, repeats them once, and ends unacknowledged with an alarm', () => {
    const sales = createIncident();
    sales.fails();
    assert.deepEqual(sales.pages(), round.slice(0, 1));
    sales.later(5 * minute);
    assert.deepEqual(sales.pages(), round.slice(0, 2));
    sales.later(5 * minute);
    assert.deepEqual(sales.pages(), round);
    sales.later(15 * minute);
    assert.deepEqual(sales.pages(), [...round, ...round]);
    assert.equal(sales.incident.state, 'triggered');
    sales.later(5 * minute);
    assert.equal(sales.incident.state, 'unacknowledged');
    assert.equal(sales.alarms(), 1);
    assert.deepEqual(sales.pages(), [...round, ...round, 'sms ana', 'sms lead']);
    sales.later(hour);
    assert.equal(sales.pages().length, 10);
  });

  test('looks up details for less than a second before the first page', () => {
    const sales = createIncident();
    sales.fails();
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    const [lookUp, ...more] = sales.firstLookUps;
    assert.ok(lookUp && lookUp.withinMs < second && more.length === 0);
    sales.later(5 * minute);
    assert.equal(sales.firstLookUps.length, 1, 'later pages go without one');
  });

  test('waits at most one second for details that were requested before the first page was due', () => {
    const sales = createIncident();
    sales.tableau.isSlow();
    sales.fails(sales.now() - 2 * minute);
    sales.tableau.hasRecovered(false);
    sales.later(999);
    assert.deepEqual(sales.pages(), []);
    sales.later(1);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    assert.deepEqual(sales.firstLookUps, []);
  });

  test('pages with what Tableau answers: that it has no such item, also when the answer comes after the page', () => {
    const sales = createIncident();
    sales.tableau.isSlow();
    sales.fails();
    sales.later(second);
    sales.tableau.answersLookUp({ unknownItem: true });
    const facts = sales.messages.flatMap((message) => (message.signal === 'page' ? [message.payload.facts] : []));
    assert.deepEqual(
      facts.map(({ unknownItem }) => unknownItem),
      [undefined, true],
    );
    const [first, copy] = sales.pageIds();
    assert.equal(copy, first);
    sales.later(5 * minute);
    assert.equal(sales.pages().at(-1), 'sms ana');
    assert.notEqual(sales.pageIds().at(-1), first);
  });

  test("a step's wait starts when its first page is sent, not when it is signalled", () => {
    const sales = createIncident();
    sales.pagersAre('silent');
    sales.fails();
    sales.later(2 * minute);
    sales.reports.sent(sales.pageIds()[0] ?? '');
    sales.later(5 * minute - 1);
    assert.equal(sales.pages().length, 1);
    sales.later(1);
    assert.equal(sales.pages().length, 2);
  });

  test('one timer serves for the silence of a pager and for the wait, where the page is sent within half a second', () => {
    const sales = createIncident();
    sales.pagersAre('silent');
    sales.fails();
    const wake = () => incidentMachine.wakeAt(sales.incident, { now: sales.now(), draining: false });
    const before = wake();
    sales.later(400);
    sales.reports.sent(sales.pageIds()[0] ?? '');
    const after = wake();
    assert.ok(before?.latest && after?.latest);
    assert.equal(before.latest, after.latest);
    assert.equal(after.at, sales.now() + 5 * minute);
    assert.ok(after.at <= after.latest);
  });

  test('the wait of a page that is sent later has a timer of its own, and begins when it is sent', () => {
    const sales = createIncident();
    sales.pagersAre('silent');
    sales.fails();
    sales.later(2_000);
    sales.reports.sent(sales.pageIds()[0] ?? '');
    const { incident } = sales;
    const wake = incidentMachine.wakeAt(incident, { now: sales.now(), draining: false });
    assert.deepEqual([wake?.at, wake?.latest], [sales.now() + 5 * minute, sales.now() + 5 * minute]);
  });

  test('a step that is longer than a pager may be silent does not delay the next one', () => {
    const sales = createIncident({ ...policy, steps: policy.steps.map((step) => ({ ...step, waitMs: hour })) });
    sales.pagersAre('silent');
    sales.fails();
    const wake = incidentMachine.wakeAt(sales.incident, { now: sales.now(), draining: false });
    assert.deepEqual([wake?.at, wake?.latest], [start + 5 * minute, start + 5 * minute]);
    sales.later(5 * minute - 1);
    assert.equal(sales.pages().length, 1);
    sales.later(1);
    assert.equal(sales.pages().length, 2);
  });

  test('a step that ends when its timer fires was due then, and one that ends later was due at the latest time', () => {
    for (const [late, due] of [
      [0, 5 * minute],
      [400, 5 * minute + 400],
      [10_000, 5 * minute + 500],
    ] as const) {
      const sales = createIncident();
      sales.pagersAre('silent');
      sales.fails();
      const { incident } = sales;
      incidentMachine.advance(incident, { now: start + 5 * minute + late, draining: false });
      assert.equal(incident.escalation.dueAt, start + due);
    }
  });

  test('a page that failed ends its step at once', () => {
    const sales = createIncident();
    sales.fails();
    sales.later(10_000);
    sales.reports.failed(sales.pageIds()[0] ?? '', '63016');
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'sms ana']);
  });

  test('a step of two contacts goes on while one of their pages may still arrive', () => {
    const sales = createIncident({ ...policy, steps: policy.steps.slice(2) });
    sales.fails();
    const [ana = '', lead = ''] = sales.pageIds();
    sales.reports.failed(ana, 'busy');
    assert.equal(sales.pages().length, 2);
    sales.reports.failed(lead, 'no-answer');
    assert.equal(sales.pages().length, 4);
  });

  test('a receipt for a step that is over changes only the record', () => {
    const sales = createIncident();
    sales.fails();
    sales.later(5 * minute);
    sales.reports.failed(sales.pageIds()[0] ?? '', '63016');
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'sms ana']);
    assert.match(JSON.stringify(sales.incident.timeline), /63016/);
  });

  test('a page that its pager does not report on within five minutes is withdrawn, and the next step begins', () => {
    const sales = createIncident();
    sales.pagersAre('silent');
    sales.fails();
    sales.later(5 * minute - 1);
    assert.equal(sales.pages().length, 1);
    sales.later(1);
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'sms ana']);
    const withdrawals = sales.messages.filter(({ signal }) => signal === 'withdraw');
    assert.deepEqual(
      withdrawals.map(({ payload }) => payload),
      [{ incident: 'refresh:site:sales', episode: 'uuid-1', upTo: 1 }],
    );
    assert.match(JSON.stringify(sales.incident.timeline), /WhatsApp to ana: its pager reported nothing in its step/);
  });

  test('of two calls, the one without a report is recorded as skipped when the step is over', () => {
    const sales = createIncident();
    sales.fails();
    sales.later(5 * minute);
    sales.pagersAre('silent');
    sales.later(5 * minute);
    assert.deepEqual(sales.pages().slice(2), ['call ana', 'call lead']);
    sales.reports.sent(sales.pageIds()[3] ?? '');
    sales.later(5 * minute);
    const skipped = sales.incident.timeline.filter(({ type }) => type === 'skipped').map(({ text }) => text);
    assert.deepEqual(skipped, ['Call to ana: its pager reported nothing in its step']);
  });

  test('a held page extends its step until it is sent', () => {
    const sales = createIncident();
    sales.pagersAre('silent');
    sales.fails();
    sales.reports.held(sales.pageIds()[0] ?? '', start + 4 * minute);
    sales.later(6 * minute);
    assert.equal(sales.pages().length, 1);
    sales.reports.sent(sales.pageIds()[0] ?? '');
    sales.later(5 * minute);
    assert.equal(sales.pages().length, 2);
  });

  test('starts again after 1, 2, 5, then every 15 minutes while an outage lets no page through', () => {
    const sales = createIncident({ ...policy, steps: policy.steps.slice(0, 1), repeat: 0 });
    sales.pagersAre('silent');
    sales.fails();
    const begun: number[] = [sales.now()];
    for (let turn = 0; turn < 5; turn += 1) {
      sales.reports.failed(sales.pageIds().at(-1) ?? '', '503', true);
      const before = sales.pages().length;
      while (sales.pages().length === before) sales.later(minute);
      begun.push(sales.now());
    }
    const gaps = begun.slice(1).map((at, index) => (at - (begun[index] ?? 0)) / minute);
    assert.deepEqual(gaps, [1, 2, 5, 15, 15]);
    assert.equal(sales.alarms(), 0);
  });

  test('starts again when an unacknowledged item fails again, at most hourly', () => {
    const sales = createIncident({ ...policy, steps: policy.steps.slice(0, 1), repeat: 0 });
    sales.fails();
    sales.later(5 * minute);
    assert.equal(sales.incident.state, 'unacknowledged');
    // One of the escalation, and one that says that it has ended.
    assert.equal(sales.pages().length, 2);
    sales.later(minute);
    sales.fails();
    sales.later(54 * minute - 1);
    assert.equal(sales.pages().length, 2);
    sales.later(1);
    assert.equal(sales.pages().length, 3);
    assert.equal(sales.incident.state, 'triggered');
  });
});

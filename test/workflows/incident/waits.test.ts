import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute } from '../../../src/workflows/contract.js';
import { incidentMachine } from '../../../src/workflows/incident/machine.js';
import { createIncident, policy, start } from '../../helpers/incident.js';

type Sales = ReturnType<typeof createIncident>;

/** How the Web UI calls the timer that runs now. */
const timer = ({ incident, now }: Sales): string | undefined =>
  incidentMachine.wakeAt(incident, { now: now(), draining: false })?.why;

describe('the timer of an incident', () => {
  test('says whose answer it waits for, and by which channels they were paged', () => {
    const sales = createIncident();
    sales.fails();
    assert.equal(timer(sales), 'Wait for ana to answer (WhatsApp)');
    sales.later(5 * minute);
    assert.equal(timer(sales), 'Wait for ana to answer (SMS)');
    sales.later(5 * minute);
    assert.equal(timer(sales), 'Wait for ana or lead to answer (Call)');
  });

  test('says what is held and why', () => {
    const sales = createIncident({ ...policy, severity: 'low' });
    sales.isQuiet(() => start + 4 * hour);
    sales.fails();
    assert.equal(timer(sales), 'WhatsApp to ana is held: quiet hours');
  });

  test('says who acknowledged and who snoozed, and for a name that a script gave that it was the api', () => {
    const sales = createIncident();
    sales.fails();
    sales.answers({ by: 'ana', contact: 'ana' });
    assert.equal(timer(sales), 'ana acknowledged: wait for a refresh that works');
    sales.answers({ answerId: 'later', verb: 'snooze', by: 'Paula Personmark', durationMs: hour });
    assert.match(timer(sales) ?? '', /^api snoozed it until 2026-03-01 0\d:00:00 UTC$/);
    sales.succeeds(sales.now() + minute);
    assert.equal(timer(sales), 'It is over: wait for late replies');
  });

  test('says that nobody answered, and that no page could be sent', () => {
    const unanswered = createIncident({ ...policy, repeat: 0 });
    unanswered.fails();
    unanswered.later(15 * minute);
    assert.equal(timer(unanswered), 'Nobody answered: wait for the next failure');

    const outage = createIncident({ ...policy, repeat: 0, steps: policy.steps.slice(0, 1) });
    outage.pagersAre('silent');
    outage.fails();
    outage.reports.failed('uuid-1.1', 'twilio-20500', true);
    assert.equal(timer(outage), 'No page could be sent: wait before the next try');
  });
});

describe('the activity that signals pagers', () => {
  test('says who is paged, and who is told that somebody has taken it', () => {
    const sales = createIncident();
    sales.fails();
    sales.later(10 * minute);
    sales.answers({ by: 'ana', contact: 'ana' });
    const summaries = sales.summaries.filter((text) => /to|told/.test(text));
    assert.deepEqual(summaries, [
      'Ask Tableau what broke, then WhatsApp to ana',
      'SMS to ana',
      'Call to ana, Call to lead',
      'lead is told: acknowledged by ana, notice to lead: taken by ana',
    ]);
  });

  test('names nobody whose name a script gave', () => {
    const sales = createIncident();
    sales.fails();
    sales.answers({ verb: 'resolve', by: 'Paula Personmark' });
    assert.match(sales.summaries.join(), /ana is told: resolved by api/);
    assert.doesNotMatch(sales.summaries.join(), /Paula/);
  });
});

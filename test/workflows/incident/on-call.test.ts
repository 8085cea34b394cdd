import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minute, type Policy } from '../../../src/workflows/contract.js';
import { incidentMachine } from '../../../src/workflows/incident/machine.js';
import { createIncident, policy } from '../../helpers/incident.js';

const rota: Policy = {
  ...policy,
  steps: [
    { page: ['schedule/data'], by: 'whatsapp', waitMs: 5 * minute },
    { page: ['schedule/data', 'owner', 'lead'], by: 'sms', waitMs: 5 * minute },
  ],
  repeat: 0,
};
const texts = (sales: ReturnType<typeof createIncident>) => sales.incident.timeline.map(({ text }) => text);

describe('steps that name a schedule or the owner', () => {
  test('page whoever is on call when the step begins', () => {
    const sales = createIncident(rota);
    sales.onCall.is({ 'schedule/data': 'ana' });
    sales.fails();
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    assert.equal(sales.firstLookUps.length, 1, 'the first page says what Tableau knows');
    // A hand-over in the middle of the incident.
    sales.onCall.is({ 'schedule/data': 'ben', owner: 'cleo' });
    sales.later(5 * minute);
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'sms ben', 'sms cleo', 'sms lead']);
    assert.deepEqual(sales.onCall.requests(), [['schedule/data'], ['schedule/data', 'owner']]);
  });

  test('page a contact once who is meant several times', () => {
    const sales = createIncident(rota);
    sales.onCall.is({ 'schedule/data': 'lead', owner: 'lead' });
    sales.fails();
    sales.later(5 * minute);
    assert.deepEqual(sales.pages(), ['whatsapp lead', 'sms lead']);
  });

  test('are over at once when nobody is on call, and the timeline says so', () => {
    const sales = createIncident(rota);
    sales.onCall.is({ 'schedule/data': null, owner: null });
    sales.fails();
    assert.deepEqual(sales.pages(), ['sms lead']);
    assert.ok(texts(sales).includes('WhatsApp: nobody is on call (data)'));
    assert.ok(texts(sales).includes('SMS: the owner is no contact'));
  });

  test('wait for the answer, and page nobody when somebody has answered meanwhile', () => {
    const sales = createIncident(rota);
    sales.onCall.isSlow();
    sales.fails();
    sales.later(minute);
    assert.deepEqual(sales.pages(), []);
    sales.answers({ by: 'script' });
    sales.onCall.answers({ 'schedule/data': 'ana' }, 0);
    sales.later(minute);
    assert.equal(sales.incident.state, 'acknowledged');
    assert.deepEqual(sales.pages(), []);
  });

  test('show nothing and set no timer meanwhile', () => {
    const sales = createIncident(rota);
    sales.onCall.isSlow();
    sales.fails();
    assert.equal(sales.incident.next, null);
    assert.equal(incidentMachine.wakeAt(sales.incident, { now: sales.now(), draining: false }), null);
  });

  test('page the fallback of the policy when no worker finds out, and log an error', () => {
    const sales = createIncident({ ...rota, fallback: { contact: 'boss', channels: ['sms', 'call'] } });
    sales.onCall.isSlow();
    sales.fails();
    sales.onCall.fails(0);
    // The fallback has no WhatsApp, so that the first step pages nobody.
    sales.onCall.fails(1);
    assert.deepEqual(sales.pages(), ['sms boss', 'sms lead']);
    assert.deepEqual(
      sales.errors.map(({ message, about }) => [message, about['references'], about['paged']]),
      [
        ['Who is on call could not be found', ['schedule/data'], []],
        ['Who is on call could not be found', ['schedule/data', 'owner'], ['boss']],
      ],
    );
  });

  test('log nothing when no worker finds out for a step that is over', () => {
    const sales = createIncident(rota);
    sales.onCall.isSlow();
    sales.fails();
    sales.answers({ by: 'script', verb: 'snooze', durationMs: minute });
    sales.later(minute);
    sales.onCall.fails(0);
    assert.deepEqual(sales.errors, []);
    sales.onCall.answers({ 'schedule/data': 'ana' }, 1);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    const hr = createIncident(rota);
    hr.onCall.isSlow();
    hr.fails();
    hr.answers({ by: 'script' });
    hr.onCall.fails(0);
    assert.deepEqual(hr.errors, []);
  });

  test('leave an incident unacknowledged when nobody could be paged by any of them', () => {
    const sales = createIncident({ ...rota, steps: rota.steps.slice(0, 1) });
    sales.onCall.is({ 'schedule/data': null });
    sales.fails();
    assert.equal(sales.incident.state, 'unacknowledged');
    assert.equal(sales.alarms(), 1);
    assert.ok(texts(sales).includes('WhatsApp: nobody is on call (data)'));
  });

  test('an answer that comes after the escalation began anew pages nobody twice', () => {
    const sales = createIncident(rota);
    sales.onCall.isSlow();
    sales.fails();
    sales.answers({ by: 'script', verb: 'snooze', durationMs: minute });
    sales.later(minute);
    assert.equal(sales.incident.state, 'triggered');
    assert.equal(sales.onCall.requests().length, 2);
    sales.onCall.answers({ 'schedule/data': 'ana' }, 0);
    assert.deepEqual(sales.pages(), []);
    sales.onCall.answers({ 'schedule/data': 'ben' }, 1);
    assert.deepEqual(sales.pages(), ['whatsapp ben']);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute } from '../../../src/workflows/contract.js';
import { createIncident, policy, start } from '../../helpers/incident.js';

describe('a snooze', () => {
  test('pages nobody until it is over, then the escalation starts from step one', () => {
    const sales = createIncident();
    sales.fails();
    sales.later(minute);
    assert.equal(sales.answers({ verb: 'snooze', durationMs: 30 * minute, contact: 'ana' }), 'snoozed');
    assert.equal(sales.incident.state, 'snoozed');
    sales.fails();
    sales.later(30 * minute - 1);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    sales.later(1);
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'whatsapp ana']);
    assert.equal(sales.incident.state, 'triggered');
    assert.equal(sales.incident.acknowledgedBy, null);
  });

  test('lasts an hour by default, and a day at most', () => {
    const sales = createIncident();
    sales.fails();
    sales.answers({ verb: 'snooze' });
    assert.equal(sales.incident.snoozed?.until, start + hour);
    sales.answers({ answerId: 'longer', verb: 'snooze', durationMs: 100 * hour });
    assert.equal(sales.incident.snoozed?.until, start + 24 * hour);
  });

  test('has an outcome with its end', () => {
    const sales = createIncident();
    sales.fails();
    sales.answers({ verb: 'snooze', durationMs: 30 * minute, contact: 'ana' });
    assert.deepEqual(sales.outcome('answer'), {
      result: 'snoozed',
      by: 'ana',
      until: start + 30 * minute,
      upTo: 1,
    });
  });

  test('is ended by a success', () => {
    const sales = createIncident();
    sales.fails();
    sales.answers({ verb: 'snooze' });
    sales.later(minute);
    sales.succeeds();
    assert.equal(sales.incident.state, 'resolved');
    sales.later(2 * hour);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
  });

  test('can be acknowledged', () => {
    const sales = createIncident();
    sales.fails();
    sales.answers({ verb: 'snooze' });
    assert.equal(sales.answers({ answerId: 'second' }), 'taken');
    sales.later(2 * hour);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
  });
});

describe('a reminder', () => {
  const hourly = { ...policy, remindMs: hour };

  test('is sent once by itself, then with the next failure, never more often than the policy says', () => {
    const sales = createIncident(hourly);
    sales.fails();
    sales.answers({ contact: 'ana' });
    sales.later(hour - 1);
    assert.deepEqual(sales.notices(), []);
    sales.later(1);
    assert.deepEqual(sales.notices(), ['reminder ana']);
    sales.later(30 * minute);
    sales.fails();
    assert.deepEqual(sales.notices(), ['reminder ana']);
    sales.later(3 * hour);
    assert.deepEqual(sales.notices(), ['reminder ana']);
    sales.fails();
    assert.deepEqual(sales.notices(), ['reminder ana', 'reminder ana']);
    sales.later(1_000);
    sales.fails();
    assert.deepEqual(sales.notices(), ['reminder ana', 'reminder ana']);
  });

  test('is not sent after a recovery', () => {
    const sales = createIncident(hourly);
    sales.fails();
    sales.answers({ contact: 'ana' });
    sales.later(minute);
    sales.succeeds();
    sales.later(3 * hour);
    assert.deepEqual(sales.notices(), ['recovered ana']);
  });

  test('is sent to the contact who acknowledged; a script has none', () => {
    const sales = createIncident(hourly);
    sales.fails();
    sales.answers({ by: 'script' });
    sales.later(3 * hour);
    assert.deepEqual(sales.notices(), ['taken ana']);
  });
});

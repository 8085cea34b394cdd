import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute } from '../../../src/workflows/contract.js';
import { createIncident, start } from '../../helpers/incident.js';

const until = start + 2 * hour;
const planned = { id: 'a', until, by: 'Olga Owner', reason: 'Upgrade of the warehouse.' };
const texts = (sales: ReturnType<typeof createIncident>) => sales.incident.timeline.map(({ text }) => text);

function silenced() {
  const sales = createIncident();
  sales.silence.is(planned);
  sales.fails();
  return sales;
}

describe('an incident that a silence covers', () => {
  test('opens and pages nobody, and says until when and why, without the name of a person', () => {
    const sales = silenced();
    assert.deepEqual(sales.pages(), []);
    assert.equal(sales.incident.state, 'triggered');
    assert.equal(sales.firstLookUps.length, 1, 'Tableau is asked all the same');
    assert.ok(texts(sales).includes('Silenced until 2026-03-01 05:00:00 UTC by api (Upgrade of the warehouse)'));
    assert.equal(sales.shown.next?.what, 'Silenced until 2026-03-01 05:00:00 UTC');
  });

  test('pages from its first step on when the silence has ended and it is still broken', () => {
    const sales = silenced();
    sales.later(hour);
    sales.fails(start + hour);
    assert.deepEqual(sales.pages(), []);
    assert.equal(sales.incident.failures, 2);
    sales.later(hour);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    sales.later(5 * minute);
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'sms ana']);
  });

  test('is not forgotten while a silence lasts for longer, and pages when it ends', () => {
    const sales = createIncident();
    sales.silence.is({ ...planned, until: start + 14 * 24 * hour });
    sales.fails();
    sales.later(14 * 24 * hour - minute);
    assert.equal(sales.incident.state, 'triggered');
    assert.equal(sales.itemChecks(), 0);
    sales.later(2 * minute);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    assert.equal(sales.itemChecks(), 0);
  });

  test('looks every 5 minutes whether somebody has ended the silence', () => {
    const sales = silenced();
    sales.later(11 * minute);
    assert.equal(sales.silence.looks(), 2);
    assert.equal(texts(sales).filter((text) => text.startsWith('Silenced')).length, 1);
    sales.silence.is(null);
    sales.later(5 * minute);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
  });

  test('goes on silently where another silence follows, and says so', () => {
    const sales = silenced();
    sales.silence.is({ ...planned, id: 'b', until: start + 4 * hour });
    sales.later(3 * hour);
    assert.deepEqual(sales.pages(), []);
    assert.equal(texts(sales).filter((text) => text.startsWith('Silenced')).length, 2);
  });

  test('that recovers meanwhile is over, and nobody is paged', () => {
    const sales = silenced();
    sales.later(hour);
    sales.succeeds();
    sales.silence.is(null);
    sales.later(2 * hour);
    assert.equal(sales.incident.state, 'resolved');
    assert.deepEqual(sales.pages(), []);
  });

  test('takes answers, and is not paged after them', () => {
    const sales = silenced();
    sales.answers({ by: 'script' });
    sales.silence.is(null);
    sales.later(3 * hour);
    assert.equal(sales.incident.state, 'acknowledged');
    assert.deepEqual(sales.pages(), []);
  });

  test('waits on when it continues as new, also where it was looking', () => {
    const sales = silenced();
    sales.continuesAsNew();
    sales.later(hour);
    assert.deepEqual(sales.pages(), []);
    sales.silence.is(null);
    sales.later(5 * minute);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
  });

  test('may have been paged before: the steps that follow are silenced', () => {
    const sales = createIncident();
    sales.fails();
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    sales.silence.is(planned);
    sales.later(20 * minute);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    sales.silence.is(null);
    sales.later(5 * minute);
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'whatsapp ana']);
  });

  test('an incident without a silence never looks', () => {
    const sales = createIncident();
    sales.fails();
    sales.later(hour);
    assert.equal(sales.silence.looks(), 0);
  });
});

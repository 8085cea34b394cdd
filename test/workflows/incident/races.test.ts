/** Races between events, answers, results of Tableau and timers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minute } from '../../../src/workflows/contract.js';
import { createIncident, policy, start } from '../../helpers/incident.js';

test('a recovery before the newest failure does not resolve the incident: the recovery check runs again', () => {
  const sales = createIncident();
  sales.fails(start - 30 * minute);
  sales.fails(start - 5 * minute);
  sales.tableau.hasRecovered(true);
  assert.equal(sales.incident.state, 'triggered');
  sales.later(0);
  assert.equal(sales.incident.recoveryCheck?.done, false);
  sales.tableau.hasRecovered(false);
  sales.later(0);
  assert.deepEqual(sales.pages(), ['whatsapp ana']);
});

test('a rerun that succeeded does not resolve the incident when a failure arrived meanwhile', () => {
  const sales = createIncident();
  sales.fails();
  sales.answers({ verb: 'rerun', contact: 'ana' });
  sales.tableau.startsRerun({ state: 'queued', job: 'j1' });
  sales.later(10_000);
  sales.fails();
  sales.tableau.reportsJob({ state: 'succeeded' });
  assert.equal(sales.incident.state, 'acknowledged');
  sales.later(minute);
  sales.succeeds();
  assert.equal(sales.incident.state, 'resolved');
});

test("whoever requested a rerun during the policy's rerun is paged when it fails", () => {
  const sales = createIncident({ ...policy, rerun: { attempts: 1, waitMs: 15 * minute } });
  sales.fails();
  assert.equal(sales.answers({ verb: 'rerun', by: 'script' }), 'rerunning');
  sales.tableau.startsRerun({ state: 'queued', job: 'j1' });
  sales.later(15_000);
  sales.tableau.reportsJob({ state: 'failed', cause: 'Disk full.' });
  assert.equal(sales.incident.state, 'triggered');
  assert.deepEqual(sales.pages(), ['whatsapp ana']);
});

test('a step records when it was due, also when it is taken later', () => {
  const sales = createIncident();
  sales.fails();
  const sentAt = sales.now();
  assert.equal(sales.incident.escalation.dueAt, null);
  sales.withoutWorkers(20 * minute);
  sales.run();
  assert.deepEqual([sales.pages().at(-1), sales.incident.escalation.dueAt], ['sms ana', sentAt + 5 * minute + 500]);
});

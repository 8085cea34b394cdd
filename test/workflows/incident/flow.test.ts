/** The incident of a flow, whose runs the workflow of freshness watches. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute } from '../../../src/workflows/contract.js';
import { createIncident, start } from '../../helpers/incident.js';

function failed() {
  const flow = createIncident(undefined, 'flow');
  flow.fails(start - 10 * minute, 'FlowRunFailed', { why: 'Out of memory.' });
  return flow;
}

describe('the incident of a flow', () => {
  test('pages at once, though its run ended some time ago: Tableau has no refresh of it to check', () => {
    const flow = failed();
    assert.deepEqual(flow.pages(), ['whatsapp ana']);
    assert.equal(flow.incident.detail?.cause, 'Out of memory.');
  });

  test('takes the reason of a later failure, and not that of an earlier one that comes late', () => {
    const flow = failed();
    flow.fails(start - minute, 'FlowRunFailed', { why: 'Disk full.' });
    flow.fails(start - 5 * minute, 'FlowRunFailed', { why: 'Timed out.' });
    assert.equal(flow.incident.failures, 3);
    assert.equal(flow.incident.detail?.cause, 'Disk full.');
  });

  test('answers R that only Tableau can run it, and is acknowledged', () => {
    const flow = failed();
    assert.equal(flow.answers({ verb: 'rerun', contact: 'ana' }), 'taken');
    assert.equal(flow.reruns(), 0);
    assert.equal(flow.incident.state, 'acknowledged');
    assert.ok(flow.notices().includes('not-rerun ana'));
  });

  test('ends by a later success, not by an earlier one', () => {
    const flow = failed();
    flow.later(hour);
    flow.succeeds(start - 11 * minute, 'FlowRunSucceeded');
    assert.notEqual(flow.incident.state, 'resolved');
    flow.succeeds(start + 5 * minute, 'FlowRunSucceeded');
    assert.equal(flow.incident.state, 'resolved');
    assert.ok(flow.notices().includes('recovered ana'));
  });
});

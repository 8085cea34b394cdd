import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute } from '../../../src/workflows/contract.js';
import { createIncident, policy, start } from '../../helpers/incident.js';

const withRerun = { ...policy, rerun: { attempts: 2, waitMs: 15 * minute } };

describe("the policy's rerun", () => {
  test('that succeeds pages nobody and resolves the incident', () => {
    const sales = createIncident(withRerun);
    sales.fails();
    assert.equal(sales.reruns(), 1);
    sales.tableau.startsRerun({ state: 'queued', job: 'j1' });
    sales.later(15_000);
    assert.equal(sales.checks(), 1);
    sales.tableau.reportsJob({ state: 'succeeded' });
    assert.deepEqual(sales.messages, []);
    assert.equal(sales.incident.state, 'resolved');
    assert.match(JSON.stringify(sales.incident.timeline), /Running it again worked/);
  });

  test('is checked after 15, 30, 60, then every 120 seconds', () => {
    const sales = createIncident(withRerun);
    sales.fails();
    sales.tableau.startsRerun({ state: 'queued', job: 'j1' });
    const at: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      const before = sales.checks();
      while (sales.checks() === before) sales.later(1_000);
      at.push((sales.now() - start) / 1_000);
      sales.tableau.reportsJob({ state: 'running' });
    }
    assert.deepEqual(at, [15, 45, 105, 225, 345]);
  });

  test('is tried as often as the policy says, then the escalation starts with the new cause', () => {
    const sales = createIncident(withRerun);
    sales.fails();
    for (const [attempt, cause] of [
      [1, 'Disk full.'],
      [2, 'Still full.'],
    ] as const) {
      assert.equal(sales.reruns(), attempt);
      assert.deepEqual(sales.pages(), []);
      sales.tableau.startsRerun({ state: 'queued', job: `j${attempt}` });
      sales.later(15_000);
      sales.tableau.reportsJob({ state: 'failed', cause });
    }
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    const page = sales.messages.find(({ signal }) => signal === 'page');
    assert.ok(page?.signal === 'page');
    assert.equal(page.payload.facts.cause, 'Still full.');
    assert.deepEqual(sales.rerunsOnPages(), ['Still full.']);
  });

  test('that is refused, or has no result within its wait, starts the escalation', () => {
    const refused = createIncident(withRerun);
    refused.fails();
    refused.tableau.startsRerun({ state: 'refused', why: 'There is no extract.' });
    assert.deepEqual(refused.pages(), ['whatsapp ana']);
    assert.deepEqual(refused.notices(), []);
    const silent = createIncident(withRerun);
    silent.fails();
    silent.later(15 * minute - 1);
    assert.deepEqual(silent.pages(), []);
    silent.later(1);
    assert.deepEqual(silent.pages(), ['whatsapp ana']);
  });

  test('ends with the webhook of its success, when that is faster', () => {
    const sales = createIncident(withRerun);
    sales.fails();
    sales.tableau.startsRerun({ state: 'queued', job: 'j1' });
    sales.later(5_000);
    sales.succeeds();
    assert.equal(sales.incident.state, 'resolved');
    assert.deepEqual(sales.messages, []);
    sales.later(hour);
    assert.equal(sales.checks(), 0);
  });

  test('that was queued already is not checked: its webhook reports the result', () => {
    const sales = createIncident({ ...withRerun, rerun: { attempts: 1, waitMs: 15 * minute } });
    sales.fails();
    sales.tableau.startsRerun({ state: 'queued' });
    sales.later(3 * minute);
    assert.equal(sales.checks(), 0);
    sales.fails();
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
  });

  test('is checked at once when a failure arrives', () => {
    const sales = createIncident(withRerun);
    sales.fails();
    sales.tableau.startsRerun({ state: 'queued', job: 'j1' });
    sales.later(2_000);
    sales.fails();
    assert.equal(sales.checks(), 1);
    assert.deepEqual(sales.pages(), []);
  });

  test('is not requested for an item without a refresh', () => {
    const admin = createIncident(withRerun, 'user');
    admin.fails(start, 'AdminPromoted');
    assert.equal(admin.reruns(), 0);
    assert.deepEqual(admin.pages(), ['whatsapp ana']);
  });
});

describe('a rerun from the phone', () => {
  function requested() {
    const sales = createIncident();
    sales.fails();
    sales.later(minute);
    assert.equal(sales.answers({ verb: 'rerun', contact: 'ana' }), 'rerunning');
    return sales;
  }

  test('acknowledges the incident, and notifies everybody who was paged when it succeeds', () => {
    const sales = requested();
    assert.equal(sales.incident.state, 'acknowledged');
    assert.equal(sales.reruns(), 1);
    sales.tableau.startsRerun({ state: 'queued', job: 'j1' });
    sales.later(15_000);
    sales.tableau.reportsJob({ state: 'succeeded' });
    assert.equal(sales.incident.state, 'resolved');
    assert.deepEqual(sales.notices(), ['recovered ana']);
  });

  test('that fails starts the escalation from step one, with the new cause', () => {
    const sales = requested();
    sales.tableau.startsRerun({ state: 'queued', job: 'j1' });
    sales.later(15_000);
    sales.tableau.reportsJob({ state: 'failed', cause: 'Disk full.' });
    assert.equal(sales.incident.state, 'triggered');
    assert.equal(sales.incident.acknowledgedBy, null);
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'whatsapp ana']);
  });

  test('that fails is a failure of that rerun on the pages that follow: yours for whoever requested it', () => {
    const sales = createIncident({ ...policy, steps: [{ page: ['ana', 'lead'], by: 'sms', waitMs: 5 * minute }] });
    sales.fails();
    assert.deepEqual(sales.rerunsOnPages(), [null, null]);
    sales.answers({ verb: 'rerun', contact: 'ana' });
    sales.tableau.startsRerun({ state: 'queued', job: 'j1' });
    sales.later(15_000);
    sales.tableau.reportsJob({ state: 'failed', cause: 'Disk full.' });
    assert.deepEqual(sales.rerunsOnPages().slice(2), ['yours: Disk full.', 'Disk full.']);
    // The webhook of the same failure changes nothing.
    sales.fails(sales.now() - 10_000);
    sales.later(5 * minute);
    assert.deepEqual(sales.rerunsOnPages().slice(4), ['yours: Disk full.', 'Disk full.']);
  });

  test('is forgotten by the pages after a later failure, and after somebody took the incident', () => {
    const after = (what: (sales: ReturnType<typeof requested>) => void) => {
      const sales = requested();
      sales.tableau.startsRerun({ state: 'queued', job: 'j1' });
      sales.later(15_000);
      sales.tableau.reportsJob({ state: 'failed', cause: 'Disk full.' });
      what(sales);
      return sales.rerunsOnPages().at(-1);
    };
    const unchanged = after((sales) => sales.later(5 * minute));
    assert.equal(unchanged, 'yours: Disk full.');
    const failedAgain = after((sales) => {
      sales.later(2 * minute);
      sales.fails();
      sales.later(3 * minute);
    });
    assert.equal(failedAgain, null);
    const snoozed = after((sales) => {
      sales.answers({ answerId: 'later', verb: 'snooze', contact: 'ana', durationMs: hour });
      sales.later(hour);
    });
    assert.equal(snoozed, null);
    const reopened = after((sales) => {
      sales.later(minute);
      sales.succeeds();
      sales.later(minute);
      sales.fails();
    });
    assert.equal(reopened, null);
  });

  test('by the api is the failed rerun of the contact whom the script named', () => {
    const sales = createIncident();
    sales.fails();
    sales.answers({ verb: 'rerun', by: 'ana' });
    sales.tableau.startsRerun({ state: 'queued' });
    sales.later(minute);
    sales.fails();
    assert.equal(sales.rerunsOnPages().at(-1), 'yours: ');
  });

  test('that is refused sends a notice to whoever requested it, who keeps the incident', () => {
    const sales = requested();
    sales.tableau.startsRerun({ state: 'refused', why: 'Tableau takes no more refreshes for 29 min.' });
    assert.deepEqual(sales.notices(), ['not-rerun ana']);
    assert.equal(sales.incident.state, 'acknowledged');
    sales.later(hour);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
  });

  test('that is refused says who has the incident to somebody else who requested it', () => {
    const sales = createIncident();
    sales.fails();
    sales.answers({ answerId: 'first', contact: 'lead', by: 'lead' });
    sales.answers({ answerId: 'second', verb: 'rerun', contact: 'ana' });
    sales.tableau.startsRerun({ state: 'refused', why: 'Tableau takes no more refreshes for 29 min.' });
    const last = sales.messages.at(-1);
    assert.ok(last?.signal === 'notice' && last.payload.kind === 'not-rerun');
    assert.deepEqual([last.contact, last.payload.by], ['ana', 'lead']);
  });

  test('that is requested twice runs once', () => {
    const sales = requested();
    assert.equal(sales.answers({ answerId: 'again', verb: 'rerun', contact: 'lead', by: 'lead' }), 'rerunning');
    assert.equal(sales.reruns(), 1);
    assert.equal(sales.incident.acknowledgedBy, 'ana');
  });

  test('whose result arrives after the incident is over changes nothing', () => {
    const sales = requested();
    sales.tableau.startsRerun({ state: 'queued', job: 'j1' });
    sales.later(15_000);
    sales.succeeds();
    sales.tableau.reportsJob({ state: 'failed', cause: 'Disk full.' });
    assert.equal(sales.incident.state, 'resolved');
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
  });
});

describe('a failure that arrives late', () => {
  test('pages nobody when the item has recovered since', () => {
    const sales = createIncident();
    sales.fails(start - 2 * minute);
    assert.deepEqual(sales.pages(), []);
    sales.tableau.hasRecovered(true);
    sales.later(minute);
    assert.deepEqual(sales.messages, []);
    assert.equal(sales.incident.state, 'resolved');
  });

  test('pages at once when the item has not recovered', () => {
    const sales = createIncident();
    sales.fails(start - 2 * minute);
    sales.tableau.hasRecovered(false);
    sales.later(0);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
  });

  test('pages after five seconds without a result of the recovery check, and a later result resolves it with a notice', () => {
    const sales = createIncident();
    sales.fails(start - 2 * minute);
    sales.later(4_999);
    assert.deepEqual(sales.pages(), []);
    sales.later(1);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    sales.tableau.hasRecovered(true);
    sales.later(0);
    assert.deepEqual(sales.notices(), ['recovered ana']);
  });

  test('by a minute or less has no recovery check', () => {
    const sales = createIncident();
    sales.fails(start - minute);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
  });
});

test('the deletion of the item resolves the incident, and whoever was paged is notified', () => {
  const sales = createIncident();
  sales.fails();
  sales.later(minute);
  sales.isDeleted();
  assert.equal(sales.incident.state, 'resolved');
  assert.deepEqual(sales.notices(), ['deleted ana']);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changeTypes, type ChangeType } from '../../../src/workflows/change-types.js';
import { day, hour, minute, second } from '../../../src/workflows/contract.js';
import { incidentMachine } from '../../../src/workflows/incident/machine.js';
import { changeId } from '../../../src/workflows/webhook-contract.js';
import { createIncident, policy, start } from '../../helpers/incident.js';

const all = [...changeTypes];
const rerunning = { ...policy, rerun: { attempts: 1, waitMs: 15 * minute } };

/** An incident that endpoints know of. */
function watched(wanted: ChangeType[] = all, chosen = policy) {
  const sales = createIncident(chosen);
  sales.failsWatched(wanted);
  return sales;
}
const incidentsOf = ({ changes }: ReturnType<typeof createIncident>) =>
  changes.reports.flatMap((report) => report.changes.map(({ incident }) => incident));

describe('the changes of an incident', () => {
  test('are reported in order, numbered from 1, from its first step to its end', () => {
    const sales = watched();
    sales.later(minute);
    sales.failsWatched(all);
    sales.answers({ by: 'ana', contact: 'ana' });
    sales.later(hour);
    sales.succeeds();
    assert.deepEqual(sales.changes.types(), ['triggered', 'failed-again', 'acknowledged', 'recovered']);
    const ids = sales.changes.reports.flatMap(({ changes }) => changes.map(changeId));
    assert.deepEqual(ids, ['uuid-1', 'uuid-2', 'uuid-3', 'uuid-4']);
    assert.deepEqual(
      incidentsOf(sales).map(({ state, by, failures }) => [state, by, failures]),
      [
        ['triggered', null, 1],
        ['triggered', null, 2],
        ['acknowledged', 'ana', 2],
        ['resolved', 'ana', 2],
      ],
    );
    sales.later(2 * hour);
    assert.ok(sales.ended());
  });

  test('are every change of its state', () => {
    const sales = watched();
    sales.answers({ answerId: 'a', verb: 'snooze', by: 'ana', durationMs: 30 * minute });
    sales.later(31 * minute);
    sales.later(hour);
    sales.failsWatched(all, sales.now());
    sales.later(2 * hour);
    sales.answers({ answerId: 'b', verb: 'resolve', by: 'Olga Owner' });
    assert.deepEqual(sales.changes.types(), [
      'triggered',
      'snoozed',
      'triggered-again',
      'unacknowledged',
      'failed-again',
      'triggered-again',
      'unacknowledged',
      'resolved',
    ]);
    const [, snoozed, ...others] = incidentsOf(sales);
    assert.equal(snoozed?.until, start + 30 * minute);
    // The name that a script gave may be a person's.
    assert.equal(others.at(-1)?.by, 'api');
  });

  test('end when it is deleted, forgotten or cancelled', () => {
    const deleted = watched();
    deleted.isDeleted(deleted.now() + second);
    assert.deepEqual(deleted.changes.types(), ['triggered', 'deleted']);
    const forgotten = watched();
    forgotten.later(8 * day);
    forgotten.tableau.reportsItem({ state: 'failing' });
    assert.equal(forgotten.changes.types().at(-1), 'forgotten');
    assert.ok(forgotten.ended());
    const cancelled = watched();
    cancelled.isCancelled();
    assert.deepEqual(cancelled.changes.types(), ['triggered', 'cancelled']);
    assert.ok(cancelled.ended());
  });

  test('of an item that fails once more after its end are those of a new episode', () => {
    const sales = watched();
    sales.succeeds(sales.now() + second);
    sales.later(minute);
    sales.failsWatched(all);
    assert.deepEqual(sales.changes.types(), ['triggered', 'recovered', 'triggered']);
  });

  test('are those alone that endpoints want, and none at all without webhooks', () => {
    const sales = watched(['acknowledged', 'recovered']);
    sales.answers({});
    sales.succeeds(sales.now() + second);
    assert.deepEqual(sales.changes.types(), ['acknowledged', 'recovered']);
    const quiet = createIncident();
    quiet.fails();
    quiet.answers({});
    quiet.succeeds(quiet.now() + second);
    assert.equal(quiet.changes.reports.length, 0);
  });

  test('hold what pages know, and no owner', () => {
    const sales = createIncident();
    sales.tableau.knows({ project: 'Finance', cause: 'The disk is full.', owner: 'Olga Owner', name: 'Sales 2' });
    sales.failsWatched(all);
    const [incident] = incidentsOf(sales);
    assert.equal(incident?.cause, 'The disk is full.');
    assert.equal(incident?.project, 'Finance');
    assert.equal(incident?.item.name, 'Sales 2');
    assert.doesNotMatch(JSON.stringify(sales.changes.reports), /Olga/);
  });

  test('of a user name the luid in place of the person', () => {
    const admin = createIncident(policy, 'user');
    admin.failsWatched(all, admin.now(), 'AdminPromoted');
    assert.equal(incidentsOf(admin)[0]?.item.name, 'sales');
  });
});

describe('nobody hears of an incident that nobody is paged for:', () => {
  test('a silence covers it, and it recovers', () => {
    const sales = createIncident();
    sales.silence.is({ id: 'a', until: start + hour, by: 'ana', reason: 'Upgrade' });
    sales.failsWatched(all);
    sales.later(10 * minute);
    sales.failsWatched(all);
    sales.succeeds(sales.now() + second);
    sales.later(2 * hour);
    assert.deepEqual(sales.changes.types(), []);
    assert.ok(sales.ended());
  });

  test('the silence ends, and it is still broken: then they hear of all of it', () => {
    const sales = createIncident();
    sales.silence.is({ id: 'a', until: start + hour, by: 'ana', reason: 'Upgrade' });
    sales.failsWatched(all);
    sales.later(10 * minute);
    sales.failsWatched(all);
    sales.later(hour);
    assert.deepEqual(sales.changes.types().slice(0, 2), ['triggered', 'failed-again']);
  });

  test('the silence is found only when it is known who is on call', () => {
    const sales = createIncident({ ...policy, steps: [{ page: ['schedule/data'], by: 'sms', waitMs: 5 * minute }] });
    sales.silence.is({ id: 'a', until: start + hour, by: 'ana', reason: 'Upgrade' });
    sales.onCall.isSlow();
    sales.failsWatched(all);
    sales.later(10 * second);
    sales.onCall.answers({ 'schedule/data': 'ana' }, 0);
    sales.succeeds(sales.now() + second);
    assert.deepEqual(sales.changes.types(), []);
  });

  test('the rerun of the policy fixes it', () => {
    const sales = watched(all, rerunning);
    sales.tableau.startsRerun({ state: 'queued', job: 'j' });
    sales.later(5 * second);
    sales.succeeds(sales.now() + second);
    assert.deepEqual(sales.changes.types(), []);
  });

  test('no route pages for it, by what Tableau knows', () => {
    const sales = createIncident();
    sales.failsWatched(all, start, 'WorkbookRefreshFailed', { policyMayChange: true });
    sales.routes.answers({ ignored: 'Not ours', route: 1, isCertain: true });
    assert.deepEqual(sales.changes.types(), []);
  });

  test('but somebody who takes it before its first step is heard of', () => {
    const sales = watched(all, rerunning);
    sales.answers({ by: 'ana' });
    assert.deepEqual(sales.changes.types(), ['triggered', 'acknowledged']);
  });
});

describe('a report', () => {
  test('comes after the pages, and waits a moment for what Tableau knows', () => {
    const sales = createIncident();
    sales.tableau.isSlow();
    sales.failsWatched(all);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
    assert.equal(sales.changes.reports.length, 0);
    sales.later(2 * second);
    assert.equal(sales.changes.reports.length, 0);
    sales.tableau.answersLookUp({ project: 'Finance', cause: 'Disk full', downstreamWorkbooks: 1, lastGoodAt: 1 });
    sales.later(10 * second);
    assert.deepEqual(sales.changes.types(), ['triggered']);
    assert.equal(incidentsOf(sales)[0]?.cause, 'Disk full');
  });

  test('is one at a time, and takes what came meanwhile with the next one', () => {
    const sales = createIncident();
    sales.changes.areSlow();
    sales.failsWatched(all);
    sales.failsWatched(all, sales.now() + second);
    sales.answers({});
    assert.equal(sales.changes.reports.length, 1);
    sales.changes.answers({ told: ['team'], unreached: [] });
    assert.deepEqual(
      sales.changes.reports.map(({ changes }) => changes.map(({ type }) => type)),
      [['triggered'], ['failed-again', 'acknowledged']],
    );
    assert.deepEqual(sales.changes.reports[1]?.told, ['team']);
  });

  test('that fails, or reaches some, is tried again with all of it, and pages go on', () => {
    const sales = createIncident();
    sales.changes.areSlow();
    sales.failsWatched(all);
    sales.changes.fails();
    sales.later(6 * second);
    sales.changes.answers({ told: ['team', 'ops'], unreached: ['ops'] });
    sales.answers({});
    const types = sales.changes.reports.map(({ changes }) => changes.map(({ type }) => type));
    assert.deepEqual(types, [['triggered'], ['triggered'], ['triggered', 'acknowledged']]);
    sales.changes.answers({ told: ['team', 'ops'], unreached: [] });
    assert.equal(sales.changes.reports.length, 3);
  });

  test('that nobody takes delays no step, and is given up after a day, loudly', () => {
    const sales = createIncident();
    sales.changes.areSlow();
    sales.failsWatched(all);
    for (let tries = 0; tries < 400 && !sales.ended(); tries += 1) {
      sales.changes.fails();
      sales.later(5 * minute);
      if (tries === 3) assert.ok(sales.pages().includes('sms ana'));
      if (tries === 10) sales.succeeds(sales.now() + second);
    }
    assert.ok(sales.ended());
    assert.deepEqual(
      sales.alarmLines.flatMap(({ alarm }) => (alarm === 'webhook-dropped' ? [alarm] : [])),
      ['webhook-dropped'],
    );
  });

  test('that is due again starts no timer while pagers are signalled, and is made then', () => {
    const sales = createIncident();
    sales.changes.areSlow();
    sales.failsWatched(all);
    sales.later(5 * minute - 2 * second);
    sales.changes.fails();
    sales.pagersAre('unreachable');
    // The second step begins before the report is due, and its pages stay under way beyond that.
    sales.later(minute);
    assert.equal(sales.changes.reports.length, 1);
    sales.pagersAre('sending');
    assert.ok(sales.pages().includes('sms ana'));
    assert.equal(sales.changes.reports.length, 2);
  });

  test('that failed just before the next episode begins waits for what Tableau knows of that, by one timer', () => {
    const sales = createIncident();
    sales.tableau.isSlow();
    sales.changes.areSlow();
    sales.failsWatched(all);
    sales.later(10 * second);
    sales.succeeds(sales.now() + second);
    sales.later(minute);
    sales.failsWatched(all);
    sales.changes.fails();
    sales.later(7 * second);
    assert.equal(sales.changes.reports.length, 1);
    sales.later(2 * second);
    assert.deepEqual(
      sales.changes.reports.at(-1)?.changes.map(({ type }) => type),
      ['triggered', 'recovered', 'triggered'],
    );
  });

  test('is not waited for by a run that is about to end, and the next run makes it at once', () => {
    const sales = createIncident();
    sales.changes.areSlow();
    sales.failsWatched(all);
    assert.ok(incidentMachine.hasInFlight(sales.incident));
    sales.cancelsReads();
    assert.ok(!incidentMachine.hasInFlight(sales.incident));
    sales.continuesAsNew();
    assert.deepEqual(
      sales.changes.reports.map(({ changes }) => changes.map(changeId)),
      [['uuid-1'], ['uuid-1']],
    );
  });

  test('of more than is kept still says how it began, and the newest count', () => {
    const sales = createIncident();
    sales.silence.is({ id: 'a', until: start + hour, by: 'ana', reason: 'Upgrade' });
    for (let failure = 0; failure < 250; failure += 1) {
      sales.failsWatched(all);
      sales.later(10 * second);
    }
    sales.later(hour);
    const [first, ...others] = sales.changes.reports[0]?.changes ?? [];
    assert.equal(first?.type, 'triggered');
    assert.equal(others.at(-1)?.incident.failures, 250);
    assert.deepEqual(
      sales.alarmLines.filter(({ alarm }) => alarm === 'webhook-dropped'),
      [],
    );
  });

  test('goes on in the next run where this one ended', () => {
    const sales = watched();
    sales.continuesAsNew();
    sales.answers({});
    assert.deepEqual(
      sales.changes.reports.flatMap(({ changes }) => changes.map(({ n }) => n)),
      [1, 2],
    );
  });

  test('of an incident of an earlier version begins with its next failure', () => {
    const sales = createIncident();
    sales.fails();
    const { reporting: _none, ...earlier } = sales.incident;
    sales.takesOver(earlier);
    sales.failsWatched(all, sales.now() + second);
    sales.answers({});
    assert.deepEqual(sales.changes.types(), ['failed-again', 'acknowledged']);
  });
});

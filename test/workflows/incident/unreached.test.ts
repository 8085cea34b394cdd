/** A contact whose pager cannot be signalled: everybody else is paged as if nothing were the matter. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute, second } from '../../../src/workflows/contract.js';
import { type Facts } from '../../../src/workflows/pager-contract.js';
import { incidentMachine, type IncidentEffect, type Input } from '../../../src/workflows/incident/machine.js';
import { newIncident, restoreIncident, type Incident } from '../../../src/workflows/incident/state.js';
import { detailsOf } from '../../../src/workflows/incident/view.js';
import { createIncident, policy, start } from '../../helpers/incident.js';

const both = { ...policy, steps: [{ page: ['ana', 'lead'], by: 'sms' as const, waitMs: 5 * minute }], repeat: 0 };
const first = { ...policy, steps: policy.steps.slice(0, 2), repeat: 0 };
type Sales = ReturnType<typeof createIncident>;
const messagesTo = (sales: Sales, contact: string): string[] =>
  sales.messages.flatMap((message) => (message.contact === contact ? [message.signal] : []));
const factsTo = (sales: Sales, contact: string): Facts[] =>
  sales.messages.flatMap((message) =>
    message.contact === contact && message.signal === 'page' ? [message.payload.facts] : [],
  );
const unreachableAlarms = (sales: Sales) => sales.alarmLines.filter(({ alarm }) => alarm === 'pager-unreachable');

describe('a pager that cannot be signalled', () => {
  test('stops no page of another contact in its step, and no later step', () => {
    const sales = createIncident();
    sales.unreachable('ana');
    sales.fails();
    assert.deepEqual(sales.pages(), []);
    sales.later(5 * minute - 1);
    assert.deepEqual(sales.pages(), []);
    // Nothing was sent in the first two steps, which are over by the bound for silent pages.
    sales.later(5 * minute + 1);
    assert.deepEqual(sales.pages(), ['call lead']);
  });

  test('of two contacts in one step, the other is paged at once and can answer', () => {
    const sales = createIncident(both);
    sales.unreachable('ana');
    sales.fails();
    assert.deepEqual(sales.pages(), ['sms lead']);
    sales.answers({ by: 'lead', contact: 'lead', episode: 'uuid-1' });
    assert.deepEqual(sales.outcome('answer'), { result: 'taken', by: 'lead', until: sales.incident.remindAt, upTo: 2 });
  });

  test('gets its page with what the look-up found that went with the first try', () => {
    const sales = createIncident(both);
    sales.unreachable('ana');
    sales.tableau.knows({ cause: 'Disk full.' });
    sales.fails();
    sales.reachable('ana');
    sales.later(second);
    assert.deepEqual(
      factsTo(sales, 'ana').map(({ cause }) => cause),
      ['Disk full.'],
    );
  });

  test('gets to know that Tableau has no such item, also when its page was tried again before that was known', () => {
    const sales = createIncident(both);
    sales.unreachable('ana');
    sales.fails();
    sales.later(minute);
    sales.succeeds();
    sales.reachable('ana');
    sales.tableau.knows({ unknownItem: true });
    sales.fails(sales.now() + 1);
    sales.later(second);
    assert.deepEqual(
      factsTo(sales, 'ana').map(({ unknownItem }) => unknownItem),
      [undefined, true],
    );
  });

  test('is tried again with growing pauses, five minutes at most', () => {
    const sales = createIncident(both);
    sales.unreachable('ana');
    sales.fails();
    const gaps: number[] = [];
    sales.later(minute);
    sales.answers({ by: 'script' });
    const answeredAt = sales.now();
    for (let last = answeredAt; gaps.length < 11; last = sales.now()) {
      const before = sales.retries.length;
      while (sales.retries.length === before) sales.later(second);
      gaps.push((sales.now() - last) / second);
    }
    assert.deepEqual(gaps, [1, 2, 5, 10, 30, 60, 120, 300, 300, 300, 300]);
  });

  test('gets its page as soon as it can be signalled again', () => {
    const sales = createIncident(both);
    sales.unreachable('ana');
    sales.fails();
    sales.later(20 * second);
    sales.reachable('ana');
    sales.later(30 * second);
    assert.deepEqual(sales.pages(), ['sms lead', 'sms ana']);
    assert.deepEqual(sales.incident.unreached, []);
  });

  test('gets the page of a later step by a try that begins with the step', () => {
    const sales = createIncident(first);
    sales.unreachable('ana');
    sales.fails();
    sales.later(5 * minute - 1);
    sales.reachable('ana');
    sales.later(1);
    assert.deepEqual(sales.pages(), ['sms ana']);
  });

  test('gets its messages in order, what is new behind what is old, without pages that were withdrawn', () => {
    const sales = createIncident(first);
    sales.unreachable('ana');
    sales.fails();
    sales.later(5 * minute);
    const waiting = () => sales.incident.unreached.flatMap(({ messages }) => messages);
    assert.deepEqual(
      waiting().map(({ signal }) => signal),
      ['withdraw', 'page'],
    );
    sales.reachable('ana');
    sales.later(5 * minute);
    assert.deepEqual(messagesTo(sales, 'ana').slice(0, 2), ['withdraw', 'page']);
    assert.deepEqual(sales.pages(), ['sms ana']);
  });

  test('gets no page of an incident that was answered meanwhile, but its withdrawal', () => {
    const sales = createIncident(both);
    sales.unreachable('ana');
    sales.fails();
    sales.answers({ by: 'script' });
    sales.reachable('ana');
    sales.later(minute);
    assert.deepEqual(messagesTo(sales, 'ana'), ['withdraw', 'notice']);
  });

  test('does not exhaust the escalation: where nobody was paged, it starts again', () => {
    const sales = createIncident(first);
    sales.unreachable('ana');
    sales.fails();
    sales.later(10 * minute);
    assert.equal(sales.incident.state, 'triggered');
    assert.match(JSON.stringify(sales.incident.timeline), /SMS to ana: its pager could not be signalled/);
    assert.match(JSON.stringify(sales.incident.timeline), /it starts again in 1 min/);
    sales.reachable('ana');
    sales.later(minute);
    assert.deepEqual(sales.pages(), ['whatsapp ana']);
  });

  test('is an alarm that names the contact from the second failed try on, until it is reached', () => {
    const sales = createIncident(both);
    sales.unreachable('ana');
    sales.fails();
    assert.deepEqual(unreachableAlarms(sales), [], 'one failed try may be a moment');
    sales.later(minute);
    assert.deepEqual(unreachableAlarms(sales), [{ alarm: 'pager-unreachable', contact: 'ana', why: 'signal limit' }]);
    assert.match(detailsOf(sales.incident), /- The pager of ana cannot be signalled since /);
    const shown = () => JSON.parse(sales.incident.publishedUnreachable) as unknown;
    assert.deepEqual(shown(), [{ contact: 'ana', since: new Date(start).toISOString() }]);
    sales.reachable('ana');
    sales.later(2 * minute);
    assert.deepEqual(shown(), []);
    assert.equal(unreachableAlarms(sales).length, 2, 'the second line says that it is over');
  });
});

describe('an incident that is over', () => {
  test('waits for a pager that cannot be signalled, for an hour at most', () => {
    const sales = createIncident(both);
    sales.fails();
    sales.later(hour);
    sales.unreachable('ana');
    sales.succeeds();
    sales.later(hour - 1);
    assert.ok(!sales.ended());
    sales.later(1);
    assert.ok(sales.ended());
    assert.deepEqual(unreachableAlarms(sales).at(-1), { alarm: 'pager-unreachable', contacts: ['ana'] });
  });

  test('delivers what it has for it when it can be signalled again', () => {
    const sales = createIncident(both);
    sales.fails();
    sales.later(minute);
    sales.unreachable('ana');
    sales.succeeds();
    sales.later(30 * minute);
    assert.deepEqual(messagesTo(sales, 'ana'), ['page']);
    sales.reachable('ana');
    sales.later(5 * minute);
    assert.deepEqual(messagesTo(sales, 'ana'), ['page', 'withdraw', 'notice']);
  });
});

describe('a try to signal a pager again', () => {
  const input = {
    id: 'refresh:site:sales',
    settings: { lingerMs: hour, forgetMs: 7 * 24 * hour },
    searchAttributes: false,
  };
  const item = { kind: 'workbook', luid: 'sales', name: 'Sales', site: 'site' } as const;
  const env = (now: number) => ({ now, draining: false });
  function turn(incident: Incident, now: number, ...inputs: Input[]): IncidentEffect[] {
    for (const one of inputs) incidentMachine.handle(incident, one, env(now));
    return incidentMachine.advance(incident, env(now));
  }
  const activities = (effects: IncidentEffect[]) =>
    effects.flatMap((effect) => (effect.type === 'activity' ? [{ id: effect.id, ...effect.call }] : []));

  /** An incident of which `ana` has not taken her page. */
  function unreachedBy(contacts: string[]): Incident {
    const incident = newIncident(input, 'uuid');
    const event = { type: 'WorkbookRefreshFailed', item, createdAt: start, receivedAt: start };
    const [page] = activities(turn(incident, start, { type: 'event', event: { event, policy: both } }));
    const unreached = contacts.map((contact) => ({ contact, why: 'signal limit' }));
    const lookedUp = { learnt: { problems: [] }, pending: [] };
    const done = { activity: 'signalPagers', result: { unreached, lookedUp } } as const;
    turn(incident, start + 100, { type: 'completed', id: page?.id ?? '', result: done });
    return incident;
  }

  test('is an activity of its own for each contact, beside the next batch', () => {
    const incident = unreachedBy(['ana', 'lead']);
    const tries = activities(turn(incident, start + 1_100));
    assert.deepEqual(
      tries.map((one) => one.activity === 'retryPager' && one.input.contact),
      ['ana', 'lead'],
    );
    assert.deepEqual(activities(turn(incident, start + 1_200)), []);
  });

  test('names whoever was paged, since somebody may have answered by now', () => {
    const [ana] = activities(turn(unreachedBy(['ana']), start + 1_100));
    assert.ok(ana?.activity === 'retryPager');
    assert.deepEqual(ana.input.paged, ['ana', 'lead']);
  });

  test('that an answer supersedes is cancelled, and the withdrawal follows at once', () => {
    const incident = unreachedBy(['ana']);
    const [ana] = activities(turn(incident, start + 1_100));
    const answer = { answerId: 'a', verb: 'acknowledge', by: 'script' } as const;
    const effects = turn(incident, start + 1_200, { type: 'answer', answer });
    assert.ok(effects.some((effect) => effect.type === 'cancel' && effect.id === ana?.id));
    const again = activities(effects).find(({ activity }) => activity === 'retryPager');
    assert.ok(again?.activity === 'retryPager');
    assert.deepEqual(
      again.input.messages.map(({ signal }) => signal),
      ['withdraw', 'notice'],
    );
  });

  test('continues in the next run, also after the activity failed for good', () => {
    const incident = unreachedBy(['ana']);
    const [ana] = activities(turn(incident, start + 1_100));
    const failed = { type: 'timeout', message: 'it took too long', detail: undefined };
    turn(incident, start + 1_200, { type: 'failed', id: ana?.id ?? '', failure: failed });
    assert.equal(incidentMachine.hasInFlight(incident), false);
    const next = restoreIncident(input, JSON.parse(JSON.stringify(incident)) as Partial<Incident>);
    assert.deepEqual(incidentMachine.wakeAt(next, env(start + 1_300)), {
      at: start + 3_200,
      why: 'Wait before a pager is signalled again',
    });
    assert.deepEqual(
      activities(turn(next, start + 3_200)).map(({ activity }) => activity),
      ['retryPager'],
    );
  });

  test('a result of a worker of an earlier version, which has none, means that all were signalled', () => {
    const { incident, id } = (() => {
      const begun = unreachedBy([]);
      const [withdrawal] = activities(
        turn(begun, start + 200, { type: 'answer', answer: { answerId: 'a', verb: 'acknowledge', by: 'script' } }),
      );
      return { incident: begun, id: withdrawal?.id ?? '' };
    })();
    turn(incident, start + 300, { type: 'completed', id, result: { activity: 'signalPagers', result: undefined } });
    assert.deepEqual(incident.unreached, []);
  });

  test('a state of an earlier version has nobody who could not be reached', () => {
    const { unreached: _unreached, publishedUnreachable: _published, ...earlier } = unreachedBy(['ana']);
    const restored = restoreIncident(input, earlier);
    assert.deepEqual([restored.unreached, restored.publishedUnreachable], [[], '[]']);
  });
});

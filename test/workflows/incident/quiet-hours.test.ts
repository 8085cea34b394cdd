/** An incident of low severity waits for the end of quiet hours where nobody else can be paged. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute, second, type Policy } from '../../../src/workflows/contract.js';
import { detailsOf, rowOf } from '../../../src/workflows/incident/view.js';
import { createIncident, start } from '../../helpers/incident.js';

const low: Policy = {
  name: 'low',
  severity: 'low',
  steps: [
    { page: ['ana', 'ben'], by: 'whatsapp', waitMs: 5 * minute },
    { page: ['ana', 'ben'], by: 'sms', waitMs: 5 * minute },
  ],
  repeat: 0,
  remindMs: 4 * hour,
};
const seven = start + 4 * hour;
const six = start + 3 * hour;

/** @param until when the quiet hours of each contact end */
function quietIncident(until: Record<string, number>, policy = low) {
  const sales = createIncident(policy);
  sales.isQuiet((contact) => ((until[contact] ?? 0) > sales.now() ? (until[contact] ?? null) : null));
  sales.fails();
  return sales;
}
type Quiet = ReturnType<typeof quietIncident>;
/** In the order of time. */
const sent = ({ incident: { pages } }: Quiet): string[] =>
  pages
    .flatMap(({ sentAt, contact, channel }) => (sentAt === undefined ? [] : [{ sentAt, to: `${channel} ${contact}` }]))
    .toSorted((one, other) => one.sentAt - other.sentAt)
    .map(({ sentAt, to }) => `${(sentAt - start) / minute} ${to}`);

/** Pagers of this one report what the test says, at first that pages are held for the end of quiet hours. */
function reportedIncident(until: readonly number[]) {
  const sales = createIncident(low);
  sales.pagersAre('silent');
  sales.fails();
  const hold = (n: number, at: number): void =>
    sales.input({ type: 'page-held', held: { pageId: `uuid-1.${n}`, until: at, why: 'quiet hours', isQuiet: true } });
  for (const [index, at] of until.entries()) hold(index + 1, at);
  return sales;
}

describe('where everybody has quiet hours', () => {
  test('the step waits until the first is paged, and shows that', () => {
    const sales = quietIncident({ ana: seven, ben: six });
    assert.deepEqual(rowOf(sales.incident).next, {
      at: new Date(six).toISOString(),
      code: 'quiet-ends',
      what: 'WhatsApp to ben after quiet hours',
    });
    assert.match(detailsOf(sales.incident), /ana · WhatsApp · held until 2026-03-01 07:00:00 UTC, quiet hours/);
    sales.later(3 * hour - 1);
    assert.deepEqual([sent(sales), sales.pages().length, sales.alarms()], [[], 2, 0]);
    sales.later(1);
    assert.deepEqual(sent(sales), ['180 whatsapp ben']);
    sales.later(5 * minute);
    // The page to ana by WhatsApp gives way to the one by SMS.
    assert.deepEqual(sent(sales), ['180 whatsapp ben', '185 sms ben']);
    sales.later(2 * hour);
    assert.deepEqual(sent(sales), ['180 whatsapp ben', '185 sms ben', '190 sms ben', '240 sms ana']);
    assert.equal(sales.alarms(), 1);
    assert.equal(sales.incident.timeline.filter(({ type }) => type === 'restarted').length, 0);
  });

  test('one who refuses, or a pager that holds it for longer, leaves the others to be paged when theirs end', () => {
    const sales = reportedIncident([seven, six]);
    assert.equal(rowOf(sales.incident).next?.what, 'WhatsApp to ben after quiet hours');
    sales.later(3 * hour);
    sales.reports.failed('uuid-1.2', '63016');
    assert.deepEqual(rowOf(sales.incident).next, {
      at: new Date(seven).toISOString(),
      code: 'quiet-ends',
      what: 'WhatsApp to ana after quiet hours',
    });
    sales.later(hour);
    sales.reports.held('uuid-1.1', seven + 2 * minute);
    sales.later(4 * minute);
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'whatsapp ben']);
    sales.reports.sent('uuid-1.1');
    sales.later(4 * minute);
    assert.equal(sales.pages().length, 2);
    sales.later(minute);
    assert.deepEqual(sales.pages().slice(2), ['sms ana', 'sms ben']);
  });

  test('an incident is not forgotten before anybody is paged', () => {
    const sales = quietIncident({ ana: seven, ben: seven });
    sales.incident.settings.forgetMs = minute;
    sales.run();
    sales.later(3 * hour);
    assert.equal(sales.itemChecks(), 0);
    assert.equal(sales.incident.state, 'triggered');
  });

  test('a pager that sends nothing afterwards is waited for as long as after any step', () => {
    const sales = reportedIncident([seven, seven]);
    sales.later(4 * hour + 4 * minute);
    assert.equal(sales.pages().length, 2);
    sales.later(minute);
    assert.deepEqual(sales.pages().slice(2), ['sms ana', 'sms ben']);
  });
});

describe('where somebody is awake', () => {
  test('an answer of theirs ends it, and the other gets nothing', () => {
    const sales = quietIncident({ ana: seven });
    assert.deepEqual(sent(sales), ['0 whatsapp ben']);
    sales.answers({ by: 'ben', contact: 'ben' });
    sales.later(6 * hour);
    assert.deepEqual(sent(sales), ['0 whatsapp ben']);
  });

  test('the steps go on without an answer, and the other is paged when the quiet hours end', () => {
    const sales = quietIncident({ ana: seven }, { ...low, steps: low.steps.slice(0, 1) });
    sales.later(hour);
    assert.equal(sales.incident.state, 'unacknowledged');
    assert.deepEqual(sent(sales), ['0 whatsapp ben', '5 whatsapp ben']);
    sales.later(3 * hour);
    assert.deepEqual(sent(sales), ['0 whatsapp ben', '5 whatsapp ben', '240 whatsapp ana']);
  });

  test('a silence that a later step finds withdraws what still waits', () => {
    const sales = quietIncident(
      { ana: seven },
      { ...low, steps: low.steps.map((step) => ({ ...step, page: ['ben'] })) },
    );
    const both = quietIncident(
      { ana: seven },
      { ...low, steps: [...low.steps.slice(0, 1), { page: ['ben'], by: 'sms', waitMs: minute }] },
    );
    for (const one of [sales, both]) {
      one.silence.is({ id: 's', until: start + hour, by: 'lead', reason: 'Planned.' });
      one.later(6 * minute);
    }
    const withdrawn = ({ messages }: Quiet): string[] =>
      messages.flatMap(({ signal, contact }) => (signal === 'withdraw' ? [contact] : []));
    assert.deepEqual([withdrawn(sales), withdrawn(both)], [[], ['ana']]);
  });

  test('a new failure withdraws what still waits', () => {
    const sales = quietIncident({ ana: seven }, { ...low, steps: low.steps.slice(0, 1) });
    sales.later(61 * minute);
    sales.fails();
    const withdrawn = sales.messages.filter(({ signal, contact }) => signal === 'withdraw' && contact === 'ana');
    assert.equal(withdrawn.length, 1);
    sales.later(4 * hour);
    assert.equal(sent(sales).filter((text) => text === '240 whatsapp ana').length, 1);
  });
});

test('a page that waits says what is known when the quiet hours end', () => {
  const sales = createIncident(low);
  sales.isQuiet(() => seven);
  sales.fails();
  const copies = (): Extract<Quiet['messages'][number], { signal: 'page' }>[] =>
    sales.messages.filter((message) => message.signal === 'page');
  const first = copies();
  sales.later(hour);
  sales.fails(sales.now() + 1);
  const [again] = copies().slice(first.length);
  assert.equal(again?.payload.pageId, first[0]?.payload.pageId);
  assert.equal(again?.payload.facts.failures, 2);
});

describe('a route that is known while all pages wait', () => {
  function unrouted() {
    const sales = createIncident(low);
    sales.isQuiet((contact) => (contact === 'ana' || contact === 'ben' ? seven : null));
    sales.failsUnrouted();
    sales.later(2 * second);
    assert.deepEqual(sent(sales), []);
    return sales;
  }
  const withdrawals = ({ messages }: Quiet): number => messages.filter(({ signal }) => signal === 'withdraw').length;

  test('counts as if it had been known before: nobody has been paged', () => {
    const sales = unrouted();
    const steps: Policy['steps'] = [{ page: ['lead'], by: 'sms', waitMs: 5 * minute }];
    sales.routes.answers({ policy: { name: 'high', steps, repeat: 0, remindMs: hour }, route: 2, isCertain: true });
    assert.deepEqual(sales.pages().slice(2), ['sms lead']);
    assert.equal(withdrawals(sales), 2);
  });

  test('counts so also where another route has withdrawn them before', () => {
    const sales = unrouted();
    const steps: Policy['steps'] = [{ page: ['ana'], by: 'sms', waitMs: 5 * minute }];
    const other: Policy = { name: 'low-too', severity: 'low', steps, repeat: 0, remindMs: hour };
    sales.routes.answers({ policy: other, route: 2, isCertain: false });
    sales.later(10 * second);
    sales.routes.answers({ ignored: 'not ours', route: 1, isCertain: true });
    assert.equal(sales.incident.state, 'resolved');
  });

  test('and ignores it withdraws them', () => {
    const sales = unrouted();
    sales.routes.answers({ ignored: 'not ours', route: 1, isCertain: true });
    assert.equal(sales.incident.state, 'resolved');
    assert.equal(withdrawals(sales), 2);
    assert.ok(
      sales.messages.every(({ signal, payload }) => signal !== 'withdraw' || ('settled' in payload && payload.settled)),
      'their pagers count it as open no more',
    );
    assert.doesNotMatch(detailsOf(sales.incident), /held until/);
  });
});

test('pages and notices of a low policy say that they keep quiet hours, others do not', () => {
  const keeps = (policy: Policy): boolean[] => {
    const sales = createIncident(policy);
    sales.fails();
    sales.succeeds(sales.now() + 1);
    return sales.messages.flatMap(({ payload, signal }) =>
      signal === 'withdraw' ? [] : ['keepsQuietHours' in payload && payload.keepsQuietHours],
    );
  };
  assert.deepEqual(keeps(low), [true, true, true, true]);
  const requested = createIncident(low);
  requested.fails();
  requested.answers({ verb: 'rerun', by: 'ben', contact: 'ben' });
  requested.tableau.startsRerun({ state: 'refused', why: 'no extract' });
  const last = requested.messages.at(-1);
  assert.ok(last?.signal === 'notice' && last.payload.kind === 'not-rerun');
  assert.ok(!('keepsQuietHours' in last.payload), 'whoever requested it is awake');
  const { severity: _severity, ...high } = low;
  assert.deepEqual(keeps(high), [false, false, false, false]);
});

test('a critical policy pages and calls at once, and calls nobody who has no phone', () => {
  const steps: Policy['steps'] = [
    { page: ['ana', 'schedule/data'], by: 'sms', waitMs: 5 * minute, calls: ['ana', 'ben'] },
  ];
  const sales = createIncident({ ...low, severity: 'critical', steps });
  sales.onCall.is({ 'schedule/data': 'lead' });
  sales.fails();
  assert.deepEqual(sales.pages(), ['sms ana', 'sms lead', 'call ana']);
  const other = createIncident({ ...low, severity: 'critical', steps });
  other.onCall.is({ 'schedule/data': 'ben' });
  other.fails();
  assert.deepEqual(other.pages(), ['sms ana', 'sms ben', 'call ana', 'call ben']);
});

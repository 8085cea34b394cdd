import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute } from '../../../src/workflows/contract.js';
import { createIncident, start } from '../../helpers/incident.js';

const iso = (ms: number): string => new Date(start + ms).toISOString();
const types = (sales: ReturnType<typeof createIncident>) => sales.shown.timeline.map(({ type }) => type);

describe('whoever looks at an incident sees', () => {
  test('what broke, why, whose it is and what comes next, with times as ISO 8601 and without the name of the owner', () => {
    const sales = createIncident();
    const lastGoodAt = start - 2 * hour;
    const facts = { project: 'Finance/Daily', cause: 'Login failed.', owner: 'Olga Owner', ownerRole: 'ben' };
    sales.tableau.knows({ ...facts, url: 'https://t/1', tags: ['gold'], lastGoodAt, nextRunAt: start + hour });
    sales.fails();
    const { cause, project, ownerRole, detail, next } = sales.shown;
    assert.deepEqual([cause, project, ownerRole], ['Login failed.', 'Finance/Daily', 'ben']);
    assert.deepEqual(detail, {
      project: 'Finance/Daily',
      url: 'https://t/1',
      tags: ['gold'],
      cause: 'Login failed.',
      problems: [],
      lastGoodAt: iso(-2 * hour),
      nextRunAt: iso(hour),
    });
    assert.deepEqual(next, { at: iso(5 * minute), code: 'step', what: 'SMS to ana' });
  });

  test('each page: requested, held, sent, read, failed, withdrawn', () => {
    const sales = createIncident();
    sales.pagersAre('silent');
    sales.fails();
    const of = (n: number) => sales.shown.pagesSent.find((page) => page.n === n);
    sales.reports.held('uuid-1.1', start + minute, 'a message is unanswered');
    assert.deepEqual(of(1), {
      n: 1,
      contact: 'ana',
      channel: 'whatsapp',
      step: 1,
      requestedAt: iso(0),
      status: 'held',
      sentAt: null,
      readAt: null,
      heldUntil: iso(minute),
      why: 'a message is unanswered',
    });
    sales.later(minute);
    sales.reports.sent('uuid-1.1');
    assert.deepEqual([of(1)?.status, of(1)?.sentAt, of(1)?.heldUntil, of(1)?.why], ['sent', iso(minute), null, null]);
    sales.later(minute);
    const read = { pageId: 'uuid-1.1', at: sales.now(), read: true } as const;
    sales.input({ type: 'page-sent', sent: read });
    sales.input({ type: 'page-sent', sent: read });
    assert.deepEqual([of(1)?.status, of(1)?.readAt], ['read', iso(2 * minute)]);
    sales.later(4 * minute);
    sales.reports.failed('uuid-1.2', '30006');
    // The next step has begun, and shows with the first report on its pages.
    sales.reports.held('uuid-1.3', sales.now() + minute);
    assert.deepEqual([of(2)?.status, of(2)?.why, of(2)?.step], ['failed', '30006', 2]);
    assert.deepEqual(types(sales), ['failed', 'held', 'sent', 'read', 'undelivered', 'held']);
    sales.answers({ by: 'lead' });
    assert.deepEqual([of(3)?.status, of(4)?.status, of(4)?.heldUntil], ['withdrawn', 'withdrawn', null]);
    assert.equal(sales.shown.pages, 4);
  });

  test('why a page was withdrawn', () => {
    const sales = createIncident();
    sales.pagersAre('silent');
    sales.fails();
    sales.later(5 * minute);
    sales.reports.sent('uuid-1.2');
    const [first] = sales.shown.pagesSent;
    assert.deepEqual([first?.status, first?.why], ['withdrawn', 'its pager reported nothing in its step']);
  });

  test('how many rounds of the policy have begun, and that the next step begins another', () => {
    const sales = createIncident();
    sales.fails();
    assert.equal(sales.shown.round, 1);
    sales.later(10 * minute);
    assert.equal(sales.shown.next?.code, 'repeat');
    sales.later(5 * minute);
    assert.deepEqual([sales.shown.round, sales.shown.step], [2, 1]);
    sales.later(10 * minute);
    assert.equal(sales.shown.next?.code, 'unacknowledged');
    sales.later(5 * minute);
    assert.deepEqual(
      [sales.shown.state, sales.shown.round, sales.shown.pagesSent.at(-1)?.step],
      ['unacknowledged', 2, null],
    );
    sales.later(2 * hour);
    sales.fails();
    assert.equal(sales.shown.round, 3);
  });

  test('who took it and when, also while somebody else snoozes it', () => {
    const sales = createIncident();
    sales.fails();
    sales.later(minute);
    sales.answers({ contact: 'ana' });
    sales.later(minute);
    sales.answers({ answerId: 'later', verb: 'snooze', by: 'lead', contact: 'lead', durationMs: 30 * minute });
    const taken = { acknowledgedBy: 'ana', acknowledgedAt: iso(minute) };
    const snoozed = { snoozedBy: 'lead', snoozedUntil: iso(32 * minute) };
    const whoHasIt = () => {
      const { acknowledgedBy, acknowledgedAt, snoozedBy, snoozedUntil } = sales.shown;
      return { acknowledgedBy, acknowledgedAt, snoozedBy, snoozedUntil };
    };
    assert.deepEqual(whoHasIt(), { ...taken, ...snoozed });
    assert.deepEqual(sales.shown.next, {
      at: iso(32 * minute),
      code: 'snooze-ends',
      what: 'The escalation starts again',
    });
    assert.equal(sales.outcome('later')?.by, 'lead');
    sales.later(30 * minute);
    const nobody = { acknowledgedBy: null, acknowledgedAt: null, snoozedBy: null, snoozedUntil: null };
    assert.deepEqual(whoHasIt(), nobody);
    sales.answers({ answerId: 'last', verb: 'snooze', by: 'lead', durationMs: minute });
    assert.deepEqual([whoHasIt().acknowledgedBy, whoHasIt().snoozedBy], [null, 'lead']);
  });

  test('an answer at once, although its pagers are still being signalled', () => {
    const sales = createIncident();
    sales.fails();
    sales.later(minute);
    sales.pagersAre('unreachable');
    sales.answers({ by: 'lead' });
    assert.deepEqual([sales.shown.state, sales.shown.acknowledgedBy], ['acknowledged', 'lead']);
    assert.deepEqual(sales.shown.next, { at: iso(4 * hour + minute), code: 'reminder', what: 'Reminder' });
    const upserts = sales.upserts.length;
    sales.pagersAre('sending');
    assert.equal(sales.upserts.length, upserts, 'and nothing new when they are');
  });

  test('what follows an answer, and not what came before it, while a run ends', () => {
    const sales = createIncident();
    sales.fails();
    sales.drains();
    sales.answers({});
    const reminder = { at: iso(4 * hour), code: 'reminder', what: 'Reminder' };
    assert.deepEqual([sales.shown.state, sales.shown.next], ['acknowledged', reminder]);
    sales.answers({ answerId: 'later', verb: 'snooze', durationMs: hour });
    sales.answers({ answerId: 'much later', verb: 'snooze', durationMs: 2 * hour });
    assert.deepEqual([sales.shown.snoozedUntil, sales.shown.next?.at], [iso(2 * hour), iso(2 * hour)]);
    sales.answers({ answerId: 'again', verb: 'rerun' });
    assert.deepEqual([sales.shown.state, sales.shown.next], ['acknowledged', null], 'it runs again in the next run');
    sales.continuesAsNew();
    sales.tableau.startsRerun({ state: 'queued', job: 'job' });
    assert.equal(sales.shown.next?.code, 'rerun-check');
    sales.drains();
    sales.answers({ answerId: 'done', verb: 'resolve' });
    assert.deepEqual([sales.shown.state, sales.shown.next?.code], ['resolved', 'linger-ends']);
    sales.fails(start + 1);
    assert.deepEqual([sales.shown.state, sales.shown.next], ['triggered', null]);
    sales.continuesAsNew();
    assert.deepEqual([sales.shown.state, sales.shown.next?.code], ['triggered', 'step']);
  });

  test('all of it when an operator has cancelled it, also where no pager has reported on the page', () => {
    const sales = createIncident();
    sales.pagersAre('silent');
    sales.tableau.knows({ project: 'Finance' });
    sales.fails();
    assert.equal(sales.shown.timeline.length, 0);
    sales.isCancelled();
    assert.ok(sales.ended());
    assert.deepEqual(types(sales), ['failed', 'cancelled']);
    assert.deepEqual(
      sales.shown.pagesSent.map(({ status, why }) => [status, why]),
      [['withdrawn', 'nobody needs it any more']],
    );
    assert.deepEqual([sales.shown.detail?.project, sales.shown.next], ['Finance', null]);
  });

  test('a silence by its end, and writes nothing while it lasts', () => {
    const sales = createIncident();
    sales.silence.is({ id: 'a', until: start + 2 * hour, by: 'ana', reason: 'Upgrade' });
    sales.fails();
    assert.deepEqual([sales.shown.next?.code, sales.shown.next?.at], ['silence-ends', iso(2 * hour)]);
    assert.deepEqual([sales.shown.round, sales.shown.pagesSent[0]?.status], [0, 'withdrawn']);
    const upserts = sales.upserts.length;
    sales.later(hour);
    assert.equal(sales.upserts.length, upserts);
  });

  test('contact keys alone, where a script gave the name of a person, and no name of a user', () => {
    const sales = createIncident(undefined, 'user');
    sales.fails();
    for (const [answerId, verb] of [
      ['a', 'acknowledge'],
      ['b', 'rerun'],
      ['c', 'snooze'],
      ['d', 'resolve'],
    ] as const)
      sales.answers({ answerId, verb, by: 'Paula Personmark' });
    assert.match(JSON.stringify(sales.memo), /Acknowledged by api.*Snoozed by api.*Resolved by api/s);
    assert.doesNotMatch(JSON.stringify(sales.upserts), /Paula|"Sales"/);
  });
});

describe('an upsert of the memo', () => {
  test('has what changed: the row, and one key for each new entry and page', () => {
    const sales = createIncident();
    sales.fails();
    assert.deepEqual(
      sales.upserts.map((memo) => Object.keys(memo).toSorted()),
      [['detail', 'incident', 'p1', 't1', 't2']],
    );
    sales.later(5 * minute);
    assert.deepEqual(Object.keys(sales.upserts.at(-1) ?? {}).toSorted(), ['incident', 'p2', 't3']);
    sales.answers({ by: 'lead' });
    assert.deepEqual(Object.keys(sales.upserts.at(-1) ?? {}).toSorted(), ['incident', 't4']);
  });

  test('takes away the pages of the last episode, and goes on counting the entries', () => {
    const sales = createIncident();
    sales.fails();
    sales.later(5 * minute);
    sales.succeeds();
    assert.deepEqual([sales.shown.endedAt, sales.shown.next?.code], [iso(5 * minute), 'linger-ends']);
    sales.later(minute);
    sales.fails();
    assert.deepEqual(
      sales.shown.pagesSent.map(({ n, requestedAt }) => [n, requestedAt]),
      [[1, iso(6 * minute)]],
    );
    assert.equal(sales.upserts.at(-1)?.['p2'], null);
    assert.deepEqual([sales.shown.endedAt, sales.shown.pages], [null, 1]);
    assert.deepEqual(types(sales), ['failed', 'sent', 'sent', 'recovered', 'failed', 'sent']);
  });

  test('keeps the newest 200 entries, also over continue-as-new', () => {
    const sales = createIncident();
    sales.fails();
    sales.answers({});
    for (let n = 0; n < 150; n += 1) sales.fails(start + n + 1);
    sales.continuesAsNew();
    for (let n = 150; n < 300; n += 1) sales.fails(start + n + 1);
    assert.equal(sales.shown.timeline.length, 200);
    assert.deepEqual(sales.shown.timeline, sales.incident.timeline);
    assert.deepEqual([sales.memo['t103'], Object.keys(sales.memo).includes('t303')], [null, true]);
  });

  test('names the outcomes of the newest answers that came by a signal', () => {
    const sales = createIncident();
    sales.fails();
    sales.answers({ answerId: 'phone', contact: 'ana' });
    assert.equal(sales.memo['answers'], undefined);
    const bySignal = (answerId: string, verb: 'acknowledge' | 'resolve') =>
      sales.input({ type: 'answer', answer: { answerId, verb, by: 'script' }, isShown: true });
    bySignal('api:0', 'acknowledge');
    assert.deepEqual(sales.memo['answers'], { 'api:0': 'already' });
    for (let n = 1; n <= 10; n += 1) bySignal(`api:${n}`, 'resolve');
    const shown = sales.memo['answers'];
    assert.deepEqual(shown, Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`api:${n + 1}`, 'resolved'])));
  });
});

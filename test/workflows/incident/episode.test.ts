import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute } from '../../../src/workflows/contract.js';
import { detailsOf, rowOf } from '../../../src/workflows/incident/view.js';
import { createIncident, start } from '../../helpers/incident.js';

describe('events', () => {
  test('a copy does nothing', () => {
    const sales = createIncident();
    sales.fails();
    sales.fails(start);
    assert.equal(sales.incident.failures, 1);
    assert.equal(sales.pages().length, 1);
  });

  test('a repeated failure joins the incident and pages nobody again', () => {
    const sales = createIncident();
    sales.fails();
    sales.later(minute);
    sales.fails();
    assert.equal(sales.incident.failures, 2);
    assert.equal(sales.pages().length, 1);
  });

  test('a later success resolves it, and whoever was paged is notified once', () => {
    const sales = createIncident();
    sales.fails();
    sales.later(12 * minute);
    sales.succeeds();
    assert.equal(sales.incident.state, 'resolved');
    assert.deepEqual(sales.notices(), ['recovered ana', 'recovered lead']);
    const before = sales.pages().length;
    sales.later(30 * minute);
    assert.equal(sales.pages().length, before);
  });

  test('a success that is older than the failure resolves nothing', () => {
    const sales = createIncident();
    sales.fails();
    sales.succeeds(start - 1_000);
    assert.equal(sales.incident.state, 'triggered');
  });

  test('a failure and a success in the same second leave it triggered, in either order', () => {
    const sales = createIncident();
    sales.fails();
    sales.succeeds(start);
    assert.equal(sales.incident.state, 'triggered');
    const other = createIncident();
    other.fails(start - minute);
    other.succeeds(start);
    other.fails(start);
    assert.equal(other.incident.state, 'triggered');
  });

  test('a failure from before the recovery that arrives late does not reopen it', () => {
    const sales = createIncident();
    sales.fails();
    sales.later(10 * minute);
    sales.succeeds();
    sales.fails(start + minute);
    assert.equal(sales.incident.state, 'resolved');
    assert.equal(sales.pages().length, 4);
    sales.later(30 * minute);
    assert.equal(sales.pages().length, 4);
  });

  test('a new failure within the hour reopens it as a new episode, from the first step', () => {
    const sales = createIncident();
    sales.fails();
    sales.succeeds(start + minute);
    sales.later(10 * minute);
    sales.fails();
    assert.equal(sales.incident.state, 'triggered');
    assert.equal(sales.incident.failures, 1);
    assert.deepEqual(sales.pageIds(), ['uuid-1.1', 'uuid-2.1']);
  });

  test('a failure of 1970 or earlier has its name in the page, as any other', () => {
    for (const at of [0, -1, Date.parse('0001-01-01T00:00:00Z')]) {
      const sales = createIncident();
      sales.fails(at);
      assert.deepEqual([sales.incident.item.name, sales.incident.event], ['Sales', 'WorkbookRefreshFailed']);
    }
  });

  test('of an event whose time cannot be true the timeline says so, and a copy of it does nothing', () => {
    const sales = createIncident();
    const untrueCreatedAt = Date.parse('2099-01-01T00:00:00Z');
    sales.fails(start, 'WorkbookRefreshFailed', { untrueCreatedAt });
    sales.later(5_000);
    sales.fails(start + 5_000, 'WorkbookRefreshFailed', { untrueCreatedAt });
    assert.equal(sales.incident.failures, 1);
    const texts = sales.incident.timeline.filter(({ type }) => type === 'clock').map(({ text }) => text);
    assert.deepEqual(texts, [
      'WorkbookRefreshFailed has the time 2099-01-01T00:00:00.000Z, which cannot be: its time of arrival counts',
    ]);
  });

  test('it lingers for an hour after it was resolved, then ends', () => {
    const sales = createIncident();
    sales.fails();
    sales.succeeds(start + 1_000);
    sales.later(hour - 1);
    assert.equal(sales.ended(), false);
    sales.later(1);
    assert.equal(sales.ended(), true);
  });
});

describe('answers', () => {
  test('an acknowledgement stops the escalation, settles every page and notifies the other contacts', () => {
    const sales = createIncident();
    sales.fails();
    sales.later(10 * minute);
    assert.equal(sales.answers({ contact: 'ana' }), 'taken');
    sales.later(hour);
    assert.deepEqual(sales.pages(), ['whatsapp ana', 'sms ana', 'call ana', 'call lead']);
    assert.deepEqual(sales.notices(), ['taken lead']);
    const settled = sales.messages.flatMap((message) =>
      message.signal === 'withdraw' ? [[message.contact, message.payload.upTo, message.payload.settled]] : [],
    );
    // The pager of whoever answered receives the outcome instead.
    assert.deepEqual(settled, [['lead', 4, { how: 'acknowledged', by: 'ana' }]]);
  });

  test('further failures of an acknowledged incident are counted and page nobody', () => {
    const sales = createIncident();
    sales.fails();
    sales.answers({});
    sales.later(minute);
    sales.fails();
    assert.equal(sales.incident.failures, 2);
    assert.equal(sales.pages().length, 1);
  });

  test('a copy of an answer does nothing', () => {
    const sales = createIncident();
    sales.fails();
    assert.equal(sales.answers({ contact: 'ana' }), 'taken');
    assert.equal(sales.answers({ contact: 'ana' }), null);
    assert.equal(sales.incident.answers.length, 1);
  });

  test('whoever acknowledges second receives who was first', () => {
    const sales = createIncident();
    sales.fails();
    sales.answers({ by: 'ana' });
    assert.equal(sales.answers({ answerId: 'second', by: 'lead', contact: 'lead' }), 'already');
    const until = start + 4 * hour;
    assert.deepEqual(sales.outcome('second'), { result: 'already', by: 'ana', until, upTo: 1 });
  });

  test('an answer for an earlier episode has the outcome "closed"', () => {
    const sales = createIncident();
    sales.fails();
    const { episode } = sales.incident;
    sales.succeeds(start + minute);
    sales.later(2 * minute);
    sales.fails();
    assert.equal(sales.answers({ answerId: 'late', ...(episode ? { episode } : {}) }), 'closed');
    assert.equal(sales.incident.state, 'triggered');
  });

  test('resolve ends it, also after an acknowledgement, and may be repeated', () => {
    const sales = createIncident();
    sales.fails();
    sales.answers({});
    assert.equal(sales.answers({ answerId: 'r1', verb: 'resolve', by: 'script' }), 'resolved');
    assert.equal(sales.answers({ answerId: 'r2', verb: 'resolve', by: 'script' }), 'resolved');
    assert.equal(sales.answers({ answerId: 'a2', by: 'script' }), 'closed');
    assert.deepEqual(sales.notices(), ['resolved ana']);
  });
});

describe('what is shown of it', () => {
  test('the row has its state and what comes next', () => {
    const sales = createIncident();
    sales.fails();
    assert.deepEqual(rowOf(sales.incident), {
      id: 'refresh:site:sales',
      episode: 'uuid-1',
      state: 'triggered',
      item: { kind: 'workbook', luid: 'sales', name: 'Sales', site: 'site' },
      event: 'WorkbookRefreshFailed',
      failures: 1,
      firstFailedAt: '2026-03-01T03:00:00.000Z',
      lastFailedAt: '2026-03-01T03:00:00.000Z',
      cause: null,
      project: null,
      ownerRole: null,
      acknowledgedBy: null,
      acknowledgedAt: null,
      snoozedBy: null,
      snoozedUntil: null,
      endedAt: null,
      policy: 'default',
      step: 1,
      round: 1,
      pages: 1,
      next: { at: '2026-03-01T03:05:00.000Z', code: 'step', what: 'SMS to ana' },
    });
  });

  test('memo and current details contain contact keys, never the name that a script gave or the owner', () => {
    const sales = createIncident();
    sales.fails();
    sales.incident.detail = { owner: 'Olga Owner', project: 'Finance', problems: [] };
    sales.answers({ by: 'Ana Example' });
    assert.equal(rowOf(sales.incident).acknowledgedBy, 'api');
    assert.doesNotMatch(JSON.stringify(sales.memo), /Olga|Ana Example/);
    const details = detailsOf(sales.incident);
    assert.match(details, /\*\*acknowledged\*\* by api · Workbook \*\*Sales\*\*/);
    assert.match(details, /^- 2026-03-01 03:00:00 UTC · ana · WhatsApp · sent$/m);
    assert.doesNotMatch(details, /Olga|Ana Example/);
  });
});

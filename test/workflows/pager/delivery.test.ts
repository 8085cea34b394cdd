import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minute } from '../../../src/workflows/contract.js';
import { answerSourcesOf } from '../../../src/workflows/pager/delivery.js';
import { sendId } from '../../../src/workflows/pager/send.js';
import { createPager } from '../../helpers/pager.js';

describe('failures', () => {
  test('of the recipient are final at once', () => {
    const ana = createPager();
    ana.page('sales');
    const out = ana.begin('whatsapp');
    assert.deepEqual(ana.fails(out, 'recipient', '63003'), { final: true });
    assert.deepEqual(ana.reports(), ['failed sales']);
    assert.deepEqual(ana.waiting(), []);
  });

  test('of Twilio are retried with growing waits, reported as held, until the step is over', () => {
    const ana = createPager();
    ana.page('sales');
    const waits: number[] = [];
    for (;;) {
      const out = ana.begin('whatsapp');
      const { final } = ana.fails(out, 'outage', '503');
      if (final) break;
      waits.push(out.notBefore - ana.now());
      ana.later(out.notBefore - ana.now());
    }
    assert.deepEqual(waits, [2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 60_000, 60_000, 60_000]);
    assert.deepEqual([...new Set(ana.reports())], ['held sales', 'failed sales']);
  });

  test('a message names the workflows whose pending answers it waits for', () => {
    const ana = createPager({ windowMs: 0 });
    const facts = { kind: 'workbook', name: 'Sales', event: 'WorkbookRefreshFailed', failures: 1, since: 0 } as const;
    const page = { incident: 'sales', channel: 'whatsapp', facts, waitMs: 300_000 } as const;
    ana.input({ type: 'page', page: { ...page, pageId: 'e-sales.1', others: ['lead'], isFirstStep: true } });
    const first = ana.begin('whatsapp');
    const ifStale = { pagers: ['pager:lead'], incidents: ['incident:sales'], onlyWhenStale: true };
    assert.deepEqual(answerSourcesOf(ana.pager, first, ana.now()), ifStale, 'a prompt first step does not look');
    ana.fails(first, 'recipient', '63003');
    ana.input({ type: 'page', page: { ...page, pageId: 'e-sales.2', others: ['lead', 'olga'] } });
    const shared = ana.begin('whatsapp');
    const known = { pagers: ['pager:lead', 'pager:olga'], incidents: ['incident:sales'] };
    assert.deepEqual(answerSourcesOf(ana.pager, shared, ana.now()), known);
    ana.fails(shared, 'rescheduled', 'stale-attempt');
    ana.later(14_000);
    assert.deepEqual(answerSourcesOf(ana.pager, shared, ana.now()), known);
    ana.fails(ana.begin('whatsapp'), 'rescheduled', 'stale-attempt');
    ana.later(1_000);
    assert.equal(answerSourcesOf(ana.pager, shared, ana.now()), undefined, 'none after 15 seconds');
    ana.begin('whatsapp');
    ana.fails(shared, 'outage', '503');
    ana.later(2_000);
    assert.deepEqual(answerSourcesOf(ana.pager, shared, ana.now()), known, 'a retry after an outage waits again');
    ana.fails(shared, 'recipient', '63003');
    ana.input({ type: 'page', page: { ...page, pageId: 'e-sales.3', others: [] } });
    const alone = ana.begin('whatsapp');
    const own = { ...known, pagers: [], onlyWhenStale: true };
    assert.deepEqual(answerSourcesOf(ana.pager, alone, ana.now()), own, 'nobody else was paged');
    const many = Array.from({ length: 30 }, (_, n) => n);
    many.forEach((n) =>
      ana.input({ type: 'page', page: { ...page, incident: `item-${n}`, pageId: 'e.1', others: [] } }),
    );
    const bundle = ana.begin('whatsapp');
    assert.equal(answerSourcesOf(ana.pager, bundle, ana.now())?.incidents.length, 30, 'every incident of a bundle');
  });

  test('a first step that was held, or is retried, looks for answers like any other', () => {
    const ana = createPager();
    const facts = { kind: 'workbook', name: 'Sales', event: 'WorkbookRefreshFailed', failures: 1, since: 0 } as const;
    const page = { channel: 'whatsapp', facts, waitMs: 300_000, isFirstStep: true } as const;
    const others = ['lead'];
    ana.input({ type: 'page', page: { ...page, others, incident: 'sales', pageId: 'e-sales.1' } });
    const first = ana.begin('whatsapp');
    ana.fails(first, 'outage', '503');
    ana.later(2_000);
    assert.equal(answerSourcesOf(ana.pager, ana.begin('whatsapp'), ana.now())?.onlyWhenStale, undefined);
    ana.input({
      type: 'completed',
      id: sendId(first.attempt),
      result: { activity: 'send', result: { sid: 'SM1', found: false } },
    });
    ana.input({ type: 'page', page: { ...page, others, incident: 'hr', pageId: 'e-hr.1' } });
    ana.later(minute);
    const held = ana.begin('whatsapp');
    assert.deepEqual(answerSourcesOf(ana.pager, held, ana.now()), {
      pagers: ['pager:lead'],
      incidents: ['incident:hr'],
    });
  });

  test('stale attempts do not lengthen the waits of later retries', () => {
    const ana = createPager();
    ana.page('sales');
    for (let n = 0; n < 10; n += 1) {
      ana.fails(ana.begin('whatsapp'), 'rescheduled', 'stale-attempt');
      ana.later(1_000);
    }
    const out = ana.begin('whatsapp');
    ana.fails(out, 'outage', '503');
    assert.equal(out.notBefore - ana.now(), 4_000);
  });

  test('the text of a page does not change between retries of unknown outcome', () => {
    const ana = createPager();
    ana.page('sales');
    const first = ana.begin('whatsapp');
    const { text } = first;
    ana.fails(first, 'unknown', 'timeout');
    ana.later(4 * 60_000);
    assert.equal(ana.begin('whatsapp').text, text);
    assert.equal(first.uncertain, true);
  });

  test('error 21610 marks SMS as stopped, and later pages by SMS fail at once', () => {
    const ana = createPager();
    ana.page('sales', 1, 'sms');
    ana.fails(ana.begin('sms'), 'recipient', '21610');
    ana.page('sales', 2, 'sms');
    assert.deepEqual(ana.waiting(), []);
    assert.deepEqual(ana.reports(), ['failed sales', 'failed sales']);
  });
});

describe('delivery receipts', () => {
  test('a failed one ends the page once, in whatever order they arrive', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    const attempt = ana.pager.sent[0]?.attempt ?? '';
    ana.receipt(attempt, 'undelivered', '63016');
    ana.receipt(attempt, 'sent');
    ana.receipt(attempt, 'failed', '63016');
    assert.deepEqual(ana.reports(), ['sent sales', 'failed sales']);
    assert.equal(ana.pager.sent[0]?.status, 'undelivered');
  });

  test('one that arrives before the response of Twilio replaces it', () => {
    const ana = createPager();
    ana.page('sales');
    const out = ana.begin('whatsapp');
    ana.receipt(out.attempt, 'sent');
    assert.deepEqual(ana.fails(out, 'unknown', 'timeout'), { final: true });
    assert.deepEqual(ana.reports(), ['sent sales']);
    assert.deepEqual(ana.waiting(), []);
  });

  test('a failure after a delivery changes nothing', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    const attempt = ana.pager.sent[0]?.attempt ?? '';
    ana.receipt(attempt, 'read');
    ana.receipt(attempt, 'failed', '63016');
    // The status "read" is reported, and is no answer.
    assert.deepEqual(ana.reports(), ['sent sales', 'sent sales']);
    assert.equal(ana.pager.sent[0]?.status, 'read');
    assert.equal(ana.pager.items[0]?.settled, null);
  });

  test('an unknown status is recorded by its name', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    const attempt = ana.pager.sent[0]?.attempt ?? '';
    ana.receipt(attempt, 'on-its-way');
    assert.equal(ana.pager.sent[0]?.status, 'on-its-way');
    ana.receipt(attempt, 'undelivered', '30008');
    assert.deepEqual(ana.reports(), ['sent sales', 'failed sales']);
  });

  test('an unanswered call ends its page; a call that the pager ended does not', () => {
    const ana = createPager();
    ana.page('sales', 1, 'call');
    ana.sends('call');
    const call = ana.pager.sent[0];
    assert.ok(call);
    ana.receipt(call.attempt, 'no-answer');
    assert.deepEqual(ana.reports(), ['sent sales', 'failed sales']);
    ana.later(3 * minute);
    ana.page('sales', 2, 'call');
    ana.sends('call');
    const second = ana.pager.sent[1];
    assert.ok(second);
    second.endedByUs = true;
    ana.receipt(second.attempt, 'canceled');
    assert.deepEqual(ana.reports(), ['sent sales', 'failed sales', 'sent sales']);
  });
});

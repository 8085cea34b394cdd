import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute } from '../../../src/workflows/contract.js';
import { pagerMachine } from '../../../src/workflows/pager/machine.js';
import { sendId } from '../../../src/workflows/pager/send.js';
import { createPager } from '../../helpers/pager.js';

describe('notices', () => {
  function threePaged() {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.page('hr');
    ana.page('ops');
    ana.later(minute);
    ana.sends('whatsapp');
    return ana;
  }

  test('use the channel that reached the contact, once', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.withdraw('sales', 1, { how: 'recovered', by: null });
    ana.notice('sales');
    ana.notice('sales');
    ana.notices();
    assert.deepEqual(ana.waiting(), ['whatsapp text']);
  });

  test('are SMS to a contact whom only a call reached', () => {
    const ana = createPager();
    ana.page('sales', 1, 'call');
    ana.sends('call');
    ana.withdraw('sales', 1, { how: 'recovered', by: null });
    ana.notice('sales');
    ana.notices();
    assert.deepEqual(ana.waiting(), ['sms text']);
  });

  test('are not sent to a contact to whom no page was sent', () => {
    const ana = createPager();
    ana.page('sales');
    ana.withdraw('sales', 1, { how: 'recovered', by: null });
    ana.notice('sales');
    ana.notices();
    assert.deepEqual(ana.waiting(), []);
  });

  test('name a channel where they are for a contact who was not paged', () => {
    const ana = createPager();
    ana.notice('sales', 'suspended', undefined, 'sms');
    ana.notices();
    assert.match(ana.sends('sms'), /^Tableau has suspended the schedule of "sales"/);
    assert.deepEqual(
      ana.pager.items.map(({ settled }) => settled?.how),
      ['forgotten'],
    );
    ana.replies('LIST', { channel: 'sms' });
    assert.equal(ana.replyText(), 'Nothing is open for you.');
  });

  test('of several items that are forgotten within two seconds are one message, which does not say that there is nothing to do', () => {
    const ana = threePaged();
    for (const [name, kind] of [
      ['sales', 'forgotten'],
      ['hr', 'forgotten'],
      ['ops', 'suspended'],
    ] as const) {
      ana.withdraw(name, 1, { how: 'forgotten', by: null });
      ana.notice(name, kind, 'Tableau has sent nothing for 7 days.');
      ana.notices();
    }
    ana.later(2_000);
    ana.notices();
    assert.equal(
      ana.sends('whatsapp'),
      '2 silent in Tableau and not watched any more: "sales", "hr". 1 suspended by Tableau: "ops".',
    );
    ana.replies('ACK 1');
    assert.equal(ana.replyText(), 'Not watched any more: "sales".');
  });

  test('of one item are sent at once when nothing else is open', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.withdraw('sales', 1, { how: 'recovered', by: null });
    ana.notice('sales');
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^"sales" works again/);
  });

  test('wait a quarter of an hour while something is open, and are sent together', () => {
    const ana = threePaged();
    for (const name of ['sales', 'hr']) {
      ana.withdraw(name, 1, { how: 'recovered', by: null });
      ana.notice(name);
    }
    ana.notices();
    assert.deepEqual(ana.waiting(), []);
    ana.later(15 * minute);
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^2 working again: "sales", "hr"\. Still open: 1\.$/);
  });

  test('are sent together, in one message, two seconds after the storm is over', () => {
    const ana = threePaged();
    for (const name of ['sales', 'hr', 'ops']) {
      ana.withdraw(name, 1, { how: 'recovered', by: null });
      ana.notice(name);
      ana.notices();
    }
    assert.deepEqual(ana.waiting(), []);
    ana.later(2_000);
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^3 working again: "sales", "hr", "ops"\. Nothing to do\.$/);
  });

  test('wait for the notices of other items that have just recovered', () => {
    const ana = threePaged();
    for (const name of ['sales', 'hr', 'ops']) ana.withdraw(name, 1, { how: 'recovered', by: null });
    ana.notice('sales');
    ana.notices();
    assert.deepEqual(ana.waiting(), []);
    for (const name of ['hr', 'ops']) ana.notice(name);
    ana.later(2_000);
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^3 working again: "sales", "hr", "ops"\. Nothing to do\.$/);
  });

  test('a newer notice of an item replaces the pending one', () => {
    const ana = threePaged();
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'lead' });
    ana.notice('sales', 'taken');
    ana.notice('sales', 'recovered');
    ana.later(15 * minute);
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^"sales" works again/);
  });

  test('of a refused rerun do not wait', () => {
    const ana = threePaged();
    ana.notice('sales', 'not-rerun', 'There is no extract.');
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^"sales" was not run again\. There is no extract\. It is still yours\.$/);
  });

  test('that WhatsApp does not deliver are sent by SMS, once', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.withdraw('sales', 1, { how: 'recovered', by: null });
    ana.notice('sales');
    ana.notices();
    ana.sends('whatsapp');
    const notice = ana.pager.sent.at(-1)?.attempt ?? '';
    ana.receipt(notice, 'undelivered', '63016');
    ana.receipt(notice, 'failed', '63016');
    assert.match(ana.sends('sms'), /^"sales" works again/);
    assert.deepEqual(ana.waiting(), []);
  });

  test('that are texts go at once as they are, once, whatever is open, and no reply means them', () => {
    const ana = threePaged();
    const notice = {
      noticeId: 'override:a:made',
      kind: 'text',
      text: 'You are on call (data).',
      channel: 'sms',
    } as const;
    ana.input({ type: 'notice', notice });
    ana.input({ type: 'notice', notice });
    assert.equal(ana.sends('sms'), 'You are on call (data).');
    assert.deepEqual(ana.waiting(), []);
    assert.equal(ana.pager.items.length, 3);
  });

  test('that are calls say their text alone, ring until they are answered, and leave the reserve to first pages', () => {
    const ana = createPager({ callsPerHour: 3 });
    const call = (n: number) =>
      ana.input({ type: 'notice', notice: { noticeId: `test:${n}`, kind: 'text', text: 'TEST', channel: 'call' } });
    const begun = () =>
      pagerMachine
        .advance(ana.pager, { now: ana.now(), draining: false })
        .flatMap((effect) => (effect.type === 'activity' ? [effect.call] : []));
    call(1);
    const [send] = begun();
    assert.ok(send?.activity === 'send');
    assert.deepEqual([send.input.text, send.input.asksNothing], ['TEST', true]);
    ana.input({
      type: 'completed',
      id: sendId(send.input.attempt),
      result: { activity: 'send', result: { sid: 'CA-1', found: false } },
    });
    assert.deepEqual(begun(), [], 'the call that rings is not ended');
    ana.receipt(send.input.attempt, 'no-answer');
    assert.deepEqual(ana.waiting(), [], 'nothing else goes in its place');

    call(2);
    call(3);
    call(4);
    assert.deepEqual(ana.waiting(), ['call text', 'call text']);
    ana.sends('call');
    ana.sends('call');
    ana.page('sales', 1, 'call');
    assert.match(ana.sends('call'), /sales/, 'a page goes as if there had been no test');
    ana.later(hour);
    call(5);
    assert.deepEqual(ana.waiting(), ['call text']);
  });

  test('that are calls go after pages, and without a wait for the limit of pages', () => {
    const ana = createPager({ callsPerHour: 2 });
    ana.input({ type: 'notice', notice: { noticeId: 'test:1', kind: 'text', text: 'TEST', channel: 'call' } });
    ana.page('sales', 1, 'call');
    assert.match(ana.sends('call'), /sales/);
    assert.equal(ana.sends('call'), 'TEST');
  });
});

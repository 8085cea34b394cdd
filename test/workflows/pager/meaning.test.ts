import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minute } from '../../../src/workflows/contract.js';
import { createPager, names } from '../../helpers/pager.js';

describe('a reply without a number', () => {
  /** The page of Sales was sent; the page of HR is in the outbox. */
  function salesAndHr() {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.later(5 * minute);
    ana.page('hr');
    return ana;
  }

  test('means a message that was sent, not one that Twilio has not accepted yet', () => {
    const ana = salesAndHr();
    ana.fails(ana.begin('whatsapp'), 'outage', 'http-429');
    ana.later(minute);
    ana.dropReports();
    ana.replies('ACK');
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
  });

  test('means a message that was sent, not one that was refused or not delivered', () => {
    for (const undo of ['refused', 'undelivered'] as const) {
      const ana = salesAndHr();
      const out = ana.begin('whatsapp');
      if (undo === 'refused') ana.fails(out, 'recipient', '63016');
      else {
        ana.receipt(out.attempt, 'sent');
        ana.receipt(out.attempt, 'undelivered', '63016');
      }
      ana.later(minute);
      ana.dropReports();
      ana.replies('ok');
      assert.deepEqual(ana.reports(), ['acknowledge sales'], undo);
    }
  });

  test('means a message that was delivered before the response of Twilio, as does ALL or its number', () => {
    for (const word of ['ACK', '1', 'ALL']) {
      const ana = createPager();
      ana.page('sales');
      ana.begin('whatsapp');
      ana.replies(word);
      assert.deepEqual(ana.reports(), ['acknowledge sales'], word);
    }
  });

  test('means a message whose outcome stayed unknown: it may have been delivered', () => {
    const ana = createPager();
    ana.page('sales', 1, 'sms', {}, 1_000);
    assert.equal(ana.fails(ana.begin('sms'), 'unknown', 'timeout').final, true);
    ana.dropReports();
    ana.replies('ACK', { channel: 'sms' });
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
  });

  test('means nothing when no message was accepted yet, nor does ALL or a number', () => {
    const ana = createPager();
    ana.page('sales');
    ana.fails(ana.begin('whatsapp'), 'outage', 'http-429');
    ana.dropReports();
    for (const word of ['ACK', '1', 'ALL']) ana.replies(word);
    assert.deepEqual(ana.reports(), []);
  });

  test('ALL and a number do not acknowledge a page that was never accepted', () => {
    const ana = salesAndHr();
    ana.fails(ana.begin('whatsapp'), 'outage', 'http-429');
    ana.dropReports();
    ana.replies('ALL');
    ana.replies('2');
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
  });

  test('means the only message, though a receipt reports it as undelivered: whoever replies has read it', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.receipt(ana.pager.sent[0]?.attempt ?? '', 'undelivered', '30008');
    ana.dropReports();
    ana.replies('ACK');
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
  });
});

test('a tap on a message of unknown outcome waits until the SID of the message is known', () => {
  const ana = createPager();
  ana.page('sales');
  const out = ana.begin('whatsapp');
  ana.fails(out, 'unknown', 'connection-lost');
  ana.replies('ACK', { messageSid: `SM-${out.attempt}` });
  assert.equal(ana.replyText(), null);
  ana.receipt(out.attempt, 'delivered');
  assert.ok(ana.reports().includes('acknowledge sales'));
});

test('an item that was acknowledged and may have reopened is acknowledged again: its incident decides', () => {
  const ana = createPager();
  ana.page('sales');
  ana.sends('whatsapp');
  ana.replies('R');
  ana.incidentsAnswer('rerunning');
  ana.dropReports();
  ana.replies('ACK 1');
  assert.deepEqual(ana.reports(), ['acknowledge sales']);
});

describe('LIST', () => {
  test('shows ten with their numbers, then the next ten, and a listed number can be answered', () => {
    const ana = createPager();
    ana.page('first');
    ana.sends('whatsapp');
    for (const name of names(11)) ana.page(name);
    ana.later(minute);
    ana.sends('whatsapp');
    ana.replies('?');
    assert.match(ana.replyText() ?? '', /^12 open\.\n/);
    assert.equal((ana.replyText() ?? '').split('\n').length, 12);
    ana.replies('LIST 2');
    assert.match(ana.replyText() ?? '', /^12 open\.\n\[11\] item-10, 1 min\n\[12\] item-11, 1 min$/);
    ana.dropReports();
    ana.replies('12');
    assert.deepEqual(ana.reports(), ['acknowledge item-11']);
  });

  test('is answered with "Nothing is open" when nothing is', () => {
    const ana = createPager();
    ana.replies('LIST');
    assert.equal(ana.replyText(), 'Nothing is open for you.');
  });
});

describe('a command for one item', () => {
  test('is answered with "Which one" when the message carries several', () => {
    const ana = createPager();
    ana.page('first');
    ana.sends('whatsapp');
    for (const name of names(3)) ana.page(name);
    ana.later(minute);
    ana.sends('whatsapp');
    ana.later(minute);
    ana.dropReports();
    for (const [word, example] of [
      ['R', /^Which one of 3\? R 2, R 3, R 4\.$/],
      ['DONE', /^Which one of 3\? DONE 2, DONE 3, DONE 4\.$/],
      ['Z 30m', /^Which one of 3\? SNOOZE 2, SNOOZE 3, SNOOZE 4\.$/],
    ] as const) {
      ana.replies(word);
      assert.match(ana.replyText() ?? '', example);
    }
    assert.deepEqual(ana.reports(), []);
    ana.replies('R 3');
    assert.deepEqual(ana.reports(), ['rerun item-2']);
  });

  test('SNOOZE is confirmed with its end', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.replies('Z 30m');
    assert.ok(ana.reports().includes('snooze sales'));
    ana.incidentsAnswer('snoozed', 'ana', ana.now() + 30 * minute);
    assert.equal(ana.replyText(), 'Snoozed: sales. It is back in 30 min.');
  });
});

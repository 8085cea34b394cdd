import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minute } from '../../../src/workflows/contract.js';
import { pagerMachine } from '../../../src/workflows/pager/machine.js';
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
    assert.match(ana.replyText() ?? '', /^12 open\.\n\[11\] "item-10", 1 min\n\[12\] "item-11", 1 min$/);
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
      ['R', /^Which one of 3\? R 2 for "item-1", R 3 for "item-2", R 4 for "item-3"\.$/],
      ['DONE', /^Which one of 3\? DONE 2 for "item-1", DONE 3 for/],
      ['Z 30m', /^Which one of 3\? SNOOZE 2 for "item-1", SNOOZE 3 for/],
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
    assert.equal(ana.replyText(), 'Snoozed: "sales". It is back in 30 min.');
  });
});

/** Pages one a minute, each with a message of its own, all unanswered. */
function pagesEachMinute(...items: string[]) {
  const ana = createPager();
  for (const item of items) {
    ana.page(item);
    ana.sends('whatsapp');
    ana.later(2 * minute);
  }
  ana.dropReports();
  return ana;
}

describe('after an acknowledgement', () => {
  test('R, DONE, SNOOZE and LIST mean what was taken', () => {
    for (const [word, verb] of [
      ['R', 'rerun'],
      ['DONE', 'resolve'],
      ['SNOOZE', 'snooze'],
    ] as const) {
      const ana = pagesEachMinute('sales');
      ana.replies('ACK');
      ana.incidentsAnswer('taken');
      ana.replies(word);
      assert.deepEqual(ana.reports(), [`${verb} sales`]);
    }
    const ana = pagesEachMinute('sales');
    ana.replies('ACK');
    ana.incidentsAnswer('taken');
    ana.replies('LIST');
    assert.equal(ana.replyText(), '0 open, 1 yours.\n[1] "sales", 2 min, yours');
  });

  test('by a key in a call, R in a text means what was taken in the call', () => {
    const ana = createPager();
    ana.page('sales', 1, 'call');
    ana.sends('call');
    ana.replies('ACK', { channel: 'call', attempt: ana.pager.sent[0]?.attempt ?? '' });
    ana.incidentsAnswer('taken');
    ana.dropReports();
    ana.replies('R', { channel: 'sms' });
    assert.deepEqual(ana.reports(), ['rerun sales']);
  });

  test('DONE resolves what was taken by its number, not the newest message', () => {
    const ana = pagesEachMinute('report-1', 'report-2', 'report-3');
    ana.replies('1');
    ana.incidentsAnswer('taken');
    ana.replies('DONE');
    assert.deepEqual(ana.reports(), ['resolve report-1']);
  });

  test('DONE asks which one when what was taken is over and others are open', () => {
    const ana = pagesEachMinute('report-1', 'report-2');
    ana.replies('1');
    ana.incidentsAnswer('taken');
    ana.withdraw('report-1', 1, { how: 'recovered', by: null });
    ana.replies('DONE');
    assert.deepEqual(ana.reports(), []);
    assert.match(ana.replyText() ?? '', /report-1\b.* Which one\? DONE 2 for .*report-2/);
  });

  test('R asks which one when another page has come since', () => {
    const ana = pagesEachMinute('sales');
    ana.replies('ACK');
    ana.incidentsAnswer('taken');
    ana.later(minute);
    ana.page('hr');
    ana.sends('whatsapp');
    ana.dropReports();
    ana.later(5_000);
    ana.replies('R');
    assert.deepEqual(ana.reports(), []);
    assert.match(ana.replyText() ?? '', /^Which one of 2\? R 2 for .*, R 1 for /);
  });

  test('R means the new page when what was taken was over before it came', () => {
    const ana = pagesEachMinute('sales');
    ana.replies('DONE');
    ana.incidentsAnswer('resolved');
    ana.later(minute);
    ana.page('hr');
    ana.sends('whatsapp');
    ana.later(minute);
    ana.dropReports();
    ana.replies('R');
    assert.deepEqual(ana.reports(), ['rerun hr']);
  });

  test('R asks which one when what was taken ended after the new page came', () => {
    const ana = pagesEachMinute('sales');
    ana.replies('ACK');
    ana.incidentsAnswer('taken');
    ana.later(minute);
    ana.page('hr');
    ana.sends('whatsapp');
    ana.later(minute);
    ana.withdraw('sales', 1, { how: 'recovered', by: null });
    ana.dropReports();
    ana.replies('R');
    assert.deepEqual(ana.reports(), []);
    assert.match(ana.replyText() ?? '', /Which one\? R 2 for .*hr/);
  });

  test('R is answered with the end of what was taken, when nothing else is open', () => {
    const ana = pagesEachMinute('sales');
    ana.replies('ACK');
    ana.incidentsAnswer('taken');
    ana.withdraw('sales', 1, { how: 'recovered', by: null });
    ana.replies('R');
    assert.deepEqual(ana.reports(), []);
    assert.match(ana.replyText() ?? '', /already: .*sales/);
  });

  test('R asks which one when a reminder named another', () => {
    const ana = pagesEachMinute('sales', 'hr');
    ana.replies('1');
    ana.incidentsAnswer('taken');
    ana.replies('2');
    ana.incidentsAnswer('taken');
    ana.notice('sales', 'reminder');
    ana.replies('R');
    assert.deepEqual(ana.reports(), []);
    assert.match(ana.replyText() ?? '', /^Which one of 2\?/);
  });

  test('of a bundle, R asks which of what it carried', () => {
    const ana = createPager();
    ana.page('first');
    ana.sends('whatsapp');
    for (const name of names(3)) ana.page(name);
    ana.later(minute);
    ana.sends('whatsapp');
    ana.later(minute);
    ana.replies('ACK');
    ana.incidentsAnswer('taken');
    ana.dropReports();
    ana.replies('R');
    assert.deepEqual(ana.reports(), []);
    assert.match(ana.replyText() ?? '', /^Which one of 3\? R 2 for/);
  });

  test('ACK says who has it: its incident knows', () => {
    const ana = pagesEachMinute('sales');
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'lead' });
    ana.replies('ACK');
    ana.incidentsAnswer('already', 'lead');
    assert.match(ana.replyText() ?? '', /^Already taken by lead: .*sales/);
    ana.replies('R');
    assert.match(ana.reports().join(), /^rerun sales$/);
  });

  test('ACK of what somebody else resolved says so', () => {
    const ana = pagesEachMinute('sales');
    ana.withdraw('sales', 1, { how: 'resolved', by: 'lead' });
    ana.replies('ok');
    assert.match(ana.replyText() ?? '', /^Resolved already by lead: .*sales/);
  });

  test('R for what somebody else has taken asks before it acts', () => {
    const ana = pagesEachMinute('sales');
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'lead' });
    ana.replies('R');
    assert.deepEqual(ana.reports(), []);
    assert.match(ana.replyText() ?? '', /^Which one\? R 1 for .*sales/);
  });

  test('a polite ACK does not end a snooze', () => {
    const ana = pagesEachMinute('sales');
    ana.replies('SNOOZE 1h');
    ana.incidentsAnswer('snoozed', 'ana', ana.now() + 60 * minute);
    ana.replies('ok thanks');
    assert.deepEqual(ana.reports(), []);
    assert.match(ana.replyText() ?? '', /^Snoozed: .*sales.*back in 60 min\.$/);
  });
});

test('ACK within ten seconds means the message before only when that one is less than 30 minutes old', () => {
  for (const [age, expected] of [
    [29, 'acknowledge sales'],
    [31, 'acknowledge hr'],
  ] as const) {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.later(age * minute);
    ana.page('hr');
    ana.sends('whatsapp');
    ana.dropReports();
    ana.later(5_000);
    ana.replies('ACK');
    assert.deepEqual(ana.reports(), [expected]);
  }
});

test('the clock of the api has no part in what ACK means', () => {
  const ana = pagesEachMinute('sales', 'hr');
  ana.replies('ACK', { at: ana.now() - 10 * minute });
  assert.deepEqual(ana.reports(), ['acknowledge hr']);
});

describe('natural answers', () => {
  test('1 2 takes both', () => {
    const ana = pagesEachMinute('sales', 'hr', 'ops');
    ana.replies('1 2');
    assert.deepEqual(ana.reports(), ['acknowledge sales', 'acknowledge hr']);
  });

  test('1 9 does nothing when there is no 9', () => {
    const ana = pagesEachMinute('sales', 'hr');
    ana.replies('1 9');
    assert.deepEqual(ana.reports(), []);
    assert.match(ana.replyText() ?? '', /^There is no number 9\./);
  });

  test('SNOOZE 30 means minutes while there is no number 30', () => {
    const ana = pagesEachMinute('sales', 'hr');
    ana.replies('snooze 30');
    assert.deepEqual(ana.reports(), ['snooze hr']);
    const [answer] = ana.pager.answers;
    assert.equal(answer?.durationMs, 30 * minute);
  });

  test('SNOOZE 1 means number 1 where there is one', () => {
    const ana = pagesEachMinute('sales', 'hr');
    ana.replies('snooze 1');
    assert.deepEqual(ana.reports(), ['snooze sales']);
  });

  test('YES acknowledges an unanswered page, and gets the help line without one', () => {
    const ana = pagesEachMinute('sales');
    ana.replies('YES');
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
    ana.incidentsAnswer('taken');
    ana.replies('yes');
    assert.deepEqual(ana.reports(), []);
    assert.match(ana.replyText() ?? '', /^Reply ACK/);
  });

  test('YES clears a STOP, and acknowledges nothing then', () => {
    const ana = pagesEachMinute('sales');
    ana.replies('STOP');
    ana.dropReports();
    ana.replies('YES');
    assert.deepEqual(ana.reports(), []);
    assert.equal(ana.replyText(), 'Started. You will be paged here again.');
  });

  test('a like for a bundle acknowledges all that it carried', () => {
    const ana = createPager();
    ana.page('first', 1, 'sms');
    ana.sends('sms');
    for (const name of names(9)) ana.page(name, 1, 'sms');
    ana.later(minute);
    const text = ana.sends('sms');
    ana.dropReports();
    ana.later(minute);
    ana.replies(`Liked \u201C${text}\u201D`, { channel: 'sms' });
    assert.deepEqual(
      ana.reports(),
      names(9).map((name) => `acknowledge ${name}`),
    );
  });
});

test('a tap on a message that is dropped before its SID is known is answered', () => {
  const ana = createPager();
  ana.page('sales');
  const out = ana.begin('whatsapp');
  ana.fails(out, 'unknown', 'connection-lost');
  ana.replies('ACK', { messageSid: `SM-${out.attempt}` });
  assert.equal(ana.replyText(), null);
  ana.withdraw('sales', 1, { how: 'acknowledged', by: 'lead' });
  pagerMachine.advance(ana.pager, { now: ana.now(), draining: false });
  assert.deepEqual(ana.pager.deferred, []);
  assert.match(ana.replyText() ?? '', /too old/);
});

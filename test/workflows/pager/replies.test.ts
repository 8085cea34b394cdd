import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { raisedAlarms } from '../../../src/workflows/pager/alarms.js';
import { pagerMachine } from '../../../src/workflows/pager/machine.js';
import { receiveIncidentOver } from '../../../src/workflows/pager/replies.js';
import { createPager } from '../../helpers/pager.js';

/** Two pages, the first sent a minute before the second. */
function twoPages() {
  const ana = createPager();
  ana.page('sales');
  ana.sends('whatsapp');
  ana.later(60_000);
  ana.page('hr');
  ana.sends('whatsapp');
  ana.dropReports();
  return ana;
}

describe('a reply', () => {
  test('acts on the newest unsettled message of its channel', () => {
    const ana = twoPages();
    ana.later(10_000);
    ana.replies('ACK');
    assert.deepEqual(ana.reports(), ['acknowledge hr']);
    ana.incidentsAnswer('taken');
    assert.equal(ana.replyText(), 'Taken: "hr". Still open: 1.');
    assert.deepEqual(ana.waiting(), ['whatsapp text']);
  });

  test('acts on the message before when the newest was sent less than ten seconds ago', () => {
    const ana = twoPages();
    ana.later(9_999);
    ana.replies('ACK');
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
  });

  test('acts on the newest, however recent, when there is no other', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.replies('ok');
    assert.ok(ana.reports().includes('acknowledge sales'));
  });

  test('with a number acts on that item, by whatever channel', () => {
    const ana = twoPages();
    ana.replies('ack 1', { channel: 'sms' });
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
  });

  test('with a number that was not given is answered with that', () => {
    const ana = twoPages();
    ana.replies('17');
    assert.deepEqual(ana.reports(), []);
    assert.equal(ana.replyText(), 'There is no number 17.');
  });

  test('with the number of a settled item is answered with who acknowledged it', () => {
    const ana = twoPages();
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'lead' });
    ana.replies('1');
    ana.incidentsAnswer('already', 'lead');
    assert.equal(ana.replyText(), 'Already taken by lead: "sales". Still open: 1.');
  });

  test('with the number of an item that is over is answered with its end', () => {
    for (const [how, by, text] of [
      ['recovered', null, 'Working again already: "sales". Still open: 1.'],
      ['resolved', 'lead', 'Resolved already by lead: "sales". Still open: 1.'],
      ['deleted', null, 'Deleted in Tableau: "sales". Still open: 1.'],
    ] as const) {
      const ana = twoPages();
      ana.withdraw('sales', 1, { how, by });
      ana.replies('1');
      assert.equal(ana.replyText(), text);
      assert.deepEqual(ana.reports(), []);
    }
  });

  test('by a button of a page acts as any other, and its outcome is shown there: no text answers it', () => {
    const ana = twoPages();
    ana.replies('ALL', { replyId: 'link:1', isOnPage: true });
    ana.replies('ALL', { replyId: 'link:1', isOnPage: true });
    assert.deepEqual(ana.reports().toSorted(), ['acknowledge hr', 'acknowledge sales']);
    ana.incidentsAnswer('taken');
    assert.deepEqual(pagerMachine.view(ana.pager, { name: 'outcome', replyId: 'link:1' }), {
      text: '2 taken: "sales", "hr".',
    });
    ana.replies('ALL', { replyId: 'link:2', isOnPage: true });
    assert.equal(ana.replyText(), 'Nothing is open for you.');
    assert.deepEqual(ana.waiting(), []);
  });

  test('ALL acknowledges every page that was sent, and none that is held', () => {
    const ana = twoPages();
    ana.page('ops');
    ana.replies('ALL');
    assert.deepEqual(ana.reports(), ['acknowledge sales', 'acknowledge hr']);
    ana.incidentsAnswer('taken');
    assert.equal(ana.replyText(), '2 taken: "sales", "hr". Still open: 1.');
  });

  test('that names a message acts on that one, even when another is newer', () => {
    const ana = twoPages();
    ana.later(60_000);
    ana.replies('ACK', { messageSid: ana.pager.sent[0]?.sid ?? '' });
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
  });

  test('that names an unknown message acts on nothing', () => {
    const ana = twoPages();
    ana.replies('ACK', { messageSid: 'MM-unknown' });
    assert.deepEqual(ana.reports(), []);
    assert.match(ana.replyText() ?? '', /too old/);
  });

  test('that names a message whose SID is not known yet waits for it', () => {
    const ana = createPager();
    ana.page('sales');
    const out = ana.begin('whatsapp');
    ana.replies('ACK', { messageSid: `SM-${out.attempt}` });
    assert.deepEqual(ana.reports(), []);
    ana.receipt(out.attempt, 'sent');
    assert.deepEqual(ana.reports(), ['sent sales', 'acknowledge sales']);
  });

  test('a copy does nothing', () => {
    const ana = twoPages();
    ana.replies('ALL', { replyId: 'SM1' });
    ana.replies('ALL', { replyId: 'SM1' });
    assert.equal(ana.reports().length, 2);
  });

  test('when nothing is open is answered with that', () => {
    const ana = createPager();
    ana.replies('ACK');
    assert.equal(ana.replyText(), 'Nothing is open for you.');
  });

  test('does not act on messages of another channel', () => {
    const ana = twoPages();
    ana.replies('ACK', { channel: 'sms' });
    assert.equal(ana.replyText(), 'Nothing is open for you.');
  });

  test('DONE resolves, also what the same contact has acknowledged', () => {
    const ana = twoPages();
    ana.replies('2');
    ana.incidentsAnswer('taken');
    ana.replies('DONE 2');
    assert.deepEqual(ana.reports(), ['resolve hr']);
    ana.incidentsAnswer('resolved');
    assert.equal(ana.replyText(), 'Resolved: "hr". Still open: 1.');
  });

  test('to an incident whose workflow has ended is answered with that', () => {
    const ana = twoPages();
    ana.later(60_000);
    ana.replies('ACK');
    receiveIncidentOver(ana.pager, ana.pager.items.find(({ incident }) => incident === 'hr')?.key ?? 0, ana.now());
    assert.equal(ana.replyText(), 'Over already: "hr". Still open: 1.');
  });

  test('that is not understood is answered with help, at most five times in a row', () => {
    const ana = createPager();
    for (let turn = 0; turn < 7; turn += 1) ana.replies('hello there');
    assert.equal(ana.waiting().length, 5);
    ana.replies('ACK');
    ana.replies('hello again');
    assert.equal(ana.waiting().length, 7);
  });
});

describe('a key in a call', () => {
  test('acts on the pages of that call, and is answered in the call alone', () => {
    const ana = createPager();
    ana.page('sales', 1, 'call');
    ana.sends('call');
    ana.dropReports();
    const attempt = ana.pager.sent[0]?.attempt ?? '';
    ana.replies('ACK', { channel: 'call', attempt });
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
    assert.equal(ana.replyText(), null);
    ana.incidentsAnswer('taken');
    assert.equal(ana.replyText(), 'Acknowledged. Good night.');
    assert.deepEqual(ana.waiting(), []);
  });
});

describe('STOP', () => {
  test('by WhatsApp ends WhatsApp alone: what went or waits there fails, and a call goes on', () => {
    const ana = twoPages();
    ana.page('ops', 1, 'call');
    ana.replies('STOP');
    assert.deepEqual(ana.waiting(), ['call page', 'whatsapp text']);
    assert.equal(
      ana.replyText(),
      'You get no more WhatsApp messages. 3 open go on by other channels and to others. Reply START to resume.',
    );
    assert.deepEqual(ana.reports(), ['failed sales', 'failed hr']);
    assert.deepEqual(ana.alarms(), ['contact-stopped']);
  });

  test('is an alarm until START, also when messages leave by another channel', () => {
    const ana = createPager();
    ana.replies('STOP', { channel: 'sms' });
    ana.page('sales', 1, 'call');
    ana.sends('call');
    assert.deepEqual(ana.alarms(), ['contact-stopped']);
    ana.replies('START', { channel: 'sms' });
    assert.deepEqual(ana.alarms(), []);
  });

  test('is an alarm of each channel, since a policy may use only one', () => {
    const ana = createPager();
    ana.replies('STOP', { channel: 'sms' });
    ana.replies('STOP');
    assert.deepEqual(
      raisedAlarms(ana.pager).map(({ code, channel }) => [code, channel]),
      [
        ['contact-stopped', 'sms'],
        ['contact-stopped', 'whatsapp'],
      ],
    );
    ana.replies('START', { channel: 'sms' });
    assert.deepEqual(ana.alarms(), ['contact-stopped']);
  });

  test('marks the channel as stopped until START', () => {
    const ana = createPager();
    ana.replies('STOP', { channel: 'sms' });
    assert.deepEqual(ana.waiting(), []);
    ana.page('sales', 1, 'sms');
    assert.deepEqual(ana.reports(), ['failed sales']);
    ana.replies('START', { channel: 'sms' });
    ana.page('sales', 2, 'sms');
    assert.deepEqual(ana.waiting(), ['sms page']);
  });

  test('YES starts a stopped channel, and is an unknown word when nothing is open', () => {
    const ana = createPager();
    ana.replies('YES');
    assert.match(ana.replyText() ?? '', /^Reply ACK/);
    ana.replies('STOP');
    ana.replies('YES');
    assert.equal(ana.replyText(), 'Started. You will be paged here again.');
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { receiveIncidentOver } from '../../../src/workflows/pager/replies.js';
import { createPager } from '../../helpers/pager.js';

/** Two items, the first shown a minute before the second. */
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
    assert.equal(ana.heard(), 'Taken: hr. Still open: 1.');
    assert.deepEqual(ana.waiting(), ['whatsapp text']);
  });

  test('acts on the one before when the newest left less than ten seconds ago', () => {
    const ana = twoPages();
    ana.later(9_999);
    ana.replies('ACK');
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
  });

  test('acts on the newest, however young, when there is no other', () => {
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

  test('with a number that nobody was given is told so', () => {
    const ana = twoPages();
    ana.replies('17');
    assert.deepEqual(ana.reports(), []);
    assert.equal(ana.heard(), 'There is no number 17.');
  });

  test('with the number of a settled item hears who took it', () => {
    const ana = twoPages();
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'lead' });
    ana.replies('1');
    ana.incidentsAnswer('already', 'lead');
    assert.equal(ana.heard(), 'Already taken by lead: sales. Still open: 1.');
  });

  test('with an old number hears what became of it', () => {
    for (const [how, by, text] of [
      ['recovered', null, 'Refreshing again already: sales. Still open: 1.'],
      ['resolved', 'lead', 'Resolved already by lead: sales. Still open: 1.'],
      ['deleted', null, 'Deleted in Tableau: sales. Still open: 1.'],
    ] as const) {
      const ana = twoPages();
      ana.withdraw('sales', 1, { how, by });
      ana.replies('1');
      assert.equal(ana.heard(), text);
      assert.deepEqual(ana.reports(), []);
    }
  });

  test('ALL takes everything that was shown, and not what still waits', () => {
    const ana = twoPages();
    ana.page('ops');
    ana.replies('ALL');
    assert.deepEqual(ana.reports(), ['acknowledge sales', 'acknowledge hr']);
    ana.incidentsAnswer('taken');
    assert.equal(ana.heard(), '2 taken: sales, hr. Still open: 1.');
  });

  test('that names a message acts on that one, even when another is newer', () => {
    const ana = twoPages();
    ana.later(60_000);
    ana.replies('ACK', { messageSid: ana.pager.sent[0]?.sid ?? '' });
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
  });

  test('that names an unknown message takes nothing else', () => {
    const ana = twoPages();
    ana.replies('ACK', { messageSid: 'MM-unknown' });
    assert.deepEqual(ana.reports(), []);
    assert.match(ana.heard() ?? '', /too old/);
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

  test('when nothing is open is told so', () => {
    const ana = createPager();
    ana.replies('ACK');
    assert.equal(ana.heard(), 'Nothing is open for you.');
  });

  test('of another channel does not reach what was sent by this one', () => {
    const ana = twoPages();
    ana.replies('ACK', { channel: 'sms' });
    assert.equal(ana.heard(), 'Nothing is open for you.');
  });

  test('DONE resolves, also what one has acknowledged oneself', () => {
    const ana = twoPages();
    ana.replies('2');
    ana.incidentsAnswer('taken');
    ana.replies('DONE 2');
    assert.deepEqual(ana.reports(), ['resolve hr']);
    ana.incidentsAnswer('resolved');
    assert.equal(ana.heard(), 'Resolved: hr. Still open: 1.');
  });

  test('to an incident that is gone is told that it is over', () => {
    const ana = twoPages();
    ana.later(60_000);
    ana.replies('ACK');
    receiveIncidentOver(ana.pager, ana.pager.items.find(({ incident }) => incident === 'hr')?.key ?? 0, ana.now());
    assert.equal(ana.heard(), 'Over already: hr. Still open: 1.');
  });

  test('that is not understood gets a line of help, five times in a row at most', () => {
    const ana = createPager();
    for (let turn = 0; turn < 7; turn += 1) ana.replies('hello there');
    assert.equal(ana.waiting().length, 5);
    ana.replies('ACK');
    ana.replies('hello again');
    assert.equal(ana.waiting().length, 7);
  });
});

describe('a key in a call', () => {
  test('acts on what that call said, and is answered by voice alone', () => {
    const ana = createPager();
    ana.page('sales', 1, 'call');
    ana.sends('call');
    ana.dropReports();
    const attempt = ana.pager.sent[0]?.attempt ?? '';
    ana.replies('ACK', { channel: 'call', attempt });
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
    assert.equal(ana.heard(), null);
    ana.incidentsAnswer('taken');
    assert.equal(ana.heard(), 'Acknowledged. Good night.');
    assert.deepEqual(ana.waiting(), []);
  });
});

describe('STOP', () => {
  test('by WhatsApp is confirmed, takes back what waits and tells every open incident', () => {
    const ana = twoPages();
    ana.page('ops', 1, 'call');
    ana.replies('STOP');
    assert.deepEqual(ana.waiting(), ['whatsapp text']);
    assert.equal(ana.heard(), 'Stopped. START to resume.');
    assert.deepEqual(ana.reports(), ['stop sales', 'stop hr', 'stop ops']);
    ana.incidentsAnswer('stopped');
    assert.deepEqual(ana.waiting(), ['whatsapp text']);
  });

  test('marks the channel until START', () => {
    const ana = createPager();
    ana.replies('STOP', { channel: 'sms' });
    assert.deepEqual(ana.waiting(), []);
    ana.page('sales', 1, 'sms');
    assert.deepEqual(ana.reports(), ['failed sales']);
    ana.replies('START', { channel: 'sms' });
    ana.page('sales', 2, 'sms');
    assert.deepEqual(ana.waiting(), ['sms page']);
  });

  test('YES clears the mark, and without one is a word like any other', () => {
    const ana = createPager();
    ana.replies('YES');
    assert.match(ana.heard() ?? '', /^Reply ACK/);
    ana.replies('STOP');
    ana.replies('YES');
    assert.equal(ana.heard(), 'Started. You will be paged here again.');
  });
});

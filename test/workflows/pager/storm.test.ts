import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minute } from '../../../src/workflows/contract.js';
import { createPager, names } from '../../helpers/pager.js';

describe('a storm', () => {
  test('is one message at once and one bundle after the window', () => {
    const ana = createPager();
    ana.page('first');
    assert.match(ana.sends('whatsapp'), /^\[1\] Workbook refresh failed: "first"/);
    for (const name of names(499)) ana.page(name);
    assert.equal(ana.waits('whatsapp'), minute);
    assert.match(ana.why('whatsapp') ?? '', /a message is unanswered/);
    ana.later(minute);
    assert.match(ana.sends('whatsapp'), /^500 failed refreshes open, 499 new\./);
    assert.equal(ana.waits('whatsapp'), null);
    assert.equal(ana.reports().filter((report) => report.startsWith('sent')).length, 500);
  });

  test('is at most three messages within five minutes, however many items fail', () => {
    const ana = createPager();
    let messages = 0;
    for (let second = 0; second < 299; second += 1) {
      ana.page(`item-${second}`);
      if (ana.waits('whatsapp') === 0) {
        ana.sends('whatsapp');
        messages += 1;
      }
      ana.later(1_000);
    }
    assert.equal(messages, 3);
    ana.later(minute);
    assert.match(ana.sends('whatsapp'), /^\d+ failed refreshes open/);
  });

  test('that is answered closes the window: held pages are sent at once, in one message with the confirmation', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.page('hr');
    ana.page('ops');
    ana.later(20_000);
    ana.replies('ACK');
    ana.incidentsAnswer('taken');
    const text = ana.sends('whatsapp');
    assert.match(text, /^Taken: "sales"\. Still open: 2\.\n2 failed refreshes open, 2 new\./);
    assert.equal(ana.waits('whatsapp'), null);
  });

  test('does not hold the next step of the same item: its policy decides the time', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.page('hr');
    ana.later(10_000);
    ana.page('sales', 2);
    assert.match(ana.sends('whatsapp'), /^2 failed refreshes open, 1 new\./);
  });

  test('that was answered does not hold a page of a new failure', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'ana' });
    ana.page('sales', 2);
    assert.equal(ana.waits('whatsapp'), 0);
  });

  test('by call: one call at once, the next after three minutes', () => {
    const ana = createPager();
    ana.page('sales', 1, 'call');
    ana.sends('call');
    for (const name of names(11)) ana.page(name, 1, 'call');
    assert.equal(ana.waits('call'), 3 * minute);
    ana.later(3 * minute);
    assert.match(
      ana.sends('call'),
      /12 failed refreshes are open, 11 of them new\. This call is for 11\. .*Your key is for these 11\./,
    );
  });

  test('ALL acknowledges every page that was sent by name or in a count, and signals every incident once', () => {
    const ana = createPager();
    ana.page('first');
    ana.sends('whatsapp');
    for (const name of names(499)) ana.page(name);
    ana.later(minute);
    ana.sends('whatsapp');
    ana.page('late');
    ana.dropReports();
    ana.replies('ALL');
    assert.equal(new Set(ana.reports()).size, 500);
    assert.ok(!ana.reports().includes('acknowledge late'));
    ana.incidentsAnswer('taken');
    assert.match(ana.replyText() ?? '', /^500 taken: "first", "item-1", "item-2" and 497 more\. Still open: 1\.$/);
  });

  test('a page that is settled while it is held is never sent', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.page('hr');
    ana.withdraw('hr', 1, { how: 'recovered', by: null });
    ana.later(minute);
    assert.equal(ana.waits('whatsapp'), null);
  });

  test('does not hold the first page on another channel', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.page('hr', 1, 'sms');
    assert.equal(ana.waits('sms'), 0);
  });
});

test('a bundle fills the template of a page: what failed, why, which items, and ALL', () => {
  const ana = createPager();
  ana.page('first');
  ana.sends('whatsapp');
  for (const name of names(3)) ana.page(name, 1, 'whatsapp', { cause: 'Disk full.' });
  ana.later(minute);
  const { variables } = ana.begin('whatsapp');
  assert.deepEqual(variables, {
    '1': '4 failed refreshes open, 3 new',
    '2': '3: Disk full. [2] "item-1", [3] "item-2", [4] "item-3"',
    '3': 'ALL',
  });
});

test('every message of a storm counts the same: all that is open, and what is new', () => {
  const ana = createPager();
  ana.page('first', 1, 'call');
  assert.doesNotMatch(ana.sends('call'), /open/);
  for (const name of names(2)) ana.page(name, 1, 'sms');
  assert.match(ana.sends('sms'), /^3 failed refreshes open, 2 new\./);
  ana.page('late', 1, 'whatsapp');
  assert.match(ana.sends('whatsapp'), /\n4 open, 1 new\.\n/);
  ana.page('first', 2, 'call');
  assert.match(ana.sends('call'), / In all 4 are open\. Your key is for this one\.$/);
  ana.replies('LIST');
  assert.match(ana.replyText() ?? '', /^4 open\./);
});

test('a list is in the order of numbers, however bad the items are', () => {
  const ana = createPager();
  for (const [name, inARow] of [
    ['mild', 1],
    ['worst', 9],
    ['bad', 4],
  ] as const) {
    ana.page(name, 1, 'whatsapp', { inARow });
    ana.later(3 * minute);
    ana.sends('whatsapp');
  }
  ana.replies('LIST');
  assert.match(ana.replyText() ?? '', /^3 open\.\n\[1\] "mild".*\n\[2\] "worst".*\n\[3\] "bad"/);
});

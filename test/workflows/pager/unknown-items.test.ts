/** Whoever has the secret of the webhooks can make up items: they must not delay the page of a real one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Channel } from '../../../src/workflows/contract.js';
import { minute } from '../../../src/workflows/contract.js';
import { pagerMachine } from '../../../src/workflows/pager/machine.js';
import { reportHeld } from '../../../src/workflows/pager/outbox.js';
import { createPager, names } from '../../helpers/pager.js';

const flooded = (count: number, channel: Channel = 'whatsapp') => {
  const ana = createPager();
  for (const name of names(count)) ana.page(name, 1, channel, { unknownItem: true }, 60 * minute);
  return ana;
};

test('a real page leaves at once, whatever waits for items that Tableau does not know, and before them', () => {
  const ana = flooded(1_500);
  assert.match(ana.sends('whatsapp'), /\b20\b/);
  ana.page('sales');
  ana.later(minute);
  assert.match(ana.sends('whatsapp'), /^\[\d+\] Workbook refresh failed: "sales"/);
  // The window of the real one holds only its like.
  ana.page('hr');
  assert.equal(ana.waits('whatsapp'), minute);
});

test('20 of their pages leave in an hour, in messages that do not count against other pages', () => {
  const ana = flooded(30);
  ana.sends('whatsapp');
  assert.deepEqual(ana.pager.recentSends.messagesPerHour, []);
  ana.later(5 * minute);
  assert.equal(ana.waits('whatsapp'), 55 * minute);
  assert.equal(ana.why('whatsapp'), 'the hourly limit of pages for items that Tableau does not know is reached');
  pagerMachine.advance(ana.pager, { now: ana.now(), draining: false });
  assert.deepEqual(Object.keys(ana.pager.alarms), ['unknown-items']);
  assert.deepEqual(
    ana.waiting().filter((one) => one.endsWith('text')),
    [],
    'the person is not told',
  );

  ana.later(55 * minute);
  assert.match(ana.sends('whatsapp'), /\b10\b/);
  pagerMachine.advance(ana.pager, { now: ana.now(), draining: false });
  assert.deepEqual(ana.pager.alarms, {});
});

test('their calls leave the last of the hour to other pages, which all may use', () => {
  const ana = createPager({ callsPerHour: 4, callWindowMs: 0 });
  for (const name of names(5)) {
    ana.page(name, 1, 'call', { unknownItem: true }, 60 * minute);
    if (ana.waits('call') === 0) ana.sends('call');
  }
  const calls = () => ana.pager.sent.filter(({ channel }) => channel === 'call').length;
  assert.equal(calls(), 3);
  for (const name of ['sales', 'hr', 'people', 'stock']) {
    ana.page(name, 1, 'call');
    ana.sends('call');
    ana.withdraw(name, 1, { how: 'recovered', by: null });
  }
  assert.equal(calls(), 7);
});

test('a page that is held, or was sent, counts as one of them once its incident knows, by a copy of the page', () => {
  const ana = createPager();
  for (const name of names(40)) ana.page(name);
  ana.sends('whatsapp');
  ana.page('late');
  for (const name of [...names(40), 'late']) ana.page(name, 1, 'whatsapp', { unknownItem: true });
  assert.deepEqual(ana.waiting(), ['whatsapp page']);
  ana.page('sales');
  assert.match(ana.sends('whatsapp'), /Workbook refresh failed: "sales"/);
});

test('an item that only our user may not see is paged at once by every channel, when nothing else waits', () => {
  const ana = createPager();
  for (const [n, channel] of (['whatsapp', 'sms', 'call'] as const).entries()) {
    ana.page('sales', n + 1, channel, { unknownItem: true });
    assert.match(ana.sends(channel), /sales/);
    ana.later(5 * minute);
  }
  assert.deepEqual(ana.pager.alarms, {});
});

test('a bundle of other items takes them along, so that a storm that goes on does not hide them', () => {
  const ana = createPager();
  ana.page('sales');
  ana.sends('whatsapp');
  ana.page('hidden', 1, 'whatsapp', { unknownItem: true }, 60 * minute);
  ana.page('hr');
  ana.page('stock');
  ana.later(minute);
  assert.match(ana.sends('whatsapp'), /"hr", \[3\] "stock", \[4\] "hidden"/);
  assert.deepEqual(ana.waiting(), []);
  assert.deepEqual([ana.pager.recentSends.messagesPerHour.length, ana.pager.recentSends.unknownItems.length], [2, 1]);
});

test('the incident of each page that is held is told so, also beyond the 20', () => {
  const ana = createPager();
  ana.page('first', 1, 'whatsapp', { unknownItem: true });
  ana.sends('whatsapp');
  ana.dropReports();
  for (const name of names(30)) ana.page(name, 1, 'whatsapp', { unknownItem: true });
  reportHeld(ana.pager, 'whatsapp', ana.now());
  assert.equal(ana.reports().length, 30);
});

test('LIST names other items first', () => {
  const ana = flooded(12);
  ana.sends('whatsapp');
  ana.page('sales');
  ana.sends('whatsapp');
  ana.replies('LIST');
  assert.match(ana.replyText() ?? '', /^13 open\.\n\[\d+\] "sales"/);
});

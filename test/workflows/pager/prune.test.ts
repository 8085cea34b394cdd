import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour } from '../../../src/workflows/contract.js';
import { prune } from '../../../src/workflows/pager/prune.js';
import { createPager } from '../../helpers/pager.js';

describe('an acknowledged item that is still broken', () => {
  test('has its reminder sent days later', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'ana' });
    ana.later(60 * hour);
    prune(ana.pager, ana.now());
    ana.notice('sales', 'reminder');
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^Reminder: "sales"/);
  });

  test('has its recovery notice, also one of hundreds that ALL acknowledged', () => {
    const ana = createPager();
    const names = Array.from({ length: 500 }, (_, n) => `item-${n}`);
    for (const name of names) ana.page(name);
    ana.sends('whatsapp');
    ana.replies('ALL');
    ana.incidentsAnswer('taken');
    prune(ana.pager, ana.now());
    for (const name of names) ana.notice(name);
    assert.equal(ana.pager.pendingNotices.length, 500);
  });

  test('keeps its number, however long it is open', () => {
    const ana = createPager();
    ana.page('sales');
    assert.match(ana.sends('whatsapp'), /^\[1\]/);
    ana.later(30 * hour);
    ana.page('sales', 2, 'sms');
    assert.match(ana.sends('sms'), /^\[1\]/);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minute, type Channel } from '../../../src/workflows/contract.js';
import { pagerMachine } from '../../../src/workflows/pager/machine.js';
import { isWanted } from '../../../src/workflows/pager/outbox.js';
import { takeReports } from '../../../src/workflows/pager/reports.js';
import { endCalls } from '../../../src/workflows/pager/send.js';
import { createPager } from '../../helpers/pager.js';

describe('pages', () => {
  test('are numbered from one, and an item keeps its number on every channel', () => {
    const ana = createPager();
    ana.page('sales');
    assert.match(ana.sends('whatsapp'), /^\[1\] Workbook refresh failed: "sales"/);
    ana.later(minute);
    ana.page('hr');
    assert.match(ana.sends('whatsapp'), /^\[2\] Workbook refresh failed: "hr"/);
    ana.page('sales', 2, 'sms');
    assert.match(ana.sends('sms'), /^\[1\]/);
  });

  test('numbers wrap at 99, and none that is open or was given in the last 24 h is given again', () => {
    const ana = createPager();
    ana.page('first');
    ana.sends('whatsapp');
    for (let n = 2; n <= 99; n += 1) {
      ana.later(minute);
      ana.page(`item-${n}`);
      assert.match(ana.sends('whatsapp'), new RegExp(`^\\[${n}\\]`));
      ana.withdraw(`item-${n}`, 1, { how: 'recovered', by: null });
      ana.pager.recentSends.messagesPerHour = [];
    }
    ana.later(25 * 60 * minute);
    ana.page('next');
    assert.match(ana.sends('whatsapp'), /^\[2\]/);
  });

  test('a copy is sent once', () => {
    const ana = createPager();
    ana.page('sales');
    ana.page('sales');
    assert.deepEqual(ana.waiting(), ['whatsapp page']);
  });

  test('a page that is settled before it is sent is never sent', () => {
    const ana = createPager();
    ana.page('sales');
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'lead' });
    assert.deepEqual(ana.waiting(), []);
  });

  test('a page that arrives after its withdrawal is not sent', () => {
    const ana = createPager();
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'lead' });
    ana.page('sales', 1);
    assert.deepEqual(ana.waiting(), []);
  });

  test('a copy of a withdrawal whose page never came changes nothing', () => {
    const ana = createPager();
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'lead' });
    const before = structuredClone(ana.pager.items);
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'lead' });
    assert.deepEqual(ana.pager.items, before);
  });

  test('the withdrawal of a held page leaves an earlier page open for a reply', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.page('sales', 2, 'sms');
    ana.withdraw('sales', 2);
    assert.deepEqual(ana.waiting(), []);
    ana.replies('ACK');
    assert.ok(ana.reports().includes('acknowledge sales'));
  });

  test('an accepted page is reported to its incident', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    assert.deepEqual(ana.reports(), ['sent sales']);
  });

  test('a held page is reported once, and not after it was sent', () => {
    const ana = createPager();
    ana.pager.reports.push(
      { key: 1, signal: 'held', n: 1, until: 1, why: 'window' },
      { key: 1, signal: 'sent', n: 1, at: 2 },
    );
    assert.deepEqual(
      takeReports(ana.pager).map(({ signal }) => signal),
      ['sent'],
    );
  });
});

describe('calls', () => {
  test('a call that rings for a settled item is ended', () => {
    const ana = createPager();
    ana.page('sales', 1, 'call');
    ana.sends('call');
    ana.receipt(ana.pager.sent[0]?.attempt ?? '', 'ringing');
    assert.deepEqual(endCalls(structuredClone(ana.pager)), []);
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'lead' });
    assert.equal(endCalls(structuredClone(ana.pager)).length, 1);
    ana.receipt(ana.pager.sent[0]?.attempt ?? '', 'completed');
    assert.deepEqual(endCalls(structuredClone(ana.pager)), []);
  });

  test('a call in which a key was pressed is not ended', () => {
    const ana = createPager();
    ana.page('sales', 1, 'call');
    ana.sends('call');
    ana.replies('ACK', { channel: 'call', attempt: ana.pager.sent[0]?.attempt ?? '' });
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'ana' });
    assert.deepEqual(endCalls(structuredClone(ana.pager)), []);
  });

  test('a call that is being requested is not wanted after its incident is settled', () => {
    const ana = createPager();
    ana.page('sales', 1, 'call');
    const out = ana.begin('call');
    assert.equal(isWanted(ana.pager, out), true);
    ana.withdraw('sales', 1, { how: 'recovered', by: null });
    assert.equal(isWanted(ana.pager, out), false);
  });
});

test('a page that arrives while the answer is on its way to the incident is not sent', () => {
  const ana = createPager();
  ana.page('sales');
  ana.sends('whatsapp');
  ana.replies('ACK');
  ana.page('sales', 2, 'call');
  assert.equal(ana.waits('call'), null);
  ana.incidentsAnswer('taken');
  ana.withdraw('sales', 1);
  assert.deepEqual(ana.waiting(), ['whatsapp text']);
});

test('a page that Twilio refused temporarily is not retried while the answer is on its way to the incident', () => {
  const ana = createPager();
  ana.page('sales');
  ana.sends('whatsapp');
  ana.later(5 * minute);
  ana.page('sales', 2, 'sms');
  ana.fails(ana.begin('sms'), 'outage', 'http-429');
  ana.later(2_000);
  assert.equal(ana.waits('sms'), 0);
  ana.replies('ACK');
  assert.equal(ana.waits('sms'), null);
  ana.incidentsAnswer('closed');
  ana.withdraw('sales', 2);
  assert.deepEqual(ana.waiting(), ['whatsapp text']);
});

test('a send that was rescheduled without sending is sent soon, unless somebody has answered', () => {
  const ana = createPager();
  ana.page('sales');
  ana.sends('whatsapp');
  ana.later(5 * minute);
  ana.page('sales', 2, 'sms');
  const out = ana.begin('sms');
  ana.fails(out, 'unknown', 'timeout');
  ana.later(2_000);
  assert.equal(ana.begin('sms').uncertain, true);
  ana.fails(out, 'rescheduled', 'not-found');
  assert.deepEqual([ana.waits('sms'), out.uncertain, out.attempt], [0, false, ana.begin('sms').attempt]);
  ana.fails(out, 'rescheduled', 'stale-attempt');
  assert.equal(ana.waits('sms'), 1_000);
  ana.replies('ACK');
  assert.deepEqual([ana.waits('sms'), out.staleSince], [null, ana.now()]);
});

describe('a send', () => {
  /** Whether what leaves now goes past the task queue that limits the rate. */
  const isAlone = (ana: ReturnType<typeof createPager>, channel: Channel): boolean => {
    const effects = pagerMachine.advance(ana.pager, { now: ana.now(), draining: false });
    const call = effects.flatMap((effect) => (effect.type === 'activity' ? [effect.call] : []))[0];
    assert.ok(call?.activity === 'send' && call.channel === channel);
    return call.isAlone;
  };

  test('of a text is alone after a second without one', () => {
    const ana = createPager({ windowMs: 0 });
    ana.page('sales');
    assert.equal(isAlone(ana, 'whatsapp'), true);
    ana.later(999);
    ana.page('hr', 1, 'sms');
    assert.equal(isAlone(ana, 'sms'), false);
  });

  test('of a text is alone again when the one before is a second old', () => {
    const ana = createPager({ windowMs: 0 });
    ana.page('sales');
    assert.equal(isAlone(ana, 'whatsapp'), true);
    ana.later(1_000);
    ana.page('hr', 1, 'sms');
    assert.equal(isAlone(ana, 'sms'), true);
  });

  test('of a call, or of another try, is never alone', () => {
    const ana = createPager();
    ana.page('sales', 1, 'call');
    assert.equal(isAlone(ana, 'call'), false);
    const ben = createPager();
    ben.page('sales');
    ben.fails(ben.begin('whatsapp'), 'outage', '20429');
    ben.later(minute);
    assert.equal(isAlone(ben, 'whatsapp'), false);
  });
});

/** Pages that keep quiet hours wait in the pager, and leave together when these end. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute, type Channel } from '../../../src/workflows/contract.js';
import { type PagerSettings } from '../../../src/workflows/pager-contract.js';
import { watchLimits } from '../../../src/workflows/pager/limit-watch.js';
import { recoveredDueAt, recoveredTexts } from '../../../src/workflows/pager/quiet-hours.js';
import { packPager, unpackPager } from '../../../src/workflows/pager/packed-state.js';
import { newPager, stateOf } from '../../../src/workflows/pager/state.js';
import { pagerMachine } from '../../../src/workflows/pager/machine.js';
import { createPager } from '../../helpers/pager.js';

const recovered = { how: 'recovered', by: null } as const;

/** A pager whose contact has quiet hours for the next 8 h. */
function quietPager(settings: Partial<PagerSettings> = {}) {
  const ana = createPager(settings);
  const until = ana.now() + 8 * hour;
  const hold = (incident: string, n = 1, channel: Channel = 'whatsapp', episode = `e-${incident}`) =>
    ana.input({
      type: 'page',
      page: {
        incident,
        pageId: `${episode}.${n}`,
        channel,
        facts: { kind: 'workbook', name: incident, event: 'WorkbookRefreshFailed', failures: 1, since: ana.now() },
        waitMs: 5 * minute,
        keepsQuietHours: true,
        quietUntil: until,
      },
    });
  return {
    ...ana,
    until,
    hold,
    texts: () => recoveredTexts(ana.pager, ana.now()),
    report: () => pagerMachine.advance(ana.pager, { now: ana.now(), draining: false }),
  };
}

describe('a page that keeps quiet hours', () => {
  test('is held until they end, as its incident is informed, and may be tried for its time from then on', () => {
    const ana = quietPager();
    ana.hold('sales');
    assert.equal(ana.waits('whatsapp'), 8 * hour);
    assert.match(ana.why('whatsapp') ?? '', /^quiet hours until 2026-03-01 11:00:00 UTC$/);
    const [signal] = ana.report().filter(({ type }) => type === 'signal');
    assert.deepEqual(signal?.type === 'signal' && signal.signal, {
      name: 'held',
      payload: {
        pageId: 'e-sales.1',
        until: ana.until,
        why: 'quiet hours until 2026-03-01 11:00:00 UTC',
        isQuiet: true,
      },
    });
    ana.later(8 * hour);
    const out = ana.begin('whatsapp');
    assert.equal(out.until, ana.until + 5 * minute);
    assert.match(out.text, /^\[1\] Workbook refresh failed: "sales"/);
    assert.doesNotMatch(out.text, /quiet/);
  });

  test('is counted by no message before that', () => {
    const ana = quietPager();
    ana.hold('sales');
    ana.page('hr', 1, 'sms');
    assert.doesNotMatch(ana.sends('sms'), /open/);
    ana.replies('1', { channel: 'sms' });
    ana.incidentsAnswer('taken');
    assert.match(ana.replyText() ?? '', /^Taken: "hr"\.(?!.*open)/);
    ana.withdraw('hr', 1, { how: 'recovered', by: null });
    ana.notice('hr');
    ana.notices();
    assert.match(ana.pager.outbox.at(-1)?.text ?? '', /^"hr" works again/, 'it does not wait for others');
  });

  test('says what its incident knows when it leaves', () => {
    const ana = quietPager();
    ana.hold('sales');
    ana.later(hour);
    const facts = {
      kind: 'workbook',
      name: 'sales',
      event: 'WorkbookRefreshFailed',
      failures: 9,
      since: ana.now(),
    } as const;
    const copy = { incident: 'sales', pageId: 'e-sales.1', channel: 'whatsapp', waitMs: 5 * minute } as const;
    ana.input({ type: 'page', page: { ...copy, facts: { ...facts, cause: 'Disk full.' } } });
    assert.equal(ana.waits('whatsapp'), 7 * hour);
    ana.later(7 * hour);
    assert.match(ana.sends('whatsapp'), /Disk full\./);
  });

  test('whose incident recovers gives no notice to whoever knows nothing of it', () => {
    const ana = quietPager();
    ana.hold('sales');
    ana.withdraw('sales', 1, recovered);
    ana.notice('sales', 'recovered', undefined, 'sms');
    assert.deepEqual(ana.pager.pendingNotices, []);
  });

  test('leaves in one message with all others, however many there are', () => {
    const ana = quietPager();
    for (const name of ['sales', 'hr', 'stock']) {
      ana.hold(name);
      ana.later(hour);
    }
    ana.later(5 * hour);
    assert.match(ana.sends('whatsapp'), /^3 failed refreshes open, 3 new\./);
    assert.deepEqual(ana.waiting(), []);
  });

  test('is not taken along by what goes in the quiet hours, and ALL does not take it', () => {
    const ana = quietPager();
    ana.hold('low');
    ana.page('high');
    ana.page('higher');
    assert.doesNotMatch(ana.sends('whatsapp'), /low/);
    ana.replies('ALL');
    assert.deepEqual(
      ana.reports().filter((report) => report.startsWith('acknowledge')),
      ['acknowledge high', 'acknowledge higher'],
    );
    assert.deepEqual(ana.waiting(), ['whatsapp page']);
  });

  test('does not count among those that wait for the hourly limit', () => {
    const ana = quietPager({ messagesPerHour: 1 });
    ana.page('first');
    ana.sends('whatsapp');
    ana.later(2 * minute);
    ana.page('second');
    ana.hold('low');
    watchLimits(ana.pager, ana.now());
    assert.match(ana.pager.outbox.at(-1)?.text ?? '', /^Quiet for 58 min: 1 more waits\./);
  });

  test('is held by them, too, where the window holds it until they begin', () => {
    const ana = createPager();
    const [from, until] = [ana.now() + 30_000, ana.now() + 8 * hour];
    const hold = (name: string): void => {
      const facts = { kind: 'workbook', name, event: 'WorkbookRefreshFailed', failures: 1, since: ana.now() } as const;
      const page = { incident: name, pageId: `e-${name}.1`, channel: 'whatsapp', facts, waitMs: 5 * minute } as const;
      ana.input({ type: 'page', page: { ...page, keepsQuietHours: true, quietFrom: from, quietUntil: until } });
    };
    hold('sales');
    ana.sends('whatsapp');
    hold('hr');
    assert.equal(ana.waits('whatsapp'), minute);
    const packed = JSON.parse(JSON.stringify(packPager(stateOf(ana.pager)))) as ReturnType<typeof packPager>;
    assert.deepEqual(unpackPager(newPager('ana', ana.pager.settings, 'other'), packed).held, ana.pager.held);
    ana.later(minute);
    assert.equal(ana.waits('whatsapp'), until - ana.now());
    ana.later(until - ana.now());
    assert.equal(ana.begin('whatsapp').until, until + 5 * minute);
  });

  test('of hours that are over by the clock of the pager goes at once', () => {
    const ana = quietPager();
    ana.later(8 * hour);
    ana.hold('sales');
    assert.equal(ana.waits('whatsapp'), 0);
  });

  test('keeps its time when a copy comes, and when the pager continues as new', () => {
    const ana = quietPager();
    ana.hold('sales');
    ana.page('sales', 1, 'whatsapp', { unknownItem: true });
    ana.hold('hr');
    const packed = JSON.parse(JSON.stringify(packPager(stateOf(ana.pager)))) as ReturnType<typeof packPager>;
    const restored = unpackPager(newPager('ana', ana.pager.settings, 'other'), packed);
    assert.deepEqual(restored.held, ana.pager.held);
    assert.deepEqual(
      restored.held.map(({ quietUntil }) => quietUntil),
      [ana.until, ana.until],
    );
    const earlier = unpackPager(newPager('ana', ana.pager.settings, 'other'), { ...packed, held: ana.pager.held });
    assert.deepEqual(earlier.held, ana.pager.held, 'an earlier version packed pages as they are');
  });
});

describe('what recovers in quiet hours', () => {
  test('is counted by the message that goes when they end', () => {
    const ana = quietPager();
    for (const name of ['sales', 'hr', 'stock', 'bonds']) ana.hold(name);
    ana.withdraw('hr', 1, recovered);
    ana.notice('hr');
    ana.withdraw('stock', 1, recovered);
    ana.notices();
    assert.equal(ana.pager.pendingNotices.length, 0);
    ana.later(8 * hour);
    assert.deepEqual(ana.texts(), []);
    const text = ana.sends('whatsapp');
    assert.match(text, /^2 failed refreshes open, 2 new\.\n2 more failed in your quiet hours and work again\.\n/);
    assert.doesNotMatch(text, /"hr"|"stock"/);
    assert.deepEqual(ana.pager.recovered, []);
  });

  test('is counted beside a single page, too, also when the message is written anew', () => {
    const ana = quietPager();
    ana.hold('sales', 1, 'sms');
    ana.hold('hr', 1, 'sms');
    ana.withdraw('hr', 1, recovered);
    ana.later(8 * hour);
    const out = ana.begin('sms');
    assert.match(out.text, /^\[1\] .*\n1 more failed in your quiet hours and works again\.\nReply ACK or 1/s);
    ana.fails(out, 'outage', '503');
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'lead' });
    assert.deepEqual(ana.texts(), [
      { channel: 'sms', text: 'In your quiet hours 1 failed and works again. Nothing to do.' },
    ]);
  });

  test('is one short text where nothing else is left', () => {
    const ana = quietPager();
    for (const name of ['sales', 'hr', 'stock']) ana.hold(name);
    for (const name of ['sales', 'hr', 'stock']) ana.withdraw(name, 1, recovered);
    assert.equal(ana.waits('whatsapp'), null);
    assert.equal(recoveredDueAt(ana.pager), ana.until);
    ana.later(8 * hour - 1);
    assert.deepEqual(ana.texts(), []);
    ana.later(1);
    assert.deepEqual(ana.texts(), [
      { channel: 'whatsapp', text: 'In your quiet hours 3 failed and work again. Nothing to do.' },
    ]);
    assert.equal(recoveredDueAt(ana.pager), null);
  });

  test('is not counted when somebody else took it, resolved it, or it fails again', () => {
    const ana = quietPager();
    for (const name of ['sales', 'hr', 'stock', 'bonds']) ana.hold(name);
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'lead' });
    ana.withdraw('sales', 1, recovered);
    ana.withdraw('hr', 1, { how: 'resolved', by: 'lead' });
    ana.withdraw('bonds', 1, { how: 'deleted', by: null });
    ana.withdraw('stock', 1, recovered);
    ana.withdraw('stock', 1, recovered);
    assert.deepEqual(
      ana.pager.recovered.map(({ count }) => count),
      [1],
    );
    ana.hold('stock', 1, 'whatsapp', 'e2-stock');
    assert.deepEqual(ana.pager.recovered, []);
    ana.later(8 * hour);
    assert.match(ana.sends('whatsapp'), /^\[1\] Workbook refresh failed: "stock"/);
  });

  test('is not counted after somebody took it in the same moment, nor where a page of it was sent before', () => {
    const ana = quietPager();
    ana.hold('sales');
    const about = { incident: 'sales', episode: 'e-sales', upTo: 1 };
    ana.input({ type: 'withdraw', withdrawal: { ...about, settled: { how: 'acknowledged', by: 'lead' } } });
    ana.input({ type: 'withdraw', withdrawal: { ...about, settled: recovered } });
    ana.page('hr');
    ana.sends('whatsapp');
    ana.hold('hr', 2);
    ana.withdraw('hr', 2, recovered);
    assert.deepEqual(ana.pager.recovered, []);
  });

  test('after the contact had a page of it is a notice, which keeps the quiet hours', () => {
    const ana = quietPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.withdraw('sales', 1, recovered);
    const facts = {
      kind: 'workbook',
      name: 'sales',
      event: 'WorkbookRefreshFailed',
      failures: 1,
      since: ana.now(),
    } as const;
    ana.input({
      type: 'notice',
      notice: {
        noticeId: 'one',
        kind: 'recovered',
        incident: 'sales',
        episode: 'e-sales',
        facts,
        by: null,
        quietUntil: ana.until,
      },
    });
    ana.later(7 * hour);
    ana.notices();
    assert.deepEqual(ana.waiting(), []);
    ana.later(hour);
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^"sales" works again/);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minute, second } from '../../../src/workflows/contract.js';
import { type HandOverNotice } from '../../../src/workflows/pager-contract.js';
import { pagerMachine } from '../../../src/workflows/pager/machine.js';
import { createPager, names } from '../../helpers/pager.js';

type Ana = ReturnType<typeof createPager>;

/** Ana comes on call in place of ben, who leaves. */
function comesOnCall(ana: Ana, incident: string, by: string | null = null, more: Partial<HandOverNotice> = {}): void {
  const notice: HandOverNotice = {
    noticeId: `e-${incident}:hand-over`,
    kind: 'on-call',
    schedule: 'data',
    other: 'ben',
    incident,
    episode: `e-${incident}`,
    facts: { kind: 'workbook', name: incident, event: 'WorkbookRefreshFailed', failures: 1, since: ana.now() },
    by,
    at: ana.now(),
    channel: 'sms',
    ...more,
  };
  ana.input({ type: 'notice', notice });
}

/** What the machine sends now, and what it waits for. */
function texts(ana: Ana): string[] {
  const effects = pagerMachine.advance(ana.pager, { now: ana.now(), draining: false });
  return effects.flatMap((effect) =>
    effect.type === 'activity' && effect.call.activity === 'send' ? [effect.call.input.text] : [],
  );
}

describe('a hand-over', () => {
  test('is one text for all that is open, when no more has come for 2 s', () => {
    const ana = createPager();
    comesOnCall(ana, 'sales');
    assert.deepEqual(texts(ana), []);
    assert.deepEqual(pagerMachine.wakeAt(ana.pager, { now: ana.now(), draining: false }), {
      at: ana.now() + 2 * second,
      why: 'Wait before a hand-over is announced',
    });
    ana.later(second);
    comesOnCall(ana, 'hr', 'ben');
    comesOnCall(ana, 'hr', 'ben');
    ana.later(second);
    assert.deepEqual(texts(ana), []);
    ana.later(second);
    assert.deepEqual(texts(ana), [
      'You are on call now (data). Open and taken by nobody: [1] "sales". Open and taken by ben: [2] "hr". Reply 1 to take it.',
    ]);
  });

  test('goes after a minute however many more come', () => {
    const ana = createPager();
    for (const name of names(40)) {
      comesOnCall(ana, name);
      ana.later(1.6 * second);
      const [text] = texts(ana);
      if (text === undefined) continue;
      assert.match(
        text,
        /^You are on call now \(data\)\. 38 open and taken by nobody: \[1\] "item-1", .* and 33 more\./,
      );
      assert.match(text, /Reply a number to take that one, or ALL\.$/);
      return;
    }
    assert.fail('no text went');
  });

  test('says who has it by what the incident says now, also of what the contact knows', () => {
    const ana = createPager();
    ana.page('sales', 1, 'sms');
    ana.sends('sms');
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'ben' });
    // A withdrawal that came before any page.
    ana.withdraw('hr', 1, { how: 'acknowledged', by: 'ben' });
    ana.later(minute);
    // Their snooze is over, and nobody has it.
    comesOnCall(ana, 'sales');
    comesOnCall(ana, 'hr');
    ana.later(2 * second);
    assert.match(
      texts(ana)[0] ?? '',
      /^You are on call now \(data\)\. 2 open and taken by nobody: \[1\] "sales", \[2\] "hr"\./,
    );
  });

  test('does not take back an answer that came since', () => {
    const ana = createPager();
    ana.page('sales', 1, 'sms');
    ana.sends('sms');
    const at = ana.now();
    ana.later(second);
    ana.replies('1', { channel: 'sms' });
    ana.incidentsAnswer('taken');
    comesOnCall(ana, 'sales', null, { at });
    ana.later(2 * second);
    texts(ana);
    assert.equal(ana.pager.outbox.at(-1)?.text, 'You are on call now (data). Open and yours: [1] "sales".');
  });

  test('is none for whoever has left again before the text went', () => {
    const ana = createPager();
    comesOnCall(ana, 'sales');
    comesOnCall(ana, 'sales', null, { kind: 'off-call', other: 'cid', noticeId: 'left' });
    ana.later(minute);
    assert.deepEqual(texts(ana), []);
  });

  test('makes it doubtful what a reply without a number means', () => {
    const ana = createPager();
    ana.page('hr', 1, 'sms');
    ana.sends('sms');
    ana.later(minute);
    ana.replies('1', { channel: 'sms' });
    ana.incidentsAnswer('taken');
    ana.dropReports();
    comesOnCall(ana, 'sales');
    ana.later(2 * second);
    texts(ana);
    ana.replies('R', { channel: 'sms' });
    assert.deepEqual(ana.reports(), []);
    assert.match(ana.replyText() ?? '', /^Which one of 2\? .*R 2 for "sales"/);
    // The text about the hand-over is newer than the page.
    ana.replies('ACK', { channel: 'sms' });
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
  });

  test('is older than a page that came since: a bare ACK means that', () => {
    const ana = createPager();
    comesOnCall(ana, 'sales');
    ana.later(2 * second);
    texts(ana);
    ana.later(minute);
    ana.page('hr', 1, 'sms');
    const out = ana.begin('sms');
    ana.receipt(out.attempt, 'delivered');
    ana.later(minute);
    ana.replies('ACK', { channel: 'sms' });
    assert.deepEqual(
      ana.reports().filter((report) => report.startsWith('acknowledge')),
      ['acknowledge hr'],
    );
  });

  test('says nothing of what has ended meanwhile', () => {
    const ana = createPager();
    comesOnCall(ana, 'sales');
    ana.withdraw('sales', 3, { how: 'recovered', by: null });
    ana.later(2 * second);
    assert.deepEqual(texts(ana), []);
    assert.deepEqual(ana.pager.handOvers, []);
  });

  test('is answered by the number, by ALL and by a bare ACK', () => {
    for (const reply of ['1', 'ALL', 'ACK']) {
      const ana = createPager();
      comesOnCall(ana, 'sales');
      comesOnCall(ana, 'hr', 'ben');
      ana.later(2 * second);
      texts(ana);
      ana.replies(reply, { channel: 'sms' });
      assert.deepEqual(ana.reports(), ['acknowledge sales'], reply);
    }
  });

  test('says who has what was taken, and a reply can end it', () => {
    const ana = createPager();
    comesOnCall(ana, 'sales', 'ben');
    ana.later(2 * second);
    assert.deepEqual(texts(ana), ['You are on call now (data). Open and taken by ben: [1] "sales".']);
    ana.replies('DONE 1', { channel: 'sms' });
    assert.deepEqual(ana.reports(), ['resolve sales']);
  });

  test('is followed by the notice of the recovery, by the same channel', () => {
    const ana = createPager();
    comesOnCall(ana, 'sales', 'ben');
    ana.later(2 * second);
    texts(ana);
    ana.withdraw('sales', 3, { how: 'recovered', by: null });
    ana.notice('sales', 'recovered', undefined, 'sms');
    ana.notices();
    assert.match(ana.pager.outbox.at(-1)?.text ?? '', /^"sales" works again/);
    ana.replies('LIST', { channel: 'sms' });
    assert.equal(ana.replyText(), 'Nothing is open for you.');
  });

  test('says to whoever leaves what stays theirs', () => {
    const ana = createPager();
    for (const name of ['sales', 'hr']) {
      ana.page(name, 1, 'sms');
      ana.sends('sms');
      ana.later(minute);
    }
    ana.replies('1', { channel: 'sms' });
    ana.incidentsAnswer('taken');
    comesOnCall(ana, 'sales', 'ana', { kind: 'off-call', other: 'ben' });
    comesOnCall(ana, 'hr', null, { kind: 'off-call', other: 'ben' });
    ana.later(2 * second);
    const [confirmation] = texts(ana);
    assert.match(confirmation ?? '', /^Taken: "sales"/);
    assert.equal(
      ana.pager.outbox.at(-1)?.text,
      'On call now (data): ben. Open and taken by nobody: [2] "hr". Open and yours: [1] "sales".',
    );
    comesOnCall(ana, 'sales', 'ana', { kind: 'off-call', other: null, noticeId: 'another' });
    ana.later(2 * second);
    texts(ana);
    assert.match(ana.pager.outbox.at(-1)?.text ?? '', /^On call now \(data\): nobody\./);
  });

  test('of a low incident waits for the end of quiet hours, and keeps no other from going', () => {
    const ana = createPager();
    const quietUntil = ana.now() + 60 * minute;
    comesOnCall(ana, 'sales', null, { quietUntil });
    comesOnCall(ana, 'hr', null, { quietFrom: ana.now() + minute, quietUntil });
    ana.later(2 * second);
    assert.deepEqual(texts(ana).length, 1);
    assert.match(ana.pager.outbox.at(-1)?.text ?? '', /"hr"/);
    assert.doesNotMatch(ana.pager.outbox.at(-1)?.text ?? '', /"sales"/);
    ana.later(58 * minute);
    texts(ana);
    assert.equal(ana.pager.handOvers.length, 1);
    ana.later(2 * minute);
    texts(ana);
    assert.match(
      ana.pager.outbox.at(-1)?.text ?? '',
      /^You are on call now \(data\)\. Open and taken by nobody: \[2\] "sales"/,
    );
  });

  test('is a text for each schedule', () => {
    const ana = createPager();
    comesOnCall(ana, 'sales');
    comesOnCall(ana, 'hr', null, { schedule: 'ops' });
    ana.later(2 * second);
    texts(ana);
    assert.deepEqual(
      ana.pager.outbox.map(({ text }) => text.slice(0, 27)),
      ['You are on call now (data).', 'You are on call now (ops). '],
    );
  });

  test('does not keep a page of the same incident from being sent later', () => {
    const ana = createPager();
    comesOnCall(ana, 'sales');
    ana.later(2 * second);
    texts(ana);
    ana.page('sales', 2, 'whatsapp');
    assert.match(ana.sends('whatsapp'), /^\[1\] Workbook refresh failed: "sales"/);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clearAlarms, raiseAlarm } from '../../../src/workflows/pager/alarms.js';
import { packPager, unpackPager } from '../../../src/workflows/pager/packed-state.js';
import { newPager, stateOf } from '../../../src/workflows/pager/state.js';
import { minute } from '../../../src/workflows/contract.js';
import { takeReports } from '../../../src/workflows/pager/reports.js';
import { createPager } from '../../helpers/pager.js';

const names = (count: number, from = 1): string[] => Array.from({ length: count }, (_, n) => `item-${n + from}`);

describe('a storm', () => {
  test('is one message at once and one bundle after the window', () => {
    const ana = createPager();
    ana.page('first');
    assert.match(ana.sends('whatsapp'), /^\[1\] Workbook refresh failed: first/);
    for (const name of names(499)) ana.page(name);
    assert.equal(ana.waits('whatsapp'), minute);
    assert.match(ana.why('whatsapp') ?? '', /a message is unanswered/);
    ana.later(minute);
    assert.match(ana.sends('whatsapp'), /^499 refreshes failed\./);
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
    assert.match(ana.sends('whatsapp'), /refreshes failed/);
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
    assert.match(text, /^Taken: sales\. Still open: 2\.\n2 refreshes failed\./);
    assert.equal(ana.waits('whatsapp'), null);
  });

  test('does not hold the next step of the same item: its policy decides the time', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.page('hr');
    ana.later(10_000);
    ana.page('sales', 2);
    assert.match(ana.sends('whatsapp'), /^2 refreshes failed\./);
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
    assert.match(ana.sends('call'), /11 refreshes failed\..*Your key is for all of them\./);
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
    assert.match(ana.replyText() ?? '', /^500 taken: first, item-1, item-2 and 497 more\. Still open: 1\.$/);
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

  test('of 5,000 items fits in a payload, and LIST counts all of them', () => {
    const ana = createPager();
    const uuid = (n: number): string => `${String(n).padStart(8, '0')}-aaaa-bbbb-cccc-dddddddddddd`;
    for (let n = 0; n < 5_000; n += 1) {
      const payload = `refresh:${uuid(1)}:${uuid(n)}`;
      ana.page(payload, 1, 'whatsapp', {
        name: `Quarterly revenue of region ${n}`,
        project: 'Finance/Daily/Revenue',
        owner: 'Olga Ownerson',
        cause: 'Snowflake refused the login because the password of the service account has expired.',
        url: `https://tableau.example.com/#/site/finance/workbooks/${n}`,
        inARow: 3,
      });
      if (n === 0) ana.sends('whatsapp');
    }
    ana.later(minute);
    ana.sends('whatsapp');
    const carried = packPager(stateOf(ana.pager));
    const bytes = Buffer.byteLength(JSON.stringify(carried));
    assert.deepEqual(
      unpackPager(
        newPager('nobody', ana.pager.settings, 'other'),
        JSON.parse(JSON.stringify(carried)) as typeof carried,
      ),
      stateOf(ana.pager),
    );
    assert.ok(bytes < 1_700_000, `${bytes} bytes`);
    ana.replies('LIST 500');
    assert.match(ana.replyText() ?? '', /^5000 open\./);
  });
});

test('a packed state of an earlier version gets defaults for missing fields', () => {
  const ana = createPager();
  ana.page('sales', 1, 'whatsapp', { cause: 'Disk full' });
  const { deferred: _deferred, next: _next, ...packed } = packPager(stateOf(ana.pager));
  const items = packed.items.map((item) => item.slice(0, 13));
  const earlier = JSON.parse(JSON.stringify({ ...packed, items })) as ReturnType<typeof packPager>;
  const restored = unpackPager(newPager('ana', ana.pager.settings, 'other'), earlier);
  assert.deepEqual([restored.deferred, restored.next, restored.uuid], [[], null, 'uuid']);
  const [item] = restored.items;
  assert.deepEqual(
    [item?.incident, item?.lastPage, item?.facts.name, item?.facts.cause],
    ['sales', 1, 'sales', undefined],
  );
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

describe('the hourly limit', () => {
  test('holds bundles, and leaves a reserve for first pages and confirmations', () => {
    const ana = createPager({ messagesPerHour: 8 });
    for (let n = 0; n < 6; n += 1) {
      ana.page(`a-${n}`);
      ana.sends('whatsapp');
      ana.withdraw(`a-${n}`, 1, { how: 'recovered', by: null });
      ana.later(minute);
    }
    ana.page('first');
    ana.sends('whatsapp');
    ana.page('bundled');
    ana.later(30_000);
    assert.match(ana.why('whatsapp') ?? '', /the hourly limit of WhatsApp is reached/);
    ana.replies('1');
    assert.match(ana.sends('whatsapp'), /^Refreshing again already: a-0/);
    ana.later(60 * minute);
    assert.match(ana.sends('whatsapp'), /bundled/);
  });

  test('of calls is separate', () => {
    const ana = createPager({ callsPerHour: 1 });
    ana.page('sales', 1, 'call');
    ana.sends('call');
    ana.withdraw('sales', 1, { how: 'recovered', by: null });
    ana.page('hr', 1, 'call');
    assert.equal(ana.waits('call'), 60 * minute);
    ana.page('hr', 2, 'sms');
    assert.equal(ana.waits('sms'), 0);
  });

  test('raises one alarm an hour, which is cleared when messages are accepted again', () => {
    const { pager, now } = createPager();
    const errors = () =>
      pager.logLines.splice(0).flatMap(({ level, about }) => (level === 'error' ? [about['alarm']] : []));
    raiseAlarm(pager, 'twilio-20003', 'sms', 'refused', now());
    raiseAlarm(pager, 'twilio-20003', 'sms', 'refused', now() + 59 * minute);
    assert.deepEqual(errors(), ['twilio-20003']);
    raiseAlarm(pager, 'twilio-20003', 'sms', 'refused', now() + 60 * minute);
    raiseAlarm(pager, 'call-limit', 'call', 'limit', now());
    assert.deepEqual(errors(), ['twilio-20003', 'call-limit']);
    clearAlarms(pager, 'sms');
    assert.deepEqual(
      pager.logLines.map(({ about }) => about['alarm']),
      ['twilio-20003'],
    );
    assert.deepEqual(Object.keys(pager.alarms), ['call-limit']);
  });
});

describe('notices', () => {
  function threePaged() {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.page('hr');
    ana.page('ops');
    ana.later(minute);
    ana.sends('whatsapp');
    return ana;
  }

  test('of one item are sent at once when nothing else is open', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.withdraw('sales', 1, { how: 'recovered', by: null });
    ana.notice('sales');
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^sales is refreshing again/);
  });

  test('wait a quarter of an hour while something is open, and are sent together', () => {
    const ana = threePaged();
    for (const name of ['sales', 'hr']) {
      ana.withdraw(name, 1, { how: 'recovered', by: null });
      ana.notice(name);
    }
    ana.notices();
    assert.deepEqual(ana.waiting(), []);
    ana.later(15 * minute);
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^2 refreshing again: sales, hr\. Still open: 1\.$/);
  });

  test('are sent together, in one message, two seconds after the storm is over', () => {
    const ana = threePaged();
    for (const name of ['sales', 'hr', 'ops']) {
      ana.withdraw(name, 1, { how: 'recovered', by: null });
      ana.notice(name);
      ana.notices();
    }
    assert.deepEqual(ana.waiting(), []);
    ana.later(2_000);
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^3 refreshing again: sales, hr, ops\. Nothing to do\.$/);
  });

  test('wait for the notices of other items that have just recovered', () => {
    const ana = threePaged();
    for (const name of ['sales', 'hr', 'ops']) ana.withdraw(name, 1, { how: 'recovered', by: null });
    ana.notice('sales');
    ana.notices();
    assert.deepEqual(ana.waiting(), []);
    for (const name of ['hr', 'ops']) ana.notice(name);
    ana.later(2_000);
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^3 refreshing again: sales, hr, ops\. Nothing to do\.$/);
  });

  test('a newer notice of an item replaces the pending one', () => {
    const ana = threePaged();
    ana.withdraw('sales', 1, { how: 'acknowledged', by: 'lead' });
    ana.notice('sales', 'taken');
    ana.notice('sales', 'recovered');
    ana.later(15 * minute);
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^sales is refreshing again/);
  });

  test('of a refused rerun do not wait', () => {
    const ana = threePaged();
    ana.notice('sales', 'not-rerun', 'There is no extract.');
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^sales was not run again\. There is no extract\. It is still yours\.$/);
  });

  test('that WhatsApp does not deliver are sent by SMS, once', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.withdraw('sales', 1, { how: 'recovered', by: null });
    ana.notice('sales');
    ana.notices();
    ana.sends('whatsapp');
    const notice = ana.pager.sent.at(-1)?.attempt ?? '';
    ana.receipt(notice, 'undelivered', '63016');
    ana.receipt(notice, 'failed', '63016');
    assert.match(ana.sends('sms'), /^sales is refreshing again/);
    assert.deepEqual(ana.waiting(), []);
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
    '1': '3 refreshes failed',
    '2': '3: Disk full. [2] item-1, [3] item-2, [4] item-3',
    '3': 'ALL',
  });
});

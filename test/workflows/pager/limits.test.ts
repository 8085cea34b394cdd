import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minute } from '../../../src/workflows/contract.js';
import { clearAlarms, raiseAlarm } from '../../../src/workflows/pager/alarms.js';
import { pagerMachine } from '../../../src/workflows/pager/machine.js';
import { packPager, unpackPager } from '../../../src/workflows/pager/packed-state.js';
import { newPager } from '../../../src/workflows/pager/state.js';
import { createPager, names } from '../../helpers/pager.js';

describe('the hourly limit', () => {
  test('holds bundles, and leaves a reserve for first pages', () => {
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
    assert.match(ana.why('whatsapp') ?? '', /^6 of the hourly limit of 8 messages .* kept for first pages$/);
    ana.replies('1');
    assert.match(ana.sends('whatsapp'), /^Working again already: "a-0"/);
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

  test('counts pages alone: neither answers to replies nor notices', () => {
    const ana = createPager({ messagesPerHour: 4 });
    ana.page('taken');
    ana.sends('whatsapp');
    for (let n = 0; n < 10; n += 1) {
      ana.replies('LIST');
      ana.sends('whatsapp');
    }
    ana.withdraw('taken', 1, { how: 'acknowledged', by: 'lead' });
    ana.notice('taken', 'taken');
    ana.notices();
    ana.sends('whatsapp');
    for (const name of ['second', 'third', 'fourth']) {
      ana.page(name);
      assert.equal(ana.waits('whatsapp'), 0, name);
      ana.sends('whatsapp');
      ana.withdraw(name, 1, { how: 'recovered', by: null });
    }
    ana.page('fifth');
    assert.equal(ana.why('whatsapp'), 'the hourly limit of 4 messages (WhatsApp and SMS together) is reached');
  });

  test('of notices counts pages as well, and the reason for a notice that waits is the limit', () => {
    const ana = createPager({ messagesPerHour: 4 });
    for (const name of names(3)) {
      ana.page(name);
      ana.sends('whatsapp');
      ana.withdraw(name, 1, { how: 'acknowledged', by: 'lead' });
    }
    ana.notice('item-1', 'taken');
    ana.notices();
    assert.equal(ana.waits('whatsapp'), 60 * minute);
    assert.equal(ana.why('whatsapp'), 'notices wait for the hourly limit');
  });

  test('of answers is a setting', () => {
    const ana = createPager({ answersPerHour: 3 });
    const sent = Array.from({ length: 10 }, () => {
      ana.replies('LIST');
      return ana.waits('whatsapp') === 0 && ana.sends('whatsapp');
    });
    assert.equal(sent.filter(Boolean).length, 3);
  });

  test('of answers leaves the last ones to confirmations, and the last of each kind says for how long', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    const answers: string[] = [];
    const answersTo = (text: string): void => {
      ana.replies(text);
      ana.incidentsAnswer('already', 'lead');
      if (ana.waits('whatsapp') === 0) answers.push(ana.sends('whatsapp'));
    };
    for (let n = 0; n < 1_000; n += 1) answersTo('LIST');
    assert.equal(answers.length, 15);
    assert.match(answers[14] ?? '', /\nFor 60 min only confirmations are sent\. What you reply still counts\.$/);
    for (let n = 0; n < 1_000; n += 1) answersTo('1');
    assert.equal(answers.length, 20);
    assert.match(answers[19] ?? '', /^Already taken by lead: "sales"\.\nFor 60 min no answers are sent\./);
    assert.deepEqual(ana.waiting(), [], 'what was not sent does not leave later');
    ana.later(60 * minute);
    answersTo('LIST');
    assert.equal(answers.length, 21);
  });

  test('of a state that an earlier version carried over counts what that version knew', () => {
    const fresh = newPager('ana', createPager().pager.settings, 'uuid');
    const { limitNotifiedAt: _told, ...packed } = packPager(fresh);
    const { answers: _answers, notices: _notices, unknownItems: _unknown, ...recentSends } = packed.recentSends;
    const earlier = JSON.parse(JSON.stringify({ ...packed, recentSends: { ...recentSends, messagesPerHour: [7] } }));
    assert.deepEqual(unpackPager(fresh, earlier), {
      ...fresh,
      recentSends: { messagesPerHour: [7], callsPerHour: [], answers: [], notices: [], unknownItems: [] },
    });
  });

  test('of answers is the usual one where an earlier version wrote the input, the state or the page', () => {
    const { answersPerHour, ...known } = createPager().pager.settings;
    const earlier = JSON.parse(JSON.stringify(known));
    const fresh = newPager('ana', earlier, 'uuid');
    assert.deepEqual([answersPerHour, fresh.settings.answersPerHour], [20, 20]);
    const packed = JSON.parse(JSON.stringify({ ...packPager(fresh), settings: earlier }));
    assert.deepEqual(unpackPager(fresh, packed).settings, { ...known, answersPerHour: 20 });
    const ana = createPager();
    ana.page('sales', 1, 'sms', {}, 300_000, earlier);
    assert.equal(ana.pager.settings.answersPerHour, 20);
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

test('sends that Twilio refused do not count towards the hourly limit', () => {
  const ana = createPager({ callsPerHour: 2 });
  for (let n = 1; n <= 5; n += 1) {
    ana.page('sales', n, 'call');
    ana.fails(ana.begin('call'), 'recipient', '21217');
  }
  ana.page('sales', 6, 'call');
  assert.equal(ana.waits('call'), 0);
});

test('a page carries changed settings to a running pager', () => {
  const ana = createPager({ messagesPerHour: 1 });
  const changed = { windowMs: 1, callWindowMs: 1, messagesPerHour: 50, callsPerHour: 1, answersPerHour: 1 };
  ana.page('sales', 1, 'sms', {}, 300_000, changed);
  assert.equal(ana.pager.settings.messagesPerHour, 50);
});

describe('silence by the hourly limit', () => {
  /** Ana has got so many calls, each for an item that works again. */
  const calledFor = (count: number) => {
    const ana = createPager({ callsPerHour: count });
    for (const name of names(count)) {
      ana.page(name, 1, 'call');
      ana.sends('call');
      ana.withdraw(name, 1, { how: 'recovered', by: null });
    }
    ana.later(20 * minute);
    return ana;
  };
  /** What the pager begins: `sms <text>` for a message, `held <why>` for a report to an incident. */
  const begins = (ana: ReturnType<typeof createPager>): string[] => {
    // Earlier signals have arrived.
    ana.pager.signalsInFlight = [];
    return pagerMachine.advance(ana.pager, { now: ana.now(), draining: false }).flatMap((effect) => {
      if (effect.type === 'activity' && effect.call.activity === 'send')
        return [`${effect.call.channel} ${effect.call.input.text}`];
      return effect.type === 'signal' && effect.signal.name === 'held' ? [`held ${effect.signal.payload.why}`] : [];
    });
  };

  test('of calls is told by SMS, once', () => {
    const ana = calledFor(4);
    ana.page('sales', 1, 'call');
    ana.page('hr', 1, 'call');
    const why = 'held the hourly limit of 4 calls is reached';
    assert.deepEqual(begins(ana), [
      'sms No calls for 40 min: 2 more wait. The limit is 4 calls an hour. LIST shows what is open.',
      why,
      why,
    ]);
    ana.later(10 * minute);
    ana.page('people', 1, 'call');
    assert.deepEqual(
      begins(ana).filter((one) => !one.startsWith('held')),
      [],
    );
    assert.deepEqual(Object.keys(ana.pager.alarms), ['call-limit']);
    ana.later(30 * minute);
    assert.match(begins(ana).join(), /^call /);
    assert.deepEqual(ana.pager.alarms, {});
  });

  test('of messages is told although pages have used up the limit', () => {
    const ana = createPager({ messagesPerHour: 1 });
    ana.page('sales');
    ana.sends('whatsapp');
    ana.withdraw('sales', 1, { how: 'recovered', by: null });
    ana.page('hr', 1, 'sms');
    assert.deepEqual(begins(ana), [
      'sms Quiet for 60 min: 1 more waits. The limit is 1 message an hour. LIST shows what is open.',
    ]);
    ana.later(minute);
    ana.page('people');
    assert.deepEqual(begins(ana), ['held the hourly limit of 1 message (WhatsApp and SMS together) is reached']);
  });

  test('a page that waits behind a message in trouble has its own reason', () => {
    const ana = createPager();
    ana.page('sales');
    ana.fails(ana.begin('whatsapp'), 'unknown', '20500');
    ana.page('hr');
    ana.pager.reports = [];
    assert.deepEqual(begins(ana), ['held a message is unanswered; all that came since goes in one']);
  });
});

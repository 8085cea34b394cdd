import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minute } from '../../../src/workflows/contract.js';
import { clearAlarms, raiseAlarm } from '../../../src/workflows/pager/alarms.js';
import { createPager } from '../../helpers/pager.js';

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
  ana.page('sales', 1, 'sms', {}, 300_000, { windowMs: 1, callWindowMs: 1, messagesPerHour: 50, callsPerHour: 1 });
  assert.equal(ana.pager.settings.messagesPerHour, 50);
});

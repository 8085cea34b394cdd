import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute } from '../../../src/workflows/contract.js';
import { found, late, start, watch } from './watch.js';

const operators = [{ contact: 'lead', channel: 'sms' as const }];
const down = { operators };

describe('a look that fails', () => {
  test('is tried again each minute; after an hour operators learn of it once, and it is over when Tableau answers', () => {
    const site = watch();
    site.look(found(), down);
    site.sleep();
    for (let minutes = 0; minutes < 60; minutes += 1) {
      if (minutes % 2 === 0) site.look(null, down);
      else site.fail('checkFreshness');
      assert.deepEqual(site.logged, []);
      assert.equal(site.sleep(), minute);
    }
    site.look(null, down);
    assert.deepEqual(site.logged.splice(0), ['error tableau-unreachable']);
    const [notice, ...others] = site.noticed();
    assert.match(notice ?? '', /^lead: Tableau alerts: Tableau has not answered for 60 min/);
    assert.deepEqual(others, []);
    for (let again = 0; again < 10; again += 1) {
      site.sleep();
      site.look(null, down);
    }
    assert.deepEqual([site.running(), site.logged], [[], []]);
    site.sleep();
    site.look(found(), down);
    assert.deepEqual(site.logged, ['info An alarm is over']);
    assert.deepEqual(site.memo(), { promised: 3, late: 0, alarms: [] });
  });

  test('forgets nothing of what is late', () => {
    const site = watch();
    site.look(found([late('Sales')]));
    site.delivered();
    site.sleep();
    site.look(null);
    site.sleep();
    site.look(found([late('Sales')]));
    assert.deepEqual(site.running(), []);
  });

  test('may be the first one of all', () => {
    const site = watch();
    const begun = site.now();
    while (site.logged.length === 0) {
      site.fail('checkFreshness');
      site.sleep();
    }
    assert.deepEqual(site.logged, ['error tableau-unreachable']);
    assert.equal(site.now() - begun, 61 * minute);
    assert.equal(site.end(), null);
  });

  test('is repeated when the look says so', () => {
    const site = watch();
    const alarms = [{ code: 'data-times-unknown' as const, text: 'No times.' }];
    site.look(null, { alarms, next: { at: start + 5 * minute, what: 'Ask Tableau again' } });
    assert.equal(site.sleep(), 5 * minute);
  });
});

describe('an alarm', () => {
  const refused = { ...down, alarms: [{ code: 'tableau-sign-in' as const, text: 'We may not sign in.' }] };

  test('of a refused sign-in reaches operators at once', () => {
    const site = watch();
    site.look(null, refused);
    assert.deepEqual(site.noticed(), ['lead: Tableau alerts: We may not sign in.']);
    assert.deepEqual(site.view().alarms, [{ code: 'tableau-sign-in', since: start, text: 'We may not sign in.' }]);
    // It has an alarm already.
    while (site.now() < start + 2 * hour) {
      site.sleep();
      site.look(null, refused);
    }
    assert.deepEqual(site.logged, ['error tableau-sign-in']);
  });

  test('that comes and goes is logged each time, and reaches operators again after six hours', () => {
    const site = watch();
    const texts: string[] = [];
    while (site.now() < start + 13 * hour) {
      site.look(null, refused);
      if (site.running().includes('signalPagers')) texts.push(...site.noticed());
      site.sleep();
      site.look(found(), down);
      site.sleep();
    }
    assert.equal(texts.length, 3);
    assert.ok(site.logged.length > 20);
  });

  test('without operators is logged and shown', () => {
    const site = watch();
    site.look(null, { ...refused, operators: [] });
    assert.deepEqual(site.running(), []);
    assert.deepEqual(site.memo(), {
      promised: 0,
      late: 0,
      alarms: [{ code: 'tableau-sign-in', since: new Date(start).toISOString() }],
    });
  });

  test('of a refused sign-in stays while Tableau does not answer at all', () => {
    const site = watch();
    site.look(null, refused);
    site.sleep();
    site.look(null, down);
    assert.deepEqual(site.logged, ['error tableau-sign-in']);
    site.sleep();
    site.look(found(), down);
    assert.deepEqual(site.logged, ['error tableau-sign-in', 'info An alarm is over']);
  });

  test('of webhooks stays while Tableau does not answer', () => {
    const site = watch();
    site.look(found(), { alarms: [{ code: 'webhooks-missing', text: 'None.' }] });
    site.sleep();
    site.look(null);
    assert.deepEqual(
      site.view().alarms.map(({ code }) => code),
      ['webhooks-missing'],
    );
    site.sleep();
    site.look(found());
    assert.deepEqual(site.view().alarms, []);
  });
});

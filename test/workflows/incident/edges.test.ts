/** Races between replies, sends and events. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { prune } from '../../../src/workflows/pager/prune.js';
import { hour, minute } from '../../../src/workflows/contract.js';
import { createIncident, policy, start } from '../../helpers/incident.js';
import { createPager } from '../../helpers/pager.js';

describe('a reply without a number', () => {
  /** The page of Sales was sent; the page of HR is in the outbox. */
  function salesAndHr() {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.later(5 * minute);
    ana.page('hr');
    return ana;
  }

  test('means a message that was sent, not one that Twilio has not accepted yet', () => {
    const ana = salesAndHr();
    ana.fails(ana.begin('whatsapp'), 'outage', 'http-429');
    ana.later(minute);
    ana.dropReports();
    ana.replies('ACK');
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
  });

  test('means a message that was sent, not one that was refused or not delivered', () => {
    for (const undo of ['refused', 'undelivered'] as const) {
      const ana = salesAndHr();
      const out = ana.begin('whatsapp');
      if (undo === 'refused') ana.fails(out, 'recipient', '63016');
      else {
        ana.receipt(out.attempt, 'sent');
        ana.receipt(out.attempt, 'undelivered', '63016');
      }
      ana.later(minute);
      ana.dropReports();
      ana.replies('ok');
      assert.deepEqual(ana.reports(), ['acknowledge sales'], undo);
    }
  });

  test('means a message that was delivered before the response of Twilio, as does ALL or its number', () => {
    for (const word of ['ACK', '1', 'ALL']) {
      const ana = createPager();
      ana.page('sales');
      ana.begin('whatsapp');
      ana.replies(word);
      assert.deepEqual(ana.reports(), ['acknowledge sales'], word);
    }
  });

  test('means a message whose outcome stayed unknown: it may have been delivered', () => {
    const ana = createPager();
    ana.page('sales', 1, 'sms', {}, 1_000);
    assert.equal(ana.fails(ana.begin('sms'), 'unknown', 'timeout').final, true);
    ana.dropReports();
    ana.replies('ACK', { channel: 'sms' });
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
  });

  test('means nothing when no message was accepted yet, nor does ALL or a number', () => {
    const ana = createPager();
    ana.page('sales');
    ana.fails(ana.begin('whatsapp'), 'outage', 'http-429');
    ana.dropReports();
    for (const word of ['ACK', '1', 'ALL']) ana.replies(word);
    assert.deepEqual(ana.reports(), []);
  });

  test('ALL and a number do not acknowledge a page that was never accepted', () => {
    const ana = salesAndHr();
    ana.fails(ana.begin('whatsapp'), 'outage', 'http-429');
    ana.dropReports();
    ana.replies('ALL');
    ana.replies('2');
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
  });

  test('means the only message, though a receipt reports it as undelivered: whoever replies has read it', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.receipt(ana.pager.sent[0]?.attempt ?? '', 'undelivered', '30008');
    ana.dropReports();
    ana.replies('ACK');
    assert.deepEqual(ana.reports(), ['acknowledge sales']);
  });
});

test('a tap on a message of unknown outcome waits until the SID of the message is known', () => {
  const ana = createPager();
  ana.page('sales');
  const out = ana.begin('whatsapp');
  ana.fails(out, 'unknown', 'connection-lost');
  ana.replies('ACK', { messageSid: `SM-${out.attempt}` });
  assert.equal(ana.replyText(), null);
  ana.receipt(out.attempt, 'delivered');
  assert.ok(ana.reports().includes('acknowledge sales'));
});

test('an item that was acknowledged and may have reopened is acknowledged again: its incident decides', () => {
  const ana = createPager();
  ana.page('sales');
  ana.sends('whatsapp');
  ana.replies('R');
  ana.incidentsAnswer('rerunning');
  ana.dropReports();
  ana.replies('ACK 1');
  assert.deepEqual(ana.reports(), ['acknowledge sales']);
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

test('a page that was signalled before STOP arrived is withdrawn', () => {
  const sales = createIncident();
  sales.fails();
  sales.answers({ verb: 'stop', contact: 'ana' });
  const last = sales.messages.findLast(({ contact, signal }) => contact === 'ana' && signal === 'withdraw');
  assert.deepEqual(last?.payload, { incident: 'refresh:site:sales', episode: 'uuid-1', upTo: 1 });
});

test('an escalation that starts again after every contact replied STOP ends unacknowledged, with an alarm', () => {
  const sales = createIncident({ ...policy, steps: policy.steps.slice(0, 1) });
  sales.fails();
  sales.answers({ verb: 'stop', contact: 'ana' });
  sales.answers({ answerId: 'z', verb: 'snooze', by: 'script', durationMs: minute });
  sales.later(minute);
  assert.equal(sales.incident.state, 'unacknowledged');
  assert.equal(sales.alarms(), 1);
});

test('a recovery before the newest failure does not resolve the incident: the recovery check runs again', () => {
  const sales = createIncident();
  sales.fails(start - 30 * minute);
  sales.fails(start - 5 * minute);
  sales.tableau.hasRecovered(true);
  assert.equal(sales.incident.state, 'triggered');
  sales.later(0);
  assert.equal(sales.incident.recoveryCheck?.done, false);
  sales.tableau.hasRecovered(false);
  sales.later(0);
  assert.deepEqual(sales.pages(), ['whatsapp ana']);
});

test('a rerun that succeeded does not resolve the incident when a failure arrived meanwhile', () => {
  const sales = createIncident();
  sales.fails();
  sales.answers({ verb: 'rerun', contact: 'ana' });
  sales.tableau.startsRerun({ state: 'queued', job: 'j1' });
  sales.later(10_000);
  sales.fails();
  sales.tableau.reportsJob({ state: 'succeeded' });
  assert.equal(sales.incident.state, 'acknowledged');
  sales.later(minute);
  sales.succeeds();
  assert.equal(sales.incident.state, 'resolved');
});

test("whoever requested a rerun during the policy's rerun is paged when it fails", () => {
  const sales = createIncident({ ...policy, rerun: { attempts: 1, waitMs: 15 * minute } });
  sales.fails();
  assert.equal(sales.answers({ verb: 'rerun', by: 'script' }), 'rerunning');
  sales.tableau.startsRerun({ state: 'queued', job: 'j1' });
  sales.later(15_000);
  sales.tableau.reportsJob({ state: 'failed', cause: 'Disk full.' });
  assert.equal(sales.incident.state, 'triggered');
  assert.deepEqual(sales.pages(), ['whatsapp ana']);
});

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
    assert.match(ana.sends('whatsapp'), /^Reminder: sales/);
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

test('a step records when it was due, also when it is taken later', () => {
  const sales = createIncident();
  sales.fails();
  const sentAt = sales.now();
  assert.equal(sales.incident.escalation.dueAt, null);
  sales.withoutWorkers(20 * minute);
  sales.run();
  assert.deepEqual([sales.pages().at(-1), sales.incident.escalation.dueAt], ['sms ana', sentAt + 5 * minute]);
});

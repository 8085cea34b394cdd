/** Scenarios in which one contact is paged for many items. */
import assert from 'node:assert/strict';
import { minute } from '../../src/workflows/contract.js';
import { defaultPolicy } from '../helpers/service-settings.js';
import type { TimeSkippingService } from '../helpers/time-skipping-service.js';
import { until } from '../helpers/until.js';
import type { Scenario } from './scenarios.js';

const callsOnly = { ...defaultPolicy, steps: defaultPolicy.steps.slice(2), repeat: 0 };
const failed = /^\[1\] Workbook refresh failed: Sales\n/;

/** Sales fails and is paged; then as many other items fail at once. */
async function storm({ ana, item, fails }: TimeSkippingService, others: number) {
  const sales = item('Sales');
  await fails(sales.item);
  await until('the first page', () => ana.unexpected().length > 0);
  const rest = Array.from({ length: others }, (_, n) => item(`Item ${n + 1}`));
  await Promise.all(rest.map((one) => fails(one.item)));
  return { sales, rest, all: [sales, ...rest] };
}

export const pagerScenarios: Scenario[] = [
  {
    name: 'a-storm-acknowledged-by-all',
    async run(service) {
      const { ana, later, incident, nothingElse } = service;
      const { all } = await storm(service, 11);
      await ana.receives('whatsapp', failed);
      await later(minute);
      await ana.receives(
        'whatsapp',
        /^11 refreshes failed\.\n.*Worst: \[2\].*\nReply ALL to take them, LIST to see them\.$/s,
      );
      await ana.replies('list');
      await ana.receives('whatsapp', /^12 open\.\n(\[\d+\].*\n){10}LIST 2 for more\.$/);
      await ana.replies('ALL');
      await ana.receives('whatsapp', /^12 taken: .* and 9 more\. Reminder in 4 h\.$/);
      await later(60 * minute);
      for (const { id } of all) assert.equal((await incident(id)).state, 'acknowledged');
      await nothingElse();
    },
  },
  {
    name: 'a-storm-that-recovers-is-one-notice',
    async run(service) {
      const { ana, later, recovers, nothingElse } = service;
      const { all } = await storm(service, 4);
      await ana.receives('whatsapp', failed);
      await later(minute);
      await ana.receives('whatsapp', /^4 refreshes failed\./);
      await Promise.all(all.map(({ item }) => recovers(item)));
      await later(2_000);
      await ana.receives('whatsapp', /^5 refreshing again: .*\. Nothing to do\.$/);
      await later(60 * minute);
      await nothingElse();
    },
  },
  {
    name: 'a-bundle-by-call',
    policy: { ...callsOnly, steps: [{ page: ['ana'], by: 'call', waitMs: 10 * minute }] },
    async run(service) {
      const { ana, later, receipt, incident, nothingElse } = service;
      const { sales, rest } = await storm(service, 3);
      const first = await ana.rings();
      // Somebody picks up, and presses nothing.
      await ana.picksUp(first);
      await receipt(first.sid, 'completed');
      await later(3 * minute);
      const call = await ana.rings();
      await ana.picksUp(call);
      const said = await ana.presses(call, '1');
      assert.match(
        said,
        /3 refreshes failed\..*Your key is for all of them\..*Acknowledged\. All 3 of them\. Good night\.$/s,
      );
      for (const { id } of rest) assert.equal((await incident(id)).state, 'acknowledged');
      assert.equal((await incident(sales.id)).state, 'triggered');
      await nothingElse();
    },
  },
  {
    name: 'two-contacts-answer-at-the-same-moment',
    policy: callsOnly,
    async run({ ana, lead, item, fails, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      const [one, other] = await Promise.all([ana.rings(), lead.rings()]);
      await Promise.all([ana.picksUp(one), lead.picksUp(other)]);
      const said = await Promise.all([ana.presses(one, '1'), lead.presses(other, '1')]);
      const ends = said.map((text) => /(Acknowledged|Already taken by (ana|lead))\. Good night\.$/.exec(text)?.[1]);
      const { acknowledgedBy } = await incident(sales.id);
      assert.deepEqual(ends.toSorted(), ['Acknowledged', `Already taken by ${acknowledgedBy}`]);
      const loser = acknowledgedBy === 'ana' ? lead : ana;
      await loser.receives('sms', new RegExp(`^Sales was taken by ${acknowledgedBy}`));
      await nothingElse();
    },
  },
  {
    name: 'a-message-is-sent-while-the-contact-types',
    async run(service) {
      const { ana, later, incident } = service;
      const { sales, rest } = await storm(service, 1);
      await ana.receives('whatsapp', failed);
      await later(minute - 1_000);
      const second = await ana.receives('whatsapp', /^\[2\] Workbook refresh failed: Item 1/);
      await ana.replies('ACK');
      await ana.receives('whatsapp', /^Taken: Sales\. Reminder in 4 h\. Still open: 1\.$/);
      assert.equal((await incident(sales.id)).state, 'acknowledged');
      // A swipe reply names its message.
      await ana.replies('ACK', 'whatsapp', second);
      await ana.receives('whatsapp', /^Taken: Item 1\./);
      assert.equal((await incident(rest[0]?.id ?? '')).state, 'acknowledged');
    },
  },
  {
    name: 'a-terminated-pager-is-started-again',
    async run({ ana, client, item, fails, quiet, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await quiet();
      await client.workflow.getHandle('pager:ana').terminate('by hand');
      await later(5 * minute);
      await ana.receives('sms', failed);
      await ana.replies('1', 'sms');
      await ana.receives('sms', /^Taken: Sales\./);
      assert.equal((await incident(sales.id)).state, 'acknowledged');
      await nothingElse();
    },
  },
  {
    name: 'twilio-is-unavailable-for-longer-than-the-escalation',
    policy: { ...defaultPolicy, repeat: 0 },
    async run({ ana, sandbox, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      sandbox.faults.add({ target: 'twilio', status: 503, times: 'always' });
      await fails(sales.item);
      await later(15 * minute);
      const view = await incident(sales.id);
      assert.equal(view.state, 'triggered');
      assert.ok(view.timeline.some(({ type }) => type === 'restarted'));
      sandbox.faults.clear();
      await later(2 * minute);
      await ana.receives('whatsapp', failed);
      await ana.replies('OK');
      await ana.receives('whatsapp', /^Taken: Sales\./);
      await nothingElse();
    },
  },
  {
    name: 'snoozed-and-escalated-again',
    async run({ ana, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await ana.replies('Z 30m');
      await ana.receives('whatsapp', /^Snoozed: Sales\. It is back in 30 min\.$/);
      await later(29 * minute);
      assert.equal((await incident(sales.id)).state, 'snoozed');
      await nothingElse();
      await later(minute);
      await ana.receives('whatsapp', /^\[1\] Workbook refresh failed: Sales/);
      await ana.replies('DONE');
      await ana.receives('whatsapp', /^Resolved: Sales\.$/);
      assert.equal((await incident(sales.id)).state, 'resolved');
      await nothingElse();
    },
  },
  {
    name: 'reminded-and-recovered',
    async run({ ana, item, fails, recovers, later, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await ana.replies('\u{1F44D}');
      await ana.receives('whatsapp', /^Taken: Sales\./);
      await later(4 * 60 * minute);
      await ana.receives('whatsapp', /^Reminder: Sales still fails after 4 h\. It is yours\.$/);
      await later(60 * minute);
      await recovers(sales.item);
      await ana.receives('whatsapp', /^Sales is refreshing again after 5 h\. Nothing to do\.$/);
      await nothingElse();
    },
  },
  {
    name: 'stop-and-start',
    async run({ ana, lead, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await ana.replies('STOP');
      await ana.receives('whatsapp', /^Stopped\. START to resume\.$/);
      await lead.rings();
      const people = item('People');
      await fails(people.item);
      // WhatsApp is skipped at once and says so; SMS was not stopped.
      await ana.receives('sms', /^\[2\] Workbook refresh failed: People/);
      assert.match(JSON.stringify((await incident(people.id)).timeline), /WhatsApp to ana: stopped/);
      await ana.replies('yes');
      await ana.receives('whatsapp', /^Started\. You will be paged here again\.$/);
      await ana.replies('2', 'sms');
      await ana.receives('sms', /^Taken: People\./);
      await later(minute);
      await nothingElse();
    },
  },
  {
    name: 'declined-calls-start-the-next-step',
    policy: { ...callsOnly, steps: [...callsOnly.steps, { page: ['lead'], by: 'sms', waitMs: 5 * minute }] },
    async run({ ana, lead, sandbox, item, fails, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      const [one, other] = await Promise.all([ana.rings(), lead.rings()]);
      await sandbox.phones.call(one.sid, 'decline');
      assert.equal((await incident(sales.id)).step, 1);
      await sandbox.phones.call(other.sid, 'decline');
      await lead.receives('sms', failed);
      await nothingElse();
    },
  },
  {
    name: 'a-read-receipt-is-not-an-answer',
    async run({ ana, item, fails, receipt, later, incident }) {
      const sales = item('Sales');
      await fails(sales.item);
      const message = await ana.receives('whatsapp', failed);
      await receipt(message.sid, 'delivered');
      await receipt(message.sid, 'read');
      await receipt(message.sid, 'sent');
      await later(0);
      assert.match(JSON.stringify((await incident(sales.id)).timeline), /WhatsApp to ana was read/);
      await later(5 * minute);
      await ana.receives('sms', failed);
    },
  },
  {
    name: 'the-connection-is-cut-after-twilio-accepted',
    async run({ ana, sandbox, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      sandbox.faults.add({ target: 'twilio.messages', drop: 'after' });
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await later(10_000);
      await later(10_000);
      await ana.replies('ACK');
      await ana.receives('whatsapp', /^Taken: Sales\./);
      const view = await incident(sales.id);
      assert.equal(view.state, 'acknowledged');
      assert.ok(view.timeline.some(({ type }) => type === 'sent'));
      await nothingElse();
    },
  },
];

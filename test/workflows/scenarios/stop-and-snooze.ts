/** STOP, START, snoozes and reminders. */
import assert from 'node:assert/strict';
import { minute } from '../../../src/workflows/contract.js';
import { defaultPolicy } from '../../helpers/service-settings.js';
import { failed, type Scenario } from './scenario.js';

export const stopAndSnoozeScenarios: Scenario[] = [
  {
    name: 'stop-by-sms-ends-that-channel-alone',
    async run({ ana, lead, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await later(5 * minute);
      await ana.receives('sms', failed);
      await ana.replies('Stop', 'sms');
      await ana.receives('sms', /unsubscribed/);
      await Promise.all([ana.rings(), lead.rings()]);
      assert.equal((await incident(sales.id)).state, 'triggered');
      await later(5 * minute);
      await ana.receives('whatsapp', failed);
      await later(5 * minute);
      await Promise.all([ana.rings(), lead.rings()]);
      assert.match(JSON.stringify((await incident(sales.id)).timeline), /SMS to ana: stopped/);
      await nothingElse();
    },
  },
  {
    name: 'stop-of-the-only-channel-is-no-answer',
    policy: { ...defaultPolicy, steps: defaultPolicy.steps.slice(0, 1) },
    async run({ ana, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await ana.replies('STOP');
      await ana.receives('whatsapp', /^You get no more WhatsApp messages\. 1 open goes on .* START to resume\.$/);
      await later(60 * minute);
      assert.equal((await incident(sales.id)).state, 'unacknowledged');
      await nothingElse();
    },
  },
  {
    name: 'stop-and-start',
    async run({ ana, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await ana.replies('STOP');
      await ana.receives('whatsapp', /^You get no more WhatsApp messages\./);
      // The step that STOP ended gives way to the next at once.
      await ana.receives('sms', failed);
      const people = item('People');
      await fails(people.item);
      // WhatsApp fails at once; SMS was not stopped, and has a message that is unanswered.
      await later(minute);
      await ana.receives('sms', /^\[2\] Workbook refresh failed: "People"/);
      assert.match(JSON.stringify((await incident(people.id)).timeline), /WhatsApp to ana: stopped/);
      await ana.replies('yes');
      await ana.receives('whatsapp', /^Started\. You will be paged here again\.$/);
      await ana.replies('ALL', 'sms');
      await ana.receives('sms', /^2 taken: /);
      await later(minute);
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
      await ana.receives('whatsapp', /^Snoozed: "Sales"\. It is back in 30 min\.$/);
      await later(29 * minute);
      assert.equal((await incident(sales.id)).state, 'snoozed');
      await nothingElse();
      await later(minute);
      await ana.receives('whatsapp', /^\[1\] Workbook refresh failed: "Sales"/);
      await ana.replies('DONE');
      await ana.receives('whatsapp', /^Resolved: "Sales"\.$/);
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
      await ana.receives('whatsapp', /^Taken: "Sales"\./);
      await later(4 * 60 * minute);
      await ana.receives('whatsapp', /^Reminder: "Sales" still fails after 4 h\. It is yours\.$/);
      await later(60 * minute);
      await recovers(sales.item);
      await ana.receives('whatsapp', /^"Sales" works again after 5 h\. Nothing to do\.$/);
      await nothingElse();
    },
  },
];

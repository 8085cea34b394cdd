/** Recoveries, and events that are repeated, late or out of order. */
import assert from 'node:assert/strict';
import { day, minute } from '../../../src/workflows/contract.js';
import { defaultPolicy } from '../../helpers/service-settings.js';
import { failed, type Scenario } from './scenario.js';

export const eventScenarios: Scenario[] = [
  {
    name: 'recovers-at-the-first-step',
    async run({ ana, item, fails, recovers, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await later(3 * minute);
      assert.deepEqual(await recovers(sales.item), [200]);
      await ana.receives('whatsapp', /^"Sales" works again after 3 min\. Nothing to do\.$/);
      assert.equal((await incident(sales.id)).state, 'resolved');
      await later(30 * minute);
      await nothingElse();
    },
  },
  {
    name: 'recovers-while-the-phone-rings',
    async run({ ana, lead, item, fails, recovers, later, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await later(5 * minute);
      await ana.receives('sms', failed);
      await later(5 * minute);
      const [call, other] = await Promise.all([ana.rings(), lead.rings()]);
      await recovers(sales.item);
      await ana.receives('sms', /^"Sales" works again/);
      await lead.receives('sms', /^"Sales" works again/);
      assert.equal(ana.call(call.sid).status, 'canceled');
      assert.equal(lead.call(other.sid).status, 'canceled');
      await later(30 * minute);
      await nothingElse();
    },
  },
  {
    name: 'copies-page-once',
    async run({ ana, item, fails, incident, now, nothingElse }) {
      const sales = item('Sales');
      const at = now();
      for (let copy = 0; copy < 4; copy += 1) assert.deepEqual(await fails(sales.item, at), [200]);
      await ana.receives('whatsapp', failed);
      await nothingElse();
      assert.equal((await incident(sales.id)).failures, 1);
    },
  },
  {
    name: 'deliveries-out-of-order',
    async run({ ana, item, fails, recovers, incident, now, nothingElse }) {
      const sales = item('Sales');
      const at = now();
      await fails(sales.item, at);
      await ana.receives('whatsapp', failed);
      // A success that is older than the failure ends nothing; an older failure is only counted.
      await recovers(sales.item, at - minute);
      assert.equal((await incident(sales.id)).state, 'triggered');
      await recovers(sales.item, at + minute);
      await ana.receives('whatsapp', /^"Sales" works again/);
      await fails(sales.item, at + 30_000);
      assert.equal((await incident(sales.id)).state, 'resolved');
      await nothingElse();
    },
  },
  {
    name: 'a-copy-after-the-recovery',
    async run({ ana, item, fails, recovers, later, incident, now, nothingElse }) {
      const sales = item('Sales');
      const at = now();
      await fails(sales.item, at);
      await ana.receives('whatsapp', failed);
      await later(2 * minute);
      await recovers(sales.item);
      await ana.receives('whatsapp', /^"Sales" works again/);
      await later(50 * minute);
      await fails(sales.item, at);
      assert.equal((await incident(sales.id)).state, 'resolved');
      await nothingElse();
    },
  },
  {
    name: 'a-late-failure-of-a-recovered-item',
    async run({ sandbox, item, fails, recovers, later, incident, now, nothingElse }) {
      const sales = item('Sales');
      sandbox.faults.add({ target: 'tableau.items', status: 503, times: 'always' });
      const at = now() - 10 * minute;
      // The success finds no incident and is ignored; the failure before it arrives after it.
      await recovers(sales.item, at + 5 * minute);
      await fails(sales.item, at);
      await later(minute);
      assert.equal((await incident(sales.id)).state, 'resolved');
      sandbox.faults.clear();
      await nothingElse();
    },
  },
  {
    name: 'reopened-as-a-new-episode',
    async run({ ana, item, fails, recovers, later, quiet, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await ana.replies('1');
      await ana.receives('whatsapp', /^Taken: "Sales"\. Reminder in 4 h\.$/);
      await later(2 * minute);
      await recovers(sales.item);
      await ana.receives('whatsapp', /^"Sales" works again/);
      await later(30 * minute);
      await fails(sales.item);
      await ana.receives('whatsapp', /^\[2\] Workbook refresh failed: "Sales"/);
      await quiet();
      const view = await incident(sales.id);
      assert.deepEqual([view.state, view.failures, view.acknowledgedBy], ['triggered', 1, null]);
      await ana.replies('1');
      await ana.receives('whatsapp', /^Working again already: "Sales"\. Still open: 1\.$/);
      assert.equal((await incident(sales.id)).state, 'triggered');
      await nothingElse();
    },
  },
  {
    name: 'deleted-in-tableau',
    async run({ ana, sandbox, item, fails, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      const found = sandbox.panel.find(sales.item.luid);
      assert.ok(found);
      await sandbox.panel.remove(found, { wait: true });
      await ana.receives('whatsapp', /^"Sales" was deleted in Tableau\. Nothing to do\.$/);
      assert.equal((await incident(sales.id)).state, 'resolved');
      await nothingElse();
    },
  },
  {
    name: 'silent-since-tableau-suspended-its-schedule',
    policy: {
      ...defaultPolicy,
      steps: defaultPolicy.steps.slice(0, 1),
      fallback: { contact: 'lead', channels: ['sms', 'call'] },
    },
    async run({ ana, lead, sandbox, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await ana.replies('ACK');
      await ana.receives('whatsapp', /^Taken: "Sales"\./);
      const found = sandbox.panel.find(sales.item.luid);
      assert.ok(found);
      found.isSuspended = true;
      await later(7 * day - minute);
      await ana.receives('whatsapp', /^Reminder: "Sales" still fails/);
      await nothingElse();
      await later(minute);
      for (const [phone, channel] of [[ana, 'whatsapp'] as const, [lead, 'sms'] as const])
        await phone.receives(
          channel,
          /^Tableau has suspended the schedule of "Sales": it is not refreshed until somebody resumes it there\.$/,
        );
      assert.equal((await incident(sales.id)).state, 'forgotten');
      // The next failure is a new incident.
      await fails(sales.item);
      await ana.receives('whatsapp', /^\[2\] Workbook refresh failed: "Sales"/);
      await nothingElse();
    },
  },
];

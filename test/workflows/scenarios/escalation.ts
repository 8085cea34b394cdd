/** Steps, failed pages and calls. */
import assert from 'node:assert/strict';
import { minute } from '../../../src/workflows/contract.js';
import { defaultPolicy } from '../../helpers/service-settings.js';
import { callsOnly, failed, failedInFull, type Scenario } from './scenario.js';

/** The last page of an escalation. */
const unanswered = /^\[1\] Workbook refresh failed: "Sales"\nNobody answered\. Paged: /;

export const escalationScenarios: Scenario[] = [
  {
    name: 'nobody-answers',
    async run({ ana, lead, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      assert.deepEqual(await fails(sales.item), [200]);
      for (const round of [1, 2]) {
        await ana.receives('whatsapp', failed);
        await later(5 * minute);
        await ana.receives('sms', round === 1 ? failedInFull : failed);
        await later(5 * minute);
        await Promise.all([ana.rings(), lead.rings()]);
        assert.equal((await incident(sales.id)).state, 'triggered', `round ${round}`);
        await later(5 * minute);
      }
      assert.equal((await incident(sales.id)).state, 'unacknowledged');
      for (const phone of [ana, lead]) await phone.receives('sms', unanswered);
      await later(60 * minute);
      await nothingElse();
    },
  },
  {
    name: 'nobody-answers-but-the-fallback',
    policy: {
      ...defaultPolicy,
      steps: defaultPolicy.steps.slice(0, 1),
      repeat: 0,
      fallback: { contact: 'lead', channels: ['sms', 'call'] },
    },
    async run({ ana, lead, item, fails, recovers, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await later(5 * minute);
      assert.equal((await incident(sales.id)).state, 'unacknowledged');
      const last = await lead.receives('sms', unanswered);
      assert.match(last.body, /\nNobody answered\. Paged: ana\. Only a new failure pages again\.\n/);
      await lead.replies('ACK 1', 'sms');
      await lead.receives('sms', /^Taken: "Sales"\. Reminder in 4 h\.$/);
      await ana.receives('whatsapp', /^"Sales" was taken by lead\. Nothing to do\.$/);
      assert.equal((await incident(sales.id)).acknowledgedBy, 'lead');
      await recovers(sales.item);
      await lead.receives('sms', /^"Sales" works again/);
      await ana.receives('whatsapp', /^"Sales" works again/);
      await nothingElse();
    },
  },
  {
    name: 'a-failed-receipt-starts-the-next-step',
    async run({ ana, item, fails, receipt, later, quiet, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      const first = await ana.receives('whatsapp', failed);
      await receipt(first.sid, 'undelivered', 63016);
      await ana.receives('sms', failed);
      await quiet();
      assert.equal((await incident(sales.id)).step, 2);
      await later(4 * minute);
      await nothingElse();
    },
  },
  {
    name: 'declined-calls-start-the-next-step',
    policy: { ...callsOnly, steps: [...callsOnly.steps, { page: ['lead'], by: 'sms', waitMs: 5 * minute }] },
    async run({ ana, lead, sandbox, item, fails, quiet, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      const [one, other] = await Promise.all([ana.rings(), lead.rings()]);
      await sandbox.phones.call(one.sid, 'decline');
      await quiet();
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
    name: 'wrong-key-and-voicemail-acknowledge-nothing',
    policy: { ...defaultPolicy, steps: defaultPolicy.steps.slice(2), repeat: 0 },
    async run({ ana, lead, sandbox, item, fails, later, incident, receipt, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      const [call, machine] = await Promise.all([ana.rings(), lead.rings()]);
      await ana.picksUp(call);
      const spoken = await ana.presses(call, '7');
      assert.doesNotMatch(spoken, /Acknowledged/);
      assert.match(spoken, /Press 1 to acknowledge.*Press 1 to acknowledge/s);
      await sandbox.phones.call(machine.sid, 'voicemail');
      await receipt(machine.sid, 'completed');
      await later(4 * minute);
      assert.equal((await incident(sales.id)).state, 'triggered');
      await later(minute);
      assert.equal((await incident(sales.id)).state, 'unacknowledged');
      for (const phone of [ana, lead]) await phone.receives('sms', unanswered);
      await nothingElse();
    },
  },
];

/** Outages of Twilio and Tableau, and a terminated pager. */
import assert from 'node:assert/strict';
import { minute } from '../../../src/workflows/contract.js';
import { defaultPolicy } from '../../helpers/service-settings.js';
import { failed, type Scenario } from './scenario.js';

export const outageScenarios: Scenario[] = [
  {
    name: 'twilio-is-unavailable-for-a-while',
    async run({ ana, sandbox, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      sandbox.faults.add({ target: 'twilio.messages', status: 503, times: 2 });
      await fails(sales.item);
      await later(10_000);
      await later(10_000);
      await ana.receives('whatsapp', failed);
      const view = await incident(sales.id);
      assert.ok(view.timeline.some(({ type, text }) => type === 'held' && /trying again/.test(text)));
      await ana.replies('ok');
      await ana.receives('whatsapp', /^Taken: "Sales"\. Reminder in 4 h\.$/);
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
      await ana.receives('whatsapp', /^Taken: "Sales"\./);
      await nothingElse();
    },
  },
  {
    name: 'the-connection-is-cut-after-twilio-accepted',
    ownTemporal: true,
    async run({ ana, sandbox, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      sandbox.faults.add({ target: 'twilio.messages', drop: 'after' });
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await later(10_000);
      await later(10_000);
      await ana.replies('ACK');
      await ana.receives('whatsapp', /^Taken: "Sales"\./);
      const view = await incident(sales.id);
      assert.equal(view.state, 'acknowledged');
      assert.ok(view.timeline.some(({ type }) => type === 'sent'));
      await nothingElse();
    },
  },
  {
    name: 'tableau-is-unavailable-and-the-page-is-sent',
    async run({ ana, sandbox, item, fails, incident, nothingElse }) {
      const sales = item('Sales');
      sandbox.faults.add({ target: 'tableau', status: 503, times: 'always' });
      const began = Date.now();
      await fails(sales.item);
      await ana.receives('whatsapp', /^\[1\] Workbook refresh failed: "Sales"\nJust now\.\n/);
      assert.ok(Date.now() - began < 3_000, `the page took ${Date.now() - began} ms`);
      assert.equal((await incident(sales.id)).state, 'triggered');
      sandbox.faults.clear();
      await nothingElse();
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
      await ana.receives('sms', /^Taken: "Sales"\./);
      assert.equal((await incident(sales.id)).state, 'acknowledged');
      await nothingElse();
    },
  },
];

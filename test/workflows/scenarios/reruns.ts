/** Reruns, by reply, by key and by the policy. */
import assert from 'node:assert/strict';
import { minute } from '../../../src/workflows/contract.js';
import { defaultPolicy } from '../../helpers/service-settings.js';
import { failed, type Scenario } from './scenario.js';

export const rerunScenarios: Scenario[] = [
  {
    name: 'rerun-by-reply-succeeds',
    async run({ ana, item, fails, incident, nothingElse }) {
      const sales = item('Sales', 'flaky');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await ana.replies('r');
      await ana.receives('whatsapp', /^Running again: "Sales"\. Reminder in 4 h\.$/);
      await ana.receives('whatsapp', /^"Sales" works again after 1 min\. Nothing to do\.$/);
      assert.equal((await incident(sales.id)).state, 'resolved');
      await nothingElse();
    },
  },
  {
    name: 'rerun-by-reply-fails',
    policy: { ...defaultPolicy, steps: [{ page: ['ana', 'lead'], by: 'sms', waitMs: 5 * minute }] },
    async run({ ana, lead, item, fails, later, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await Promise.all([ana.receives('sms', failed), lead.receives('sms', failed)]);
      await ana.replies('R', 'sms');
      await ana.receives('sms', /^Running again: "Sales"\. Reminder in 4 h\.$/);
      await lead.receives('sms', /^"Sales" was taken by ana\. Nothing to do\.$/);
      await later(30_000);
      await ana.receives('sms', /^\[1\] Workbook refresh failed: "Sales"\n.*\nYour rerun failed: Unable to connect/s);
      await lead.receives('sms', /^\[1\] Workbook refresh failed: "Sales"\n.*\nThe rerun failed: Unable to connect/s);
      await nothingElse();
    },
  },
  {
    name: 'rerun-by-key-fails',
    policy: { ...defaultPolicy, steps: defaultPolicy.steps.slice(2) },
    async run({ ana, lead, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      const [call, other] = await Promise.all([ana.rings(), lead.rings()]);
      await ana.picksUp(call);
      assert.match(await ana.presses(call, '2'), /Running it again\. You will hear what becomes of it\.$/);
      await lead.receives('sms', /^"Sales" was taken by ana\./);
      assert.equal(lead.call(other.sid).status, 'canceled');
      await later(30_000);
      await Promise.all([ana.rings(), lead.rings()]);
      const view = await incident(sales.id);
      assert.deepEqual([view.state, view.acknowledgedBy, view.step], ['triggered', null, 1]);
      await nothingElse();
    },
  },
  {
    name: 'rerun-refused-by-tableau',
    async run({ ana, sandbox, item, fails, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      const detail = "Too many requests for 'api.rest.refresh_extracts'. Please retry after 29 minutes.";
      const body = { error: { code: '429000', summary: 'Too Many Requests', detail } };
      sandbox.faults.add({ target: 'tableau.refresh', status: 429, body });
      await ana.replies('RERUN 1');
      await ana.receives('whatsapp', /^Running again: "Sales"\. Reminder in 4 h\.$/);
      await ana.receives('whatsapp', /^"Sales" was not run again\. .*29 min.* It is still yours\.$/);
      assert.equal((await incident(sales.id)).state, 'acknowledged');
      await nothingElse();
    },
  },
  {
    name: 'rerun-by-the-policy-succeeds-and-pages-nobody',
    policy: { ...defaultPolicy, rerun: { attempts: 1, waitMs: 15 * minute } },
    async run({ item, fails, later, incident, nothingElse }) {
      const sales = item('Sales', 'flaky');
      await fails(sales.item);
      await later(15_000);
      const view = await incident(sales.id);
      assert.deepEqual([view.state, view.failures], ['resolved', 1]);
      await later(30 * minute);
      await nothingElse();
    },
  },
  {
    name: 'reruns-by-the-policy-fail',
    policy: { ...defaultPolicy, rerun: { attempts: 2, waitMs: 15 * minute } },
    async run({ ana, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await later(20_000);
      await later(20_000);
      await ana.receives('whatsapp', failed);
      const { timeline } = await incident(sales.id);
      assert.equal(timeline.filter(({ text }) => text === 'Running it again failed').length, 2);
      await nothingElse();
    },
  },
];

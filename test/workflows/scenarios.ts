/** Scenarios of whole incidents. Their histories are recorded and replayed. */
import assert from 'node:assert/strict';
import { minute } from '../../src/workflows/contract.js';
import { defaultPolicy } from '../helpers/service-settings.js';
import type { TimeSkippingService } from '../helpers/time-skipping-service.js';
import type { Policy } from '../../src/workflows/contract.js';

export interface Scenario {
  name: string;
  policy?: Policy;
  run: (service: TimeSkippingService) => Promise<void>;
}

/** The first page has the details that Tableau returned within a second; a later one has all of them. */
const failed = /^\[1\] Workbook refresh failed: Sales\n/;
const failedInFull = /^\[1\] Workbook refresh failed: Sales\nProject Finance, owner Olga Owner, 5 min ago\.\nUnable to/;

export const scenarios: Scenario[] = [
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
      await later(60 * minute);
      await nothingElse();
    },
  },
  {
    name: 'acknowledged-by-whatsapp',
    async run({ ana, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await ana.replies('ACK');
      await ana.receives('whatsapp', /^Taken: Sales\. Reminder in 4 h\.$/);
      const { state, acknowledgedBy } = await incident(sales.id);
      assert.deepEqual({ state, acknowledgedBy }, { state: 'acknowledged', acknowledgedBy: 'ana' });
      await later(60 * minute);
      await nothingElse();
    },
  },
  {
    name: 'acknowledged-by-sms',
    async run({ ana, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await later(5 * minute);
      await ana.receives('sms', failed);
      await ana.replies(' ok ', 'sms');
      await ana.receives('sms', /^Taken: Sales\. Reminder in 4 h\.$/);
      await later(60 * minute);
      assert.equal((await incident(sales.id)).state, 'acknowledged');
      await nothingElse();
    },
  },
  {
    name: 'acknowledged-by-key',
    async run({ ana, lead, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await later(5 * minute);
      await ana.receives('sms', failed);
      await later(5 * minute);
      const [call, other] = await Promise.all([ana.rings(), lead.rings()]);
      await ana.picksUp(call);
      const said = await ana.presses(call, '1');
      assert.match(said, /The workbook Sales, in project Finance, failed to refresh/);
      assert.match(said, /Acknowledged\. Good night\.$/);
      await lead.receives('sms', /^Sales was taken by ana\. Nothing to do\.$/);
      assert.equal(lead.call(other.sid).status, 'canceled');
      await later(60 * minute);
      assert.equal((await incident(sales.id)).state, 'acknowledged');
      await nothingElse();
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
      const said = await ana.presses(call, '7');
      assert.doesNotMatch(said, /Acknowledged/);
      assert.match(said, /Press 1 to acknowledge.*Press 1 to acknowledge/s);
      await sandbox.phones.call(machine.sid, 'voicemail');
      await receipt(machine.sid, 'completed');
      await later(4 * minute);
      assert.equal((await incident(sales.id)).state, 'triggered');
      await later(minute);
      assert.equal((await incident(sales.id)).state, 'unacknowledged');
      await nothingElse();
    },
  },
  {
    name: 'recovers-at-the-first-step',
    async run({ ana, item, fails, recovers, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await later(3 * minute);
      assert.deepEqual(await recovers(sales.item), [200]);
      await ana.receives('whatsapp', /^Sales is refreshing again after 3 min\. Nothing to do\.$/);
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
      await ana.receives('sms', /^Sales is refreshing again/);
      await lead.receives('sms', /^Sales is refreshing again/);
      assert.equal(ana.call(call.sid).status, 'canceled');
      assert.equal(lead.call(other.sid).status, 'canceled');
      await later(30 * minute);
      await nothingElse();
    },
  },
  {
    name: 'a-failed-receipt-starts-the-next-step',
    async run({ ana, item, fails, receipt, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      const first = await ana.receives('whatsapp', failed);
      await receipt(first.sid, 'undelivered', 63016);
      await ana.receives('sms', failed);
      assert.equal((await incident(sales.id)).step, 2);
      await later(4 * minute);
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
      await ana.receives('whatsapp', /^Sales is refreshing again/);
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
      await ana.receives('whatsapp', /^Sales is refreshing again/);
      await later(50 * minute);
      await fails(sales.item, at);
      assert.equal((await incident(sales.id)).state, 'resolved');
      await nothingElse();
    },
  },
  {
    name: 'reopened-as-a-new-episode',
    async run({ ana, item, fails, recovers, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await ana.replies('1');
      await ana.receives('whatsapp', /^Taken: Sales\. Reminder in 4 h\.$/);
      await later(2 * minute);
      await recovers(sales.item);
      await ana.receives('whatsapp', /^Sales is refreshing again/);
      await later(30 * minute);
      await fails(sales.item);
      await ana.receives('whatsapp', /^\[2\] Workbook refresh failed: Sales/);
      const view = await incident(sales.id);
      assert.deepEqual([view.state, view.failures, view.acknowledgedBy], ['triggered', 1, null]);
      await ana.replies('1');
      await ana.receives('whatsapp', /^Refreshing again already: Sales\. Still open: 1\.$/);
      assert.equal((await incident(sales.id)).state, 'triggered');
      await nothingElse();
    },
  },
  {
    name: 'acknowledged-by-the-api-then-resolved',
    async run({ ana, item, fails, later, post, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      const path = `/incidents/${encodeURIComponent(sales.id)}`;
      for (const state of ['acknowledged', 'acknowledged']) {
        const { status, body } = await post(`${path}/acknowledge`, { by: 'night-shift' });
        assert.equal(status, 200);
        assert.deepEqual([(body as { state: string }).state, state], ['acknowledged', 'acknowledged']);
      }
      await ana.receives('whatsapp', /^Sales was taken by night-shift\. Nothing to do\.$/);
      assert.equal((await post(`${path}/resolve`)).status, 200);
      await ana.receives('whatsapp', /^Sales was resolved by api\. Nothing to do\.$/);
      assert.equal((await post(`${path}/resolve`)).status, 200);
      assert.equal((await post(`${path}/acknowledge`)).status, 409);
      await later(120 * minute);
      assert.equal((await post(`${path}/resolve`)).status, 409);
      assert.equal((await post('/incidents/refresh:none:none/resolve')).status, 404);
      await nothingElse();
    },
  },
  {
    name: 'stop-by-sms-skips-the-steps-of-one-contact',
    async run({ ana, lead, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await later(5 * minute);
      await ana.receives('sms', failed);
      await ana.replies('Stop', 'sms');
      await ana.receives('sms', /unsubscribed/);
      await lead.rings();
      assert.equal((await incident(sales.id)).state, 'triggered');
      await later(10 * minute);
      await lead.rings();
      await nothingElse();
    },
  },
  {
    name: 'stop-of-the-only-contact-acknowledges',
    policy: { ...defaultPolicy, steps: defaultPolicy.steps.slice(0, 2) },
    async run({ ana, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await ana.replies('STOP');
      await ana.receives('whatsapp', /^Stopped\. START to resume\.$/);
      await later(60 * minute);
      assert.equal((await incident(sales.id)).state, 'acknowledged');
      await nothingElse();
    },
  },
  {
    name: 'all-acknowledges-every-sent-page',
    async run({ ana, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      const people = item('People');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await fails(people.item);
      // Held behind the first message for the window.
      await later(0);
      assert.match(JSON.stringify((await incident(people.id)).timeline), /a message is unanswered/);
      await later(minute);
      await ana.receives('whatsapp', /^\[2\] Workbook refresh failed: People/);
      await ana.replies('ALL');
      await ana.receives('whatsapp', /^2 taken: (Sales, People|People, Sales)\. Reminder in 4 h\.$/);
      await later(60 * minute);
      for (const { id } of [sales, people]) assert.equal((await incident(id)).state, 'acknowledged');
      await nothingElse();
    },
  },
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
      await ana.receives('whatsapp', /^Taken: Sales\. Reminder in 4 h\.$/);
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
      await ana.receives('whatsapp', /^\[1\] Workbook refresh failed: Sales\nJust now\.\n/);
      assert.ok(Date.now() - began < 3_000, `the page took ${Date.now() - began} ms`);
      assert.equal((await incident(sales.id)).state, 'triggered');
      sandbox.faults.clear();
      await nothingElse();
    },
  },
  {
    name: 'rerun-by-reply-succeeds',
    async run({ ana, item, fails, incident, nothingElse }) {
      const sales = item('Sales', 'flaky');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await ana.replies('r');
      await ana.receives('whatsapp', /^Running again: Sales\. Reminder in 4 h\.$/);
      await ana.receives('whatsapp', /^Sales is refreshing again after 1 min\. Nothing to do\.$/);
      assert.equal((await incident(sales.id)).state, 'resolved');
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
      await lead.receives('sms', /^Sales was taken by ana\./);
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
      await ana.receives('whatsapp', /^Running again: Sales\. Reminder in 4 h\.$/);
      await ana.receives('whatsapp', /^Sales was not run again\. .*29 min.* It is still yours\.$/);
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
    name: 'deleted-in-tableau',
    async run({ ana, sandbox, item, fails, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      const found = sandbox.panel.find(sales.item.luid);
      assert.ok(found);
      await sandbox.panel.remove(found, { wait: true });
      await ana.receives('whatsapp', /^Sales was deleted in Tableau\. Nothing to do\.$/);
      assert.equal((await incident(sales.id)).state, 'resolved');
      await nothingElse();
    },
  },
];

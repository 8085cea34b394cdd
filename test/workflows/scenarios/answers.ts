/** Replies, keys and answers by the api. */
import assert from 'node:assert/strict';
import { minute } from '../../../src/workflows/contract.js';
import { callsOnly, failed, type Scenario } from './scenario.js';

export const answerScenarios: Scenario[] = [
  {
    name: 'acknowledged-by-whatsapp',
    async run({ ana, item, fails, later, incident, nothingElse }) {
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await ana.replies('ACK');
      await ana.receives('whatsapp', /^Taken: "Sales"\. Reminder in 4 h\.$/);
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
      await ana.receives('sms', /^Taken: "Sales"\. Reminder in 4 h\.$/);
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
      await lead.receives('sms', /^"Sales" was taken by ana\. Nothing to do\.$/);
      assert.equal(lead.call(other.sid).status, 'canceled');
      await later(60 * minute);
      assert.equal((await incident(sales.id)).state, 'acknowledged');
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
      await ana.receives('whatsapp', /^"Sales" was taken by night-shift\. Nothing to do\.$/);
      assert.equal((await post(`${path}/resolve`)).status, 200);
      await ana.receives('whatsapp', /^"Sales" was resolved by api\. Nothing to do\.$/);
      assert.equal((await post(`${path}/resolve`)).status, 200);
      assert.equal((await post(`${path}/acknowledge`)).status, 409);
      await later(120 * minute);
      assert.equal((await post(`${path}/resolve`)).status, 409);
      assert.equal((await post('/incidents/refresh:none:none/resolve')).status, 404);
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
      await ana.receives('whatsapp', /^\[2\] Workbook refresh failed: "People"/);
      await ana.replies('ALL');
      await ana.receives('whatsapp', /^2 taken: ("Sales", "People"|"People", "Sales")\. Reminder in 4 h\.$/);
      await later(60 * minute);
      for (const { id } of [sales, people]) assert.equal((await incident(id)).state, 'acknowledged');
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
      const spoken = await Promise.all([ana.presses(one, '1'), lead.presses(other, '1')]);
      const ends = spoken.map((text) => /(Acknowledged|Already taken by (ana|lead))\. Good night\.$/.exec(text)?.[1]);
      const { acknowledgedBy } = await incident(sales.id);
      assert.deepEqual(ends.toSorted(), ['Acknowledged', `Already taken by ${acknowledgedBy}`]);
      const loser = acknowledgedBy === 'ana' ? lead : ana;
      await loser.receives('sms', new RegExp(`^"Sales" was taken by ${acknowledgedBy}`));
      await nothingElse();
    },
  },
];

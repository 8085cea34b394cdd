/** What whoever looks at an incident sees in its memo, while it goes on. */
import assert from 'node:assert/strict';
import { failed, type Scenario } from './scenario.js';

export const shownScenarios: Scenario[] = [
  {
    name: 'shown-from-the-first-page-to-the-recovery',
    owners: { owners: { 'olga.owner': 'lead' }, fallback: 'lead' },
    async run({ ana, item, fails, receipt, recovers, quiet, post, incident, nothingElse }) {
      const sales = item('Sales');
      const people = item('People');
      await fails(sales.item);
      const page = await ana.receives('whatsapp', failed);
      await fails(people.item);
      await quiet();
      const held = (await incident(people.id)).pagesSent[0];
      assert.deepEqual(
        [held?.status, held?.sentAt, held?.why?.includes('a message is unanswered')],
        ['held', null, true],
      );

      await receipt(page.sid, 'read');
      await quiet();
      const first = await incident(sales.id);
      assert.deepEqual(
        first.pagesSent.map(({ n, contact, channel, step, status }) => ({ n, contact, channel, step, status })),
        [{ n: 1, contact: 'ana', channel: 'whatsapp', step: 1, status: 'read' }],
      );
      assert.deepEqual([first.state, first.round, first.next?.code], ['triggered', 1, 'step']);
      assert.deepEqual([first.project, first.ownerRole, first.detail?.project], ['Finance', 'lead', 'Finance']);
      assert.match(first.cause ?? '', /connect/);

      await ana.replies('ACK', 'whatsapp', page);
      await ana.receives('whatsapp', /^Taken: "Sales"/);
      assert.equal(
        (await post(`/incidents/${sales.id}/snooze`, { by: 'Paula Personmark', duration: '30m' })).status,
        200,
      );
      const snoozed = await incident(sales.id);
      assert.deepEqual([snoozed.state, snoozed.acknowledgedBy, snoozed.snoozedBy], ['snoozed', 'ana', 'api']);
      assert.deepEqual([snoozed.next?.code, snoozed.next?.at], ['snooze-ends', snoozed.snoozedUntil]);

      await ana.replies('2');
      await ana.receives('whatsapp', /^Taken: "People"/);
      await recovers(sales.item);
      await ana.receives('whatsapp', /^"Sales" works again/);
      const over = await incident(sales.id);
      assert.deepEqual([over.state, over.next?.code, over.endedAt === null], ['resolved', 'linger-ends', false]);
      const types = ['failed', 'sent', 'read', 'acknowledged', 'snoozed', 'recovered'];
      assert.deepEqual(
        over.timeline.map(({ type }) => type),
        types,
      );
      assert.doesNotMatch(JSON.stringify(over), /Paula|Olga|\+1555/);
      await nothingElse();
    },
  },
];

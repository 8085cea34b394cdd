/** Outgoing webhooks: receivers learn what becomes of an incident, whatever they answer, and people are paged as before. */
import assert from 'node:assert/strict';
import { changeTypes } from '../../../src/workflows/change-types.js';
import { minute } from '../../../src/workflows/contract.js';
import { failed, type Scenario } from './scenario.js';

export const webhookScenarios: Scenario[] = [
  {
    name: 'outgoing-webhooks-through-an-outage',
    webhooks: (outside) => {
      const at = (name: string) =>
        ({
          as: 'standard',
          url: `${outside}/receivers/standard/${name}`,
          changes: changeTypes,
          isPrivate: true,
        }) as const;
      return { team: at('team'), old: at('old') };
    },
    async run({ ana, item, fails, recovers, later, sandbox, nothingElse }) {
      const { receivers } = sandbox;
      const tookIn = (name: string) =>
        receivers.received(name).flatMap(({ id, body, status }) => (status === 204 ? [{ id, body }] : []));
      const types = () => tookIn('team').map(({ body }) => (body as { type: string }).type);
      receivers.set('team', { status: 503 });
      receivers.set('old', { status: 410 });
      const sales = item('Sales');
      await fails(sales.item);
      await ana.receives('whatsapp', failed);
      await later(minute);
      const [first] = receivers.received('team');
      assert.ok(receivers.received('team').length >= 2);
      receivers.set('team', { status: null });
      await later(5 * minute);
      await ana.receives('sms', /"Sales"/);
      assert.deepEqual(types(), ['incident.triggered']);
      assert.equal(tookIn('team')[0]?.id, first?.id);
      await ana.replies('ACK', 'sms');
      await ana.receives('sms', /^Taken: "Sales"\./);
      await later(minute);
      await recovers(sales.item);
      await later(minute);
      await ana.receives('sms', /"Sales"/);
      assert.deepEqual(types(), ['incident.triggered', 'incident.acknowledged', 'incident.recovered']);
      assert.equal(receivers.received('old').length, 1);
      await nothingElse();
    },
  },
];

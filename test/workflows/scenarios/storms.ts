/** Several items that fail at once. */
import assert from 'node:assert/strict';
import { minute } from '../../../src/workflows/contract.js';
import type { TimeSkippingService } from '../../helpers/time-skipping-service.js';
import { until } from '../../helpers/until.js';
import { callsOnly, failed, type Scenario } from './scenario.js';

/** Sales fails and is paged; then as many other items fail at once. */
async function storm({ ana, item, fails }: TimeSkippingService, others: number) {
  const sales = item('Sales');
  await fails(sales.item);
  await until('the first page', () => ana.unexpected().length > 0);
  const rest = Array.from({ length: others }, (_, n) => item(`Item ${n + 1}`));
  await Promise.all(rest.map((one) => fails(one.item)));
  return { sales, rest, all: [sales, ...rest] };
}

export const stormScenarios: Scenario[] = [
  {
    name: 'a-burst-in-batches',
    batched: true,
    async run(service) {
      const { ana, later, incident, nothingElse, workflows } = service;
      const { all, rest } = await storm(service, 6);
      await ana.receives('whatsapp', failed);
      const isPaged = async ({ id }: { id: string }) => (await incident(id).catch(() => null))?.step === 1;
      await until('the batches to be delivered', async () => (await Promise.all(rest.map(isPaged))).every(Boolean));
      assert.ok(workflows().some((id) => id.startsWith('intake:')));
      await later(minute);
      await ana.receives('whatsapp', /^7 failed refreshes open, 6 new\./);
      await ana.replies('ALL');
      await ana.receives('whatsapp', /^7 taken: .*\. Reminder in 4 h\.$/);
      for (const { id } of all) assert.equal((await incident(id)).state, 'acknowledged');
      await nothingElse();
    },
  },
  {
    name: 'a-storm-acknowledged-by-all',
    async run(service) {
      const { ana, later, incident, nothingElse } = service;
      const { all } = await storm(service, 11);
      await ana.receives('whatsapp', failed);
      await later(minute);
      await ana.receives(
        'whatsapp',
        /^12 failed refreshes open, 11 new\.\n.*Worst: \[2\].*\nReply ALL to take them, LIST to see them\.$/s,
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
      await ana.receives('whatsapp', /^5 failed refreshes open, 4 new\./);
      await Promise.all(all.map(({ item }) => recovers(item)));
      await later(2_000);
      await ana.receives('whatsapp', /^5 working again: .*\. Nothing to do\.$/);
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
      const spoken = await ana.presses(call, '1');
      assert.match(
        spoken,
        /4 failed refreshes are open, 3 of them new\. This call is for 3\..*Your key is for these 3\..*Acknowledged\. All 3 of them\. Good night\.$/s,
      );
      for (const { id } of rest) assert.equal((await incident(id)).state, 'acknowledged');
      assert.equal((await incident(sales.id)).state, 'triggered');
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
      const second = await ana.receives('whatsapp', /^\[2\] Workbook refresh failed: "Item 1"/);
      await ana.replies('ACK');
      await ana.receives('whatsapp', /^Taken: "Sales"\. Reminder in 4 h\. Still open: 1\.$/);
      assert.equal((await incident(sales.id)).state, 'acknowledged');
      // A swipe reply names its message.
      await ana.replies('ACK', 'whatsapp', second);
      await ana.receives('whatsapp', /^Taken: "Item 1"\./);
      assert.equal((await incident(rest[0]?.id ?? '')).state, 'acknowledged');
    },
  },
];

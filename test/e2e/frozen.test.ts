/** A worker stands still with incidents in its hands, Temporal was away, and scripts look; another worker takes over. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { patience, telling } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { openHouse } from './house.js';
import { scriptOf } from './script.js';

const number = '+15550100001';
const wait = 10_000;
const count = 8;
const house = await openHouse({
  escalation: {
    contacts: { ana: { whatsapp: number, phone: number } },
    policies: {
      default: {
        steps: [
          { page: ['ana'], by: 'whatsapp', wait: `${wait / 1_000}s` },
          { page: ['ana'], by: 'sms', wait: '10m' },
        ],
      },
    },
    settings: { window: '0s', messagesPerHour: 1000 },
  },
  workers: 2,
});
after(() => house.close());
const [frozen, other] = house.workers;
assert.ok(frozen && other);

test(
  'a question that comes between a timer and its worker does not stop the ladder',
  telling([house.api, frozen, other], async () => {
    const script = scriptOf(house);
    const items = Array.from({ length: count }, (_, n) => house.item('workbook', `Item ${n}`));
    await Promise.all(items.map((item) => house.fails(item)));
    const stands = async (what: string): Promise<boolean> => {
      const all = await Promise.all(items.map(({ id }) => script.incident(id)));
      return all.every(({ timeline }) => timeline.some(({ text }) => text === what));
    };
    await until('every WhatsApp', () => stands('WhatsApp to ana'), patience);
    frozen.freeze();
    // Temporal forgets who had which incident at hand, and asks anybody what it is asked.
    await house.temporal.kill();
    await house.temporal.start();
    // Half of the incidents are in its hands; their timers fire, and whoever asks is answered by the other worker.
    const asking = new AbortController();
    const asked = Promise.all(
      items.map(async ({ id }) => {
        while (!asking.signal.aborted) {
          await script.incident(id).catch(() => null);
          await pause(50);
        }
      }),
    );
    await pause(wait + 6_000);
    asking.abort();
    frozen.resume();
    await asked;
    await until('every SMS', () => stands('SMS to ana'), patience);
  }),
);

/** A data warehouse goes down. `STORM=500` says how many refreshes fail with it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../helpers/until.js';
import { openHouse, type House } from './house.js';
import { scriptOf } from './script.js';

const count = Number(process.env['STORM'] ?? 300);
const number = '+15550100001';
let house: House;

before(async () => {
  house = await openHouse({
    escalation: {
      contacts: { ana: { whatsapp: number, phone: number } },
      policies: { default: { steps: [{ page: ['ana'], by: 'whatsapp', wait: '30m' }], repeat: 0 } },
      settings: { window: '15s' },
    },
  });
});
after(() => house?.close());

const texts = () =>
  house.sandbox.phones
    .get(number)
    .messages.filter(({ direction }) => direction !== 'inbound')
    .map(({ body }) => body);
const counted = (text: string): number =>
  Number(/^(\d+) refreshes failed/m.exec(text)?.[1] ?? (text.startsWith('[') ? 1 : 0));

async function inState(state: string): Promise<number> {
  let found = 0;
  let cursor = '';
  do {
    const page = await scriptOf(house).list(`?state=${state}&limit=1000${cursor}`);
    found += page.incidents.length;
    cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : '';
  } while (cursor !== '');
  return found;
}

test(`${count} refreshes fail, the worker is killed in the middle, and one ALL takes them`, async (t) => {
  const items = Array.from({ length: count }, (_, n) => house.item('workbook', `Item ${n}`));
  const began = Date.now();
  const first = until('the first message', () => texts().length > 0, 60_000).then(() => Date.now() - began);
  const statuses: (number | null)[] = [];
  for (let n = 0; n < count; n += 50) {
    const answered = await Promise.all(items.slice(n, n + 50).map((item) => house.fails(item)));
    statuses.push(...answered.flat().map(({ status }) => status));
    if (n === 100 && process.env['KILL'] !== 'no') {
      void house.worker.kill().then(() => house.worker.start());
    }
  }
  assert.deepEqual([...new Set(statuses)], [200]);
  t.diagnostic(
    `${count} webhooks were accepted in ${Date.now() - began} ms, the first message came after ${await first} ms`,
  );

  const told = (): number => texts().reduce((sum, text) => sum + counted(text), 0);
  await until(
    () => `all to be told of; ${told()} of ${count} are, in ${texts().length} messages`,
    () => told() >= count,
    240_000,
  );
  t.diagnostic(`all were told of in ${texts().length} messages after ${Date.now() - began} ms`);
  assert.equal(told(), count, texts().join('\n---\n'));
  assert.ok(texts().length <= 3, `${texts().length} messages`);

  const asked = Date.now();
  await house.sandbox.phones.reply(number, { channel: 'whatsapp', body: 'ALL' });
  await until('the confirmation', () => texts().find((text) => text.startsWith(`${count} taken`)), 120_000);
  const confirmed = Date.now() - asked;
  await until('every incident to be acknowledged', async () => (await inState('acknowledged')) === count, 60_000);
  t.diagnostic(`ALL was confirmed after ${confirmed} ms`);
  assert.equal(await inState('triggered'), 0);
});

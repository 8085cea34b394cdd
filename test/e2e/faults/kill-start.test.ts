/** `start` runs api and workers in one process. It is killed, and the next one goes on where it was. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { slowMachineTimeoutMs, printingOutputOnFailure } from '../../helpers/processes.js';
import { until } from '../../helpers/until.js';
import { scriptOf } from '../script.js';
import { startService, type Service } from '../service.js';

const number = '+15550100001';
const firstWaitMs = 6_000;
let service: Service;

/** The messages of a channel whose text is like this, in the order in which they arrived. */
const messages = (channel: 'whatsapp' | 'sms', text: RegExp) =>
  service.sandbox.phones
    .get(number)
    .messages.filter((one) => one.direction !== 'inbound' && one.channel === channel && text.test(one.body));
const received = (channel: 'whatsapp' | 'sms', text: RegExp) =>
  until(`${channel} ${text}`, () => messages(channel, text)[0], slowMachineTimeoutMs);

before(async () => {
  service = await startService({
    escalation: {
      contacts: { ana: { whatsapp: number, phone: number } },
      policies: {
        quick: {
          steps: [
            { page: ['ana'], by: 'whatsapp', wait: `${firstWaitMs / 1_000}s` },
            { page: ['ana'], by: 'sms', wait: '10m' },
          ],
        },
        calm: { steps: [{ page: ['ana'], by: 'whatsapp', wait: '10m' }] },
      },
      routes: [
        { events: ['Workbook*'], policy: 'quick' },
        { events: ['*RefreshFailed'], policy: 'calm' },
      ],
      settings: { window: '0s' },
    },
    settings: { webhookRetriesMs: Array.from({ length: 60 }, () => 1_000) },
    together: true,
  });
});
after(() => service?.close());

test(
  'start is killed while it waits and while Tableau and a person answer: the next one has all of it',
  printingOutputOnFailure(
    () => [service.api, service.temporal],
    async () => {
      const script = scriptOf(service);
      const [sales, stock] = [service.item('workbook', 'Sales'), service.item('datasource', 'Stock')];
      await service.fails(sales);
      const first = await received('whatsapp', /Sales/);
      const next = async () => (await script.incident(sales.id)).next?.what;
      await until('the wait', async () => (await next()) === 'SMS to ana', slowMachineTimeoutMs);

      await service.api.kill();
      // Nobody takes the webhook now: Tableau repeats it, for longer than the sandbox reports on it.
      const failed = service.fails(stock);
      // It takes the port at once: no thread of the killed process holds it.
      await service.api.start();
      await failed;
      const second = await received('sms', /Sales/);
      const waited = second.at - first.at;
      // Temporal needs 10 s to notice a dead worker, and the machine may be busy.
      assert.ok(waited >= firstWaitMs && waited < firstWaitMs + 20_000, `the SMS came ${waited} ms after the WhatsApp`);
      await received('whatsapp', /Stock/);

      await service.sandbox.phones.reply(number, { channel: 'sms', body: 'ALL' });
      await service.api.kill();
      await service.api.start();
      await received('sms', /^2 taken: /);
      for (const { id } of [sales, stock]) assert.equal((await script.incident(id)).state, 'acknowledged');
      await service.quiet();
      const twice = [/refresh failed: "Sales"/, /refresh failed: "Stock"/, /^2 taken: /].flatMap((text) =>
        (['whatsapp', 'sms'] as const).filter((channel) => messages(channel, text).length > 1),
      );
      assert.deepEqual(twice, []);
    },
  ),
);

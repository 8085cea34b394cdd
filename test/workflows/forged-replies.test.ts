/** Somebody writes in a contact's name, with a forged sender or with the contact's phone: over real HTTP, signed as Twilio signs. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { closeLater } from '../helpers/close-later.js';
import { startTimeSkippingService, type TimeSkippingService } from '../helpers/time-skipping-service.js';
import { numbers } from '../helpers/service-settings.js';
import { until } from '../helpers/until.js';

let service: TimeSkippingService;
before(async () => {
  service = await startTimeSkippingService({ ownTemporal: true });
  closeLater(() => service.close());
});

/** On a busy machine the pager gives up tries that waited for long, and begins them again later. */
const waitTimeoutMs = 60_000;
const received = (): string[] =>
  service.sandbox.phones
    .get(numbers.ana)
    .messages.filter(({ direction }) => direction !== 'inbound')
    .map(({ body }) => body);

test('replies get 15 answers an hour, and the page of the next failure leaves at once', async () => {
  for (const [index, text] of Array.from({ length: 40 }, (_, n) => [n, n % 2 === 0 ? 'LIST' : '17'] as const))
    assert.equal(await service.ana.replies(text, index % 4 < 2 ? 'whatsapp' : 'sms'), 200);
  await until('the answers', () => received().length >= 15, waitTimeoutMs);
  await service.quiet();
  const answers = received();
  assert.equal(answers.length, 15);
  const last = /\nFor \d+ min only confirmations are sent\. What you reply still counts\.$/;
  assert.equal(answers.filter((answer) => last.test(answer)).length, 1);

  const sales = service.item('Sales');
  await service.fails(sales.item);
  await until(
    () => `the page, among ${JSON.stringify(received())}`,
    () => received().find((body) => /^\[\d+\] Workbook refresh failed: "Sales"/.test(body)),
    waitTimeoutMs,
  );
  // What takes a problem is still confirmed.
  assert.equal(await service.ana.replies('ACK'), 200);
  await until('the confirmation', () => received().find((body) => body.startsWith('Taken: "Sales"')), waitTimeoutMs);
});

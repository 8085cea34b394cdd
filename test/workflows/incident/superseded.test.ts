/** A page that could not be signalled to its pager yet, and an answer that is faster. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { minute } from '../../../src/workflows/contract.js';
import { defaultPolicy } from '../../helpers/service-settings.js';
import { startTimeSkippingService, type TimeSkippingService } from '../../helpers/time-skipping-service.js';
import { until } from '../../helpers/until.js';

let service: TimeSkippingService;
let isUnavailable = false;
let refused = 0;
before(async () => {
  service = await startTimeSkippingService(defaultPolicy, {
    beforeSignalling(messages) {
      if (!isUnavailable || !messages.some(({ signal }) => signal === 'page')) return;
      refused += 1;
      throw new Error('the pager is unavailable');
    },
  });
});
beforeEach(() => {
  refused = 0;
});
after(() => service?.close());

test('a page that an answer by the api supersedes is not sent', async () => {
  const { item, fails, post, later, nothingElse } = service;
  const sales = item('Sales');
  isUnavailable = true;
  await fails(sales.item);
  await until('the page to be on its way', () => refused > 0);
  const { status } = await post(`/incidents/${encodeURIComponent(sales.id)}/acknowledge`);
  assert.equal(status, 200);
  isUnavailable = false;
  await later(20 * minute);
  await nothingElse();
});

test('the next page is not sent when a reply to the previous one supersedes it', async () => {
  const { ana, item, fails, later, nothingElse } = service;
  const orders = item('Orders');
  await fails(orders.item);
  await ana.receives('whatsapp', /Orders/);
  isUnavailable = true;
  const passing = later(5 * minute);
  await until('the page to be on its way', () => refused > 0);
  await ana.replies('ACK');
  await ana.receives('whatsapp', /^Taken: "Orders"\./);
  isUnavailable = false;
  await passing;
  await later(20 * minute);
  await nothingElse();
});

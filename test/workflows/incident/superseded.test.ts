/** A page that could not be handed to its pager yet, and an answer that is faster. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { minute } from '../../../src/workflows/contract.js';
import { defaultPolicy, openNight, type Night } from '../../helpers/night.js';
import { until } from '../../helpers/until.js';

let night: Night;
let isAway = false;
let refused = 0;
before(async () => {
  night = await openNight(defaultPolicy, {
    beforeSignalling(messages) {
      if (!isAway || !messages.some(({ signal }) => signal === 'page')) return;
      refused += 1;
      throw new Error('the pager is not there');
    },
  });
});
beforeEach(() => {
  refused = 0;
});
after(() => night?.close());

test('a page that an answer by the api overtakes is not sent any more', async () => {
  const { item, fails, post, later, nothingElse } = night;
  const sales = item('Sales');
  isAway = true;
  await fails(sales.item);
  await until('the page to be on its way', () => refused > 0);
  const { status } = await post(`/incidents/${encodeURIComponent(sales.id)}/acknowledge`);
  assert.equal(status, 200);
  isAway = false;
  await later(20 * minute);
  await nothingElse();
});

test('the next page is not sent either when the answer to the one before overtakes it', async () => {
  const { ana, item, fails, later, nothingElse } = night;
  const orders = item('Orders');
  await fails(orders.item);
  await ana.receives('whatsapp', /Orders/);
  isAway = true;
  void later(5 * minute).catch(() => undefined);
  await until('the page to be on its way', () => refused > 0);
  await ana.replies('ACK');
  await ana.receives('whatsapp', /^Taken: Orders\./);
  isAway = false;
  await later(20 * minute);
  await nothingElse();
});

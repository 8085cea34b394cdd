/** A page that could not be signalled to its pager yet, and an answer that is faster. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minute } from '../../../src/workflows/contract.js';
import { onTimeSkippingService, type TimeSkippingService } from '../../helpers/time-skipping-service.js';
import { until } from '../../helpers/until.js';

/** The pagers of a service, which can be made unavailable for pages. */
interface Pagers {
  isUnavailable: boolean;
  /** How many pages were refused. */
  refused: number;
}

function play(run: (service: TimeSkippingService, pagers: Pagers) => Promise<void>): () => Promise<void> {
  const pagers = { isUnavailable: false, refused: 0 };
  const beforeSignalling = (messages: readonly { signal: string }[]): void => {
    if (!pagers.isUnavailable || !messages.some(({ signal }) => signal === 'page')) return;
    pagers.refused += 1;
    throw new Error('the pager is unavailable');
  };
  return () =>
    onTimeSkippingService({ beforeSignalling }, async (service) => {
      Object.assign(pagers, { isUnavailable: false, refused: 0 });
      await run(service, pagers);
    });
}

test(
  'a page that an answer by the api supersedes is not sent',
  play(async ({ item, fails, post, later, nothingElse }, pagers) => {
    const sales = item('Sales');
    pagers.isUnavailable = true;
    await fails(sales.item);
    await until('the page to be on its way', () => pagers.refused > 0);
    const { status } = await post(`/incidents/${encodeURIComponent(sales.id)}/acknowledge`);
    assert.equal(status, 200);
    pagers.isUnavailable = false;
    await later(20 * minute);
    await nothingElse();
  }),
);

test(
  'the next page is not sent when a reply to the previous one supersedes it',
  play(async ({ ana, item, fails, later, nothingElse }, pagers) => {
    const orders = item('Orders');
    await fails(orders.item);
    await ana.receives('whatsapp', /Orders/);
    pagers.isUnavailable = true;
    const passing = later(5 * minute);
    // Where it fails before it is awaited.
    passing.catch(() => undefined);
    await until('the page to be on its way', () => pagers.refused > 0);
    await ana.replies('ACK');
    await ana.receives('whatsapp', /^Taken: "Orders"\./);
    pagers.isUnavailable = false;
    await passing;
    await later(20 * minute);
    await nothingElse();
  }),
);

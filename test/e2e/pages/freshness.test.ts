import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import {
  freshnessMemoKeys,
  freshnessType,
  freshnessWorkflowId,
  type ShownFreshness,
  type ShownItem,
  type ShownLate,
} from '../../../src/workflows/freshness-contract.js';
import { eventually, startTemporal } from '../../api/service.js';
import {
  assertAccessible,
  assertFits,
  desktop,
  narrowest,
  phone,
  startOperators,
  type Operators,
} from './operators.js';

const now = Date.now();
const iso = (minutes: number) => new Date(now + minutes * 60_000).toISOString();
const item = (name: string) => ({ kind: 'workbook', luid: name, name, site: '-' }) as const;
const late = (name: string, more: Partial<ShownLate> = {}): ShownLate => ({
  item: item(name),
  state: 'never-began',
  why: 'No new data by Mon 07:00: its run of 05:00 never began.',
  deadline: iso(-65),
  lastDataAt: iso(-60 * 26),
  incident: `refresh:-:${name}`,
  ...more,
});
const onTime = (name: string, at: number): ShownItem => ({
  item: item(name),
  promise: 'new data by 07:00 Mon-Fri Europe/Berlin',
  lastDataAt: iso(-at),
  deadline: iso(-at + 20),
  nextDeadline: iso(24 * 60 - at),
});
const shown: ShownFreshness = {
  late: [
    late('Sales', { dependants: 4 }),
    late('<b>Orders</b> مبيعات', { state: 'bridge-offline', incident: null, why: 'Tableau Bridge is offline.' }),
  ],
  hours: [-20, -8, -3, -1, 0, 2, 9, 21].map((hours, n) => ({
    at: new Date(Math.floor(now / 3_600_000) * 3_600_000 + hours * 3_600_000).toISOString(),
    due: (n * 7) % 23,
    late: hours === -1 ? 2 : 0,
  })),
  items: Array.from({ length: 12 }, (_, n) => onTime(`Report ${n}`, 90 * n + 30)),
};

let client: Client;
let operators: Operators;
before(async () => {
  ({ client } = await startTemporal());
  operators = await startOperators(client, { liveLimits: { everyMs: 200 } });
});

/** The workflow of a site, of which only the memo is there. */
async function remember(site: string, memo: Record<string, unknown>): Promise<void> {
  await client.workflow.start(freshnessType, {
    workflowId: freshnessWorkflowId(site),
    taskQueue: 'without-workers',
    args: [{}],
    memo,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
  });
}

test('says that nothing is promised, and follows when something is', async () => {
  const page = await operators.open('/freshness');
  await page.getByText('Nothing is promised').waitFor();
  await assertAccessible(page, 'nothing promised');
  await remember('emea', {
    [freshnessMemoKeys.counts]: { promised: 14, late: 2, alarms: [{ code: 'webhooks-missing', since: iso(-200) }] },
    [freshnessMemoKeys.shown]: shown,
    [freshnessMemoKeys.lookedAt]: iso(-3),
  });
  await page.getByText('2 of 14 promised items are late').waitFor();
  assert.match(await page.title(), /^2 of 14 late/);
});

test('shows what is late on top, why, and the way to its incident; then what is due by hour', async () => {
  const page = await operators.open('/freshness');
  const link = page.getByRole('link', { name: 'Sales' });
  assert.equal(await link.getAttribute('href'), '/incidents/refresh:-:Sales');
  await page.getByText('its run of 05:00 never began').waitFor();
  await page.getByText('4 more are late because of it').waitFor();
  await page.getByText('nobody is paged').waitFor();
  assert.equal(await page.locator('bdi', { hasText: '<b>Orders</b> مبيعات' }).count(), 1);
  await page.getByRole('img', { name: /Items due by hour/ }).waitFor();
  await page.getByText('As a table').click();
  assert.equal(await page.locator('details tbody tr').count(), shown.hours.length);
  assert.equal(await page.locator('table.promised tbody tr').count(), 12);
  await assertAccessible(page, 'freshness');
  await operators.browser.picture(page, 'freshness-1280');
});

test('fits into every window', async () => {
  for (const size of [phone, narrowest, desktop, { width: 2560, height: 1440 }]) {
    const page = await operators.open('/freshness', size);
    await assertFits(page, `freshness at ${size.width}`);
    if (size.width !== 1280) await operators.browser.picture(page, `freshness-${size.width}`);
  }
});

test('a memo of an earlier version is no error', async () => {
  await remember('apac', { [freshnessMemoKeys.counts]: { promised: 3, late: 1, alarms: [] }, shown: { odd: true } });
  await eventually(
    () =>
      operators.app.inject({
        url: '/freshness',
        headers: { accept: 'text/html', authorization: 'Bearer an-api-token-for-tests' },
      }),
    ({ body, statusCode }) =>
      statusCode === 200 && /Site <bdi>apac/.test(body) && /Tableau has not answered yet/.test(body),
  );
});

test('no page had an error', () => assert.deepEqual(operators.browser.errors, []));

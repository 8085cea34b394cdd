/** Somebody has the secret of the webhooks and makes up items: over real HTTP, as Tableau posts. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { minute } from '../../src/workflows/contract.js';
import { numbers, webhookSecret } from '../helpers/service-settings.js';
import { onTimeSkippingService, type TimeSkippingService } from '../helpers/time-skipping-service.js';
import { until } from '../helpers/until.js';

const Alarms = Type.Object({ alarms: Type.Array(Type.Object({ code: Type.String() })) });
/** Longer than any machine needs to look up sixty items, and shorter than the first step. */
const windowMs = 4 * minute;
/** Sixty incidents begin at once. */
const waitTimeoutMs = 60_000;

/** What the test sees of a service. */
function eyesOn({ client, sandbox, incident }: TimeSkippingService) {
  return {
    messages: () => sandbox.phones.get(numbers.ana).messages,
    alarms: async (): Promise<string[]> => {
      const { memo } = await client.workflow.getHandle('pager:ana').describe();
      const pager = memo?.['pager'];
      return Value.Check(Alarms, pager) ? pager.alarms.map(({ code }) => code) : [];
    },
    isUnknown: async (luid: string): Promise<boolean> => {
      // A query that arrives before a workflow task is refused.
      const view = await incident(`refresh:${sandbox.siteLuid}:${luid}`).catch(() => null);
      return view?.detail?.unknownItem === true;
    },
  };
}

async function postMadeUp({ post, sandbox }: TimeSkippingService, luid: string): Promise<void> {
  const { status } = await post(`/notifier/${webhookSecret}`, {
    event_type: 'WorkbookRefreshFailed',
    resource_luid: luid,
    resource_name: 'Made up',
    site_luid: sandbox.siteLuid,
    created_at: new Date().toISOString(),
  });
  assert.equal(status, 200);
}

test('made-up items do not delay the page of a real one', () =>
  onTimeSkippingService({ windowMs }, async (service) => {
    const { messages, alarms, isUnknown } = eyesOn(service);
    const [first = '', ...others] = Array.from({ length: 60 }, () => randomUUID());
    await postMadeUp(service, first);
    await until('a page', () => messages().find(({ body }) => body.includes('Made up')), waitTimeoutMs);
    // These wait, since the first message is unanswered.
    await Promise.all(others.map((luid) => postMadeUp(service, luid)));
    for (const luid of others) await until('Tableau to be asked', () => isUnknown(luid), waitTimeoutMs);
    // Once the window behind the first message is over, more wait than may leave in an hour.
    await service.later(windowMs);
    await until('the alarm', async () => (await alarms()).includes('unknown-items'), waitTimeoutMs);
    const sales = service.item('Sales');
    await service.fails(sales.item);
    await until(
      () => `the real page, among ${JSON.stringify(messages().map(({ body }) => body))}`,
      () => messages().find(({ body }) => /^\[\d+\] Workbook refresh failed: "Sales"/.test(body)),
      waitTimeoutMs,
    );
  }));

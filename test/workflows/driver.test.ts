/** The driver on a real server: what no scenario covers. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { incidentWorkflowId, minute } from '../../src/workflows/contract.js';
import { closeLater } from '../helpers/close-later.js';
import { startTimeSkippingService, type TimeSkippingService } from '../helpers/time-skipping-service.js';
import { until } from '../helpers/until.js';

let service: TimeSkippingService;
before(async () => {
  service = await startTimeSkippingService({ ownTemporal: true });
  closeLater(() => service.close());
});

test('an incident that somebody cancels in Temporal withdraws its pages and ends as cancelled', async () => {
  const { ana, client, item, fails, later, nothingElse } = service;
  const sales = item('Sales');
  await fails(sales.item);
  await ana.receives('whatsapp', /Sales/);
  const handle = client.workflow.getHandle(incidentWorkflowId(sales.id));
  await handle.cancel();
  // To wait for its result would let the server skip years.
  await until('the end', async () => (await handle.describe()).status.name === 'CANCELLED');
  await later(20 * minute);
  await ana.replies('ACK');
  await ana.receives('whatsapp', /^Over already: "Sales"\.$/);
  await nothingElse();
});

test('the timer that starts with a step is kept when its page is sent, and the step ends on time', async () => {
  const { ana, client, item, fails, quiet, later, now } = service;
  const hr = item('HR');
  await fails(hr.item);
  await ana.receives('whatsapp', /HR/);
  await quiet();
  // For a pager that reports nothing, and for the wait.
  const kinds = async (): Promise<string[]> => {
    const { events } = await client.workflow.getHandle(incidentWorkflowId(hr.id)).fetchHistory();
    return (events ?? []).flatMap((event) =>
      event.timerStartedEventAttributes ? ['started'] : event.timerCanceledEventAttributes ? ['canceled'] : [],
    );
  };
  assert.deepEqual(await kinds(), ['started']);
  const pagedAt = now();
  await later(5 * minute);
  await ana.receives('sms', /HR/);
  assert.ok(now() - pagedAt < 6 * minute);
  await ana.replies('ACK', 'sms');
  await ana.receives('sms', /^Taken: "HR"\./);
});

/** The driver on a real server: what no scenario covers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { incidentWorkflowId, minute } from '../../src/workflows/contract.js';
import { defaultPolicy } from '../helpers/service-settings.js';
import { startTimeSkippingService, type TimeSkippingService } from '../helpers/time-skipping-service.js';

let service: TimeSkippingService;
before(async () => {
  service = await startTimeSkippingService(defaultPolicy);
});
after(() => service?.close());

test('an incident that somebody cancels in Temporal withdraws its pages and ends as cancelled', async () => {
  const { ana, client, item, fails, later, nothingElse } = service;
  const sales = item('Sales');
  await fails(sales.item);
  await ana.receives('whatsapp', /Sales/);
  const handle = client.workflow.getHandle(incidentWorkflowId(sales.id));
  await handle.cancel();
  await assert.rejects(
    handle.result(),
    (error) => error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure,
  );
  await later(20 * minute);
  await ana.replies('ACK');
  await ana.receives('whatsapp', /^(Over already: "Sales"|Nothing is open for you)\.$/);
  await nothingElse();
});

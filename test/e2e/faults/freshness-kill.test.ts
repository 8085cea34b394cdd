/** Deadlines that pass while nobody can look: they are reported once, late, by whatever worker comes next. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WorkflowNotFoundError } from '@temporalio/common';
import { hour, minute, second } from '../../../src/workflows/contract.js';
import { printingOutputOnFailure, slowMachineTimeoutMs } from '../../helpers/processes.js';
import { addItem, dueIn } from '../../helpers/tableau-items.js';
import { until } from '../../helpers/until.js';
import { startService, type Service } from '../service.js';
import { waitingPhone } from '../waiting-phone.js';

const number = '+15550142101';
const escalation = {
  contacts: { ana: { whatsapp: number } },
  policies: { default: { steps: [{ page: ['ana'], by: 'whatsapp', wait: '10m' }] } },
};
let service: Service;

before(async () => {
  service = await startService({ escalation, workers: 2 });
});
after(() => service?.close());

/** Undefined before the workflow begins. */
async function memo(): Promise<unknown> {
  try {
    return (await service.client.workflow.getHandle('freshness:default').describe()).memo?.['freshness'];
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

test(
  'workers and Temporal are killed before the deadline and start after it: what is late is paged once',
  printingOutputOnFailure(
    () => [...service.workers, service.temporal],
    async () => {
      const { sandbox, workers, temporal } = service;
      const ana = waitingPhone(sandbox, number);
      addItem(sandbox, { kind: 'workbook', name: 'Sales', project: 'Finance', schedule: dueIn(hour) });
      const deadline = Math.ceil((Date.now() + 20 * second) / minute) * minute;
      const by = new Date(deadline).toISOString().slice(11, 16);
      await service.reload({ ...escalation, freshness: [{ items: '*', by, timezone: 'UTC' }] });
      const looked = async (): Promise<boolean> => JSON.stringify((await memo()) ?? null).includes('"promised":1');
      await until('the first look', looked, slowMachineTimeoutMs);
      assert.ok(Date.now() < deadline, 'the first look came too late for this test');

      for (const worker of workers) await worker.kill();
      await temporal.kill();
      await until('the deadline', () => Date.now() > deadline + second, 2 * minute);
      await temporal.start();
      for (const worker of workers) await worker.start();

      const page = await ana.receives('whatsapp', /^\[1\] Workbook has no new data: "Sales"/);
      assert.ok(page.at > deadline);
      await service.quiet();
      assert.deepEqual(ana.unexpected(), []);
      assert.deepEqual(await memo(), { promised: 1, late: 1, alarms: [] });
    },
  ),
);

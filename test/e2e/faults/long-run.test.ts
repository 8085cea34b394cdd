/** A pager never ends, and its runs are short: a worker that takes it over must replay all of the current run first. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pagerId } from '../../../src/workflows/pager-contract.js';
import { receiptSignal } from '../../../src/workflows/messages.js';
import { slowMachineTimeoutMs, printingOutputOnFailure } from '../../helpers/processes.js';
import { until } from '../../helpers/until.js';
import { startService, type Service } from '../service.js';
import { waitingPhone } from '../waiting-phone.js';
import { scriptOf } from '../script.js';

const number = '+15550141431';
const bensNumber = '+15550141432';
let service: Service;

before(async () => {
  service = await startService({
    escalation: {
      contacts: { ana: { whatsapp: number, phone: number }, ben: { whatsapp: bensNumber, phone: bensNumber } },
      policies: {
        default: { steps: [{ page: ['ana'], by: 'whatsapp', wait: '10m' }] },
        late: { steps: [{ page: ['ben'], by: 'whatsapp', wait: '10m' }] },
      },
      routes: [
        { events: ['WorkbookRefreshFailed'], policy: 'default' },
        { events: ['DatasourceRefreshFailed'], policy: 'late' },
      ],
      settings: { window: '10m' },
    },
  });
});
after(() => service?.close());
const programs = () => [service.api, service.worker, service.temporal];

test(
  'a long run continues as new when nothing is in flight, and the next run has what was open',
  printingOutputOnFailure(programs, async () => {
    const { sandbox, worker, client } = service;
    const ana = waitingPhone(sandbox, number);
    const pager = client.workflow.getHandle(pagerId('ana'));
    const sales = service.item('workbook', 'Sales');
    await service.fails(sales);
    await ana.receives('whatsapp', /Sales/);
    const { runId } = await pager.describe();
    // As many as are needed: signals that arrive together share a workflow task.
    const isAnother = async () => (await pager.describe()).runId !== runId;
    for (let n = 0; n < 1_000 && !(n % 50 === 0 && (await isAnother())); n += 1) {
      await pager.signal(receiptSignal, { attempt: `stray-${n}`, sid: `SM${n}`, status: 'delivered', at: Date.now() });
    }
    await until('another run', isAnother, slowMachineTimeoutMs);
    const events = (await client.workflow.getHandle(pagerId('ana'), runId).fetchHistory()).events ?? [];
    assert.ok(events.length < 2_000, `it had ${events.length} events`);

    await worker.kill();
    await worker.start();
    assert.equal(await ana.replies('ok'), 200);
    await ana.receives('whatsapp', /^Taken: "Sales"/);
    const stateOf = async () => (await scriptOf(service).incident(sales.id)).state;
    await until('it to be acknowledged', async () => (await stateOf()) === 'acknowledged', slowMachineTimeoutMs);
    const hr = service.item('workbook', 'Hr');
    await service.fails(hr);
    await ana.receives('whatsapp', /\[2\] .*Hr/);
  }),
);

test(
  'a run that is never idle, and gets signals all the time, continues as new early',
  printingOutputOnFailure(programs, async () => {
    const { sandbox, client } = service;
    const ben = waitingPhone(sandbox, bensNumber);
    const pager = client.workflow.getHandle(pagerId('ben'));
    await service.fails(service.item('datasource', 'Orders'));
    await ben.receives('whatsapp', /Orders/);
    assert.equal(await ben.replies('STOP', 'sms'), 200);
    await ben.receives('sms', /unsubscribed|no more/i);
    const alarms = async () => JSON.stringify((await pager.describe()).memo?.['pager'] ?? null);
    await until('the alarm', async () => (await alarms()).includes('contact-stopped'), slowMachineTimeoutMs);
    // It is held while the first one is unanswered, so that the pager waits for the end of the window.
    await service.fails(service.item('datasource', 'Returns'));
    const runs = new Set<string>();
    let hasEnough = false;
    // About as many as a storm brings, from several sides, so that they arrive while a workflow task runs.
    const lane = async (name: string): Promise<void> => {
      for (let n = 0; n < 3_000 && !hasEnough; n += 1) {
        const attempt = `stray-${name}-${n}`;
        await pager.signal(receiptSignal, { attempt, sid: attempt, status: 'delivered', at: Date.now() });
        await sleep(40);
        if (n % 50 === 0) hasEnough = runs.add((await pager.describe()).runId).size > 2;
      }
    };
    await Promise.all(['a', 'b', 'c', 'd'].map(lane));
    const [first, second] = runs;
    for (const runId of [first, second]) {
      const { events } = await client.workflow.getHandle(pagerId('ben'), runId).fetchHistory();
      const count = events?.length ?? 0;
      assert.ok(count > 450 && count < 1_500, `it had ${count} events`);
    }
    assert.equal(runs.size, 3);
    assert.match(await alarms(), /contact-stopped/, 'a run hands its memo on');
    assert.equal(await ben.replies('ok'), 200);
    await ben.receives('whatsapp', /^Taken: "Orders"[^]*Returns/);
  }),
);

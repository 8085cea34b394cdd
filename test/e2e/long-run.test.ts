/** A pager never ends, and its runs are short: a worker that takes it over has to hear all of the present one first. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { pagerId } from '../../src/workflows/contract.js';
import { receiptSignal } from '../../src/workflows/messages.js';
import { patience, telling } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { openHouse } from './service.js';
import { patientPhone } from './waiting-phone.js';
import { scriptOf } from './script.js';

const number = '+15550141431';
const house = await openHouse({
  escalation: {
    contacts: { ana: { whatsapp: number, phone: number } },
    policies: { default: { steps: [{ page: ['ana'], by: 'whatsapp', wait: '10m' }] } },
    settings: { window: '0s', callWindow: '0s' },
  },
});
after(() => house.close());
const { sandbox, api, worker, temporal, client } = house;
const ana = patientPhone(sandbox, number);
const pager = client.workflow.getHandle(pagerId('ana'));

test(
  'a long run ends when nothing waits, and the next knows what was open',
  telling([api, worker, temporal], async () => {
    const sales = house.item('workbook', 'Sales');
    await house.fails(sales);
    await ana.receives('whatsapp', /Sales/);
    const { runId } = await pager.describe();
    // As many as it takes: those that come at once share a task.
    const isAnother = async () => (await pager.describe()).runId !== runId;
    for (let n = 0; n < 1_000 && !(n % 50 === 0 && (await isAnother())); n += 1) {
      await pager.signal(receiptSignal, { attempt: `stray-${n}`, sid: `SM${n}`, status: 'delivered', at: Date.now() });
    }
    await until('another run', isAnother, patience);
    const events = (await client.workflow.getHandle(pagerId('ana'), runId).fetchHistory()).events ?? [];
    assert.ok(events.length < 2_000, `it had ${events.length} events`);

    await worker.kill();
    await worker.start();
    assert.equal(await ana.replies('ok'), 200);
    await ana.receives('whatsapp', /^Taken: Sales/);
    const stateOf = async () => (await scriptOf(house).incident(sales.id)).state;
    await until('it to be acknowledged', async () => (await stateOf()) === 'acknowledged', patience);
    const hr = house.item('workbook', 'Hr');
    await house.fails(hr);
    await ana.receives('whatsapp', /\[2\] .*Hr/);
  }),
);

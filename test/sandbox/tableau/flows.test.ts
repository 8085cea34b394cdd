import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { addFlow, dueIn } from '../../helpers/tableau-items.js';
import { control } from '../world.js';
import { codeOf } from './client.js';
import { day, openSite } from './site.js';

const run = (text: string) => /"id":"([^"]+)"/.exec(text)?.[1] ?? '';

describe('a flow', () => {
  test('has runs with a background job, whose notes are the reason of a failure, and no webhook', async (t) => {
    const { sandbox, receiver, get, text } = await openSite(t, { oddities: false });
    sandbox.subscribe(`${receiver.url}/tableau`);
    const { body: flow } = await control(sandbox, 'POST', 'tableau/flows', { name: 'Clean orders', luid: 'flow' });
    assert.deepEqual([flow['luid'], flow['project']], ['flow', 'Default']);
    assert.equal(await text('flows/runs'), '{"flowRuns":{}}');
    const failed = await control(sandbox, 'POST', 'tableau/flows/flow/runs', {
      status: 'Failed',
      notes: 'The input "orders.csv" was not found.',
      createdAt: '2025-01-06T08:00:00Z',
    });
    const { luid, job } = failed.body;
    const shown = {
      id: luid,
      flowId: 'flow',
      status: 'Failed',
      startedAt: '2025-01-06T07:59:31Z',
      completedAt: '2025-01-06T08:00:00Z',
      progress: '100',
      backgroundJobId: job,
    };
    assert.deepEqual((await get('flows/runs')).body, { flowRuns: { flowRuns: [shown] } });
    assert.deepEqual((await get(`flows/runs/${String(luid)}`)).body, { flowRun: shown });
    assert.match(await text('jobs?filter=jobType:eq:run_flow'), /"title":"Clean orders","subtitle":"Flow"/);
    assert.equal(await text('jobs?filter=jobType:eq:refresh_extracts,status:eq:Failed').then((it) => run(it)), '');
    const detail = JSON.stringify((await get(`jobs/${String(job)}`)).body);
    assert.match(detail, /"type":"RunFlow".*"finishCode":"1"/);
    assert.ok(
      detail.endsWith(
        `"runFlowJobType":{"notes":"The input \\"orders.csv\\" was not found.","flowRunId":"${String(luid)}","flow":{"id":"flow","name":"Clean orders"}}}}`,
      ),
      detail,
    );
    assert.equal(receiver.received.length, 0);
    assert.deepEqual(codeOf(await get('flows/runs/none')), [404, '404003']);
  });

  test('has runs that are filtered by time and flow, not by status; what has not begun is the newest', async (t) => {
    const { sandbox, get, text } = await openSite(t);
    const add = (name: string) => addFlow(sandbox, { name, luid: name });
    const [orders, stock] = [add('orders'), add('stock')];
    sandbox.flows.ended(orders, 'Success', { createdAt: '2025-01-06T08:00:00Z' });
    sandbox.flows.ended(stock, 'Failed', { createdAt: '2025-01-06T09:00:00Z' });
    sandbox.flows.set(orders, { condition: 'queued' });
    sandbox.flows.run(orders);
    const found = async (query: string) =>
      [...(await text(`flows/runs?${query}`)).matchAll(/"flowId":"(\w+)","status":"(\w+)"/g)].map(
        ([, flow, status]) => `${flow} ${status}`,
      );
    const [old, newer, pending] = ['orders Success', 'stock Failed', 'orders Pending'];
    assert.deepEqual(await found('sort=startedAt:desc'), [pending, newer, old]);
    assert.deepEqual(await found('sort=completedAt:asc&pageSize=2'), [old, newer]);
    assert.deepEqual(await found('filter=flowId:eq:orders'), [old, pending]);
    assert.deepEqual(await found('filter=completedAt:gte:2025-01-06T08:30:00Z'), [newer]);
    assert.match(
      await text('flows/runs?filter=progress:eq:0'),
      /"flowRuns":\{"flowRuns":\{"id".*"startedAt":"","completedAt":""/,
    );
    assert.equal((await get('flows/runs?filter=status:eq:Failed')).status, 400);
    assert.equal((await get('flows/runs?filter=flowId:eq:none')).status, 404);
    assert.doesNotMatch(await text('flows/runs'), /pagination|totalAvailable/);
  });

  test('with a schedule has a task, runs when it is due, and is suspended after failures', async (t) => {
    const { sandbox, text, shows } = await openSite(t, { failuresBeforeSuspension: 1 });
    const { flows, panel } = sandbox;
    panel.add({ kind: 'workbook', name: 'Sales' });
    assert.equal(await text('tasks/runFlow'), '{"tasks":{}}');
    const flow = addFlow(sandbox, { name: 'Nightly', luid: 'flow' });
    flows.set(flow, { schedule: dueIn(30, { everyMs: day }) });
    await shows('flows/runs', /"status":"Success"/);
    assert.match(
      await text('tasks/runFlow'),
      /^\{"tasks":\{"task":\{"flowRun":\{"id":"[^"]+","priority":"50","consecutiveFailedCount":"0","type":"RunFlowTask","schedule":\{.*"type":"Flow".*\},"flow":\{"id":"flow","name":"Nightly"\}\}\}\}\}$/,
    );
    // Items have their usual tasks.
    assert.match(await text('tasks/extractRefreshes'), /"workbook"/);
    flows.ended(flow, 'Failed');
    flows.set(flow, { schedule: dueIn(30) });
    await shows('jobs?filter=notes:has:suspended', /"jobType":"run_flow"/);
  });

  test('can be run and its run cancelled', async (t) => {
    const { sandbox, send, text } = await openSite(t);
    const flow = addFlow(sandbox, { name: 'Nightly' });
    sandbox.flows.set(flow, { condition: 'stuck' });
    const { status, body } = await control(sandbox, 'POST', `tableau/flows/${flow.luid}/runs`, {});
    assert.deepEqual([status, body['status']], [201, 'Pending']);
    assert.equal((await control(sandbox, 'POST', `tableau/flows/${flow.luid}/runs`, {})).status, 409);
    await send('PUT', `flows/runs/${String(body['luid'])}`);
    assert.match(await text('flows/runs'), /"status":"Cancelled"/);
    await pause(60);
    assert.match(await text('flows/runs'), /"status":"Cancelled"/);
  });
});

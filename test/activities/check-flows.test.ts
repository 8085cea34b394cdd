/** Runs of flows by the REST API of the sandbox's Tableau: what is news of them, why they failed, and who is paged. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createFlowActivities } from '../../src/activities/check-flows.js';
import { fixedEscalation } from '../../src/policy/escalation-source.js';
import { readEscalation } from '../../src/policy/load.js';
import { type TableauConfig } from '../../src/tableau/rest/client.js';
import { hour, minute, second } from '../../src/workflows/contract.js';
import type { FlowsCheck, FlowsFound, FlowsInput } from '../../src/workflows/flows-contract.js';
import { createSandbox } from '../../sandbox/sandbox.js';
import { addFlow } from '../helpers/tableau-items.js';
import { app, clientAt, pat, serverThat } from '../tableau/outside.js';

const file = `contacts: { ana: { phone: "+15550000001" } }
policies:
  urgent: { steps: [{ page: [ana], by: call, wait: 5m }] }
  default: { steps: [{ page: [ana], by: sms, wait: 5m }] }
flows: true
routes:
  - { events: [FlowRunFailed], project: "Private/**", ignore: not ours }
  - { events: [FlowRunFailed], project: "Finance/**", site: default, policy: urgent }
  - { events: [FlowRunFailed], item: "Clean*", policy: default }
`;

const start = Date.parse('2026-03-02T06:00:00Z');
const first: FlowsInput = { since: start, reported: [], open: [] };

function activitiesAt(domain: string, changes: Partial<TableauConfig> = {}) {
  const { tableau, logger, logged } = clientAt(domain, changes);
  const escalation = fixedEscalation(readEscalation('e.yaml', file));
  const activities = createFlowActivities({ escalation, tableau, siteName: '', logger });
  const look = (input: FlowsInput): Promise<FlowsCheck> =>
    new MockActivityEnvironment().run((one: FlowsInput) => activities.checkFlows(one), input);
  async function find(input: FlowsInput): Promise<FlowsFound> {
    const { found, alarms } = await look(input);
    assert.ok(found);
    assert.deepEqual(alarms, []);
    return found;
  }
  return { look, find, logged };
}

async function site(t: TestContext, changes: Partial<TableauConfig> = {}) {
  const sandbox = createSandbox({ accountSid: `AC${'0'.repeat(32)}`, authToken: 't', pat, connectedApp: app });
  const url = await sandbox.listen();
  t.after(() => sandbox.close());
  const requests = (pattern: RegExp): string[] =>
    sandbox
      .requests({ target: 'tableau' })
      .map(({ method, path }) => `${method} ${path}`)
      .filter((request) => pattern.test(request));
  return { ...activitiesAt(url, changes), sandbox, requests };
}

describe('a look at the runs of flows', () => {
  test('gives what failed since the last one, with the reason without secrets, and the policy of its route', async (t) => {
    const { sandbox, find } = await site(t);
    const add = (name: string, project: string) => addFlow(sandbox, { name, luid: `luid-${name}`, project });
    const [clean, budget, old, mine, other] = [
      add('Clean orders', 'Sales'),
      add('Budget', 'Finance'),
      add('Old', 'Finance'),
      add('Mine', 'Private'),
      add('Other', 'Sales'),
    ];
    const notes = "Login failed for user 'svc_prep' on server db7.corp.example.com. Password=hunter2";
    const run = sandbox.flows.ended(clean, 'Failed', { createdAt: '2026-03-02T06:10:00Z', notes });
    sandbox.flows.ended(budget, 'Failed', { createdAt: '2026-03-02T06:09:00Z', notes: '' });
    sandbox.flows.ended(old, 'Failed', { createdAt: '2026-03-02T05:59:59Z' });
    sandbox.flows.ended(mine, 'Failed', { createdAt: '2026-03-02T06:08:00Z' });
    sandbox.flows.ended(other, 'Failed', { createdAt: '2026-03-02T06:07:00Z' });

    const { failed, more, succeeded, newestAt, policies } = await find(first);
    assert.deepEqual(
      failed.map(({ item, policy, endedAt }) => [item.name, policy, endedAt - start]),
      [
        ['Other', undefined, 7 * minute],
        ['Mine', undefined, 8 * minute],
        ['Budget', 'urgent', 9 * minute],
        ['Clean orders', 'default', 10 * minute],
      ],
    );
    assert.deepEqual([more, succeeded, newestAt], [0, [], start + 10 * minute]);
    assert.deepEqual(Object.keys(policies).toSorted(), ['default', 'urgent']);
    const last = failed.at(-1);
    assert.deepEqual(last?.item, {
      kind: 'flow',
      luid: 'luid-Clean orders',
      name: 'Clean orders',
      site: sandbox.siteLuid,
    });
    assert.equal(last.incident, `flow-run:${sandbox.siteLuid}:luid-Clean orders`);
    assert.equal(last.summary, 'Flow run failed: Clean orders');
    assert.equal(last.run, run.luid);
    assert.match(last.why ?? '', /^Login failed for user/);
    assert.doesNotMatch(JSON.stringify(failed), /svc_prep|db7|hunter2/);
    assert.equal(failed[2]?.why, undefined);
  });

  test('reports no run twice, and asks nothing of a flow without news', async (t) => {
    const { sandbox, find, requests } = await site(t);
    const clean = addFlow(sandbox, { name: 'Clean orders' });
    sandbox.flows.ended(clean, 'Failed', { createdAt: '2026-03-02T06:10:00Z' });
    const [run] = (await find(first)).failed;
    assert.ok(run);
    const open = [{ luid: clean.luid, failedAt: run.endedAt }];
    const before = requests(/./).length;
    assert.deepEqual((await find({ ...first, reported: [run.run], open: [] })).failed, [], 'by its id');
    assert.deepEqual((await find({ ...first, open })).failed, [], 'by its time');
    assert.deepEqual(
      requests(/./)
        .slice(before)
        .filter((request) => !request.includes('/flows/runs')),
      [],
    );
    sandbox.flows.ended(clean, 'Failed', { createdAt: '2026-03-02T07:10:00Z' });
    const again = await find({ ...first, reported: [run.run], open });
    assert.deepEqual(
      again.failed.map(({ endedAt }) => endedAt - start),
      [70 * minute],
    );
  });

  test('gives those of the open ones that succeeded since, and nothing of others', async (t) => {
    const { sandbox, find } = await site(t);
    const [clean, stock, later] = ['Clean orders', 'Stock', 'Clean later'].map((name) =>
      addFlow(sandbox, { name, luid: name }),
    );
    assert.ok(clean && stock && later);
    for (const [flow, result, at] of [
      [clean, 'Failed', '06:10'],
      [clean, 'Success', '06:40'],
      [stock, 'Failed', '06:10'],
      [stock, 'Success', '06:40'],
      [later, 'Success', '06:10'],
      [later, 'Failed', '06:40'],
    ] as const)
      sandbox.flows.ended(flow, result, { createdAt: `2026-03-02T${at}:00Z` });
    const found = await find({ ...first, open: [{ luid: 'Clean orders', failedAt: start + 10 * minute }] });
    assert.deepEqual(found.succeeded, [{ luid: 'Clean orders', at: start + 40 * minute }]);
    assert.deepEqual(
      found.failed.map(({ item }) => item.name),
      ['Clean later'],
    );
    const older = await find({ ...first, open: [{ luid: 'Clean orders', failedAt: start + hour }] });
    assert.deepEqual(older.succeeded, []);
  });

  test('reads every page, though Tableau does not say how many there are', async (t) => {
    const { sandbox, find, requests } = await site(t);
    const flows = Array.from({ length: 1_050 }, (_, n) => addFlow(sandbox, { name: `Clean ${n}`, luid: `flow-${n}` }));
    for (const [n, flow] of flows.entries()) sandbox.flows.ended(flow, 'Failed', { createdAt: start + n * second });
    const found = await find(first);
    assert.deepEqual([found.failed.length, found.more], [200, 850]);
    assert.equal(found.failed[0]?.item.name, 'Clean 0', 'the oldest first');
    assert.deepEqual(requests(/flows\/runs/).length, 2);
    assert.equal(requests(/GET .*\/jobs\//).length, 50);
  });

  test('goes on without the reason and the names where Tableau does not show them', async (t) => {
    const { sandbox, find } = await site(t);
    const clean = addFlow(sandbox, { name: 'Clean orders', luid: 'flow' });
    sandbox.flows.ended(clean, 'Failed', { createdAt: '2026-03-02T06:10:00Z', notes: 'Out of memory.' });
    sandbox.faults.add({ target: 'tableau.jobs', times: 'always', status: 403, code: 403_004 });
    const [run] = (await find(first)).failed;
    assert.deepEqual([run?.item.name, run?.why], ['Clean orders', undefined]);
  });

  test('asks without filter and sort where they are refused', async (t) => {
    const row = (id: string, completedAt: string) => ({
      id,
      flowId: 'f',
      status: 'Failed',
      completedAt,
      backgroundJobId: 'j',
    });
    const rows = [row('old', '2026-03-02T05:00:00Z'), row('new', '2026-03-02T06:30:00Z'), row('open', '')];
    const asked: string[] = [];
    const url = await serverThat(t, (request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.includes('/auth/signin')) {
        response.end(JSON.stringify({ credentials: { token: 'token', site: { id: 'site' } } }));
      } else if (request.includes('flows/runs')) {
        asked.push(request);
        const isRefused = request.includes('filter') || request.includes('sort');
        if (isRefused)
          response.writeHead(400).end(JSON.stringify({ error: { code: '400006', summary: 'Bad filter' } }));
        else response.end(JSON.stringify({ flowRuns: { flowRuns: rows } }));
      } else response.writeHead(404).end(JSON.stringify({ error: { code: '404003', summary: 'No' } }));
    });
    const { failed } = await activitiesAt(url).find(first);
    assert.deepEqual(
      failed.map(({ run, item, why }) => [run, item.name, why]),
      [['new', 'f', undefined]],
    );
    assert.equal(asked.length, 2);
  });
});

describe('where Tableau does not show the runs', () => {
  for (const [what, fault] of [
    ['without a licence or permission', { status: 403, code: 403_004 }],
    ['of an older version', { status: 404, code: 404_000 }],
  ] as const)
    test(`${what} it is an alarm to the operators`, async (t) => {
      const { sandbox, look } = await site(t);
      sandbox.faults.add({ target: 'tableau.flows', times: 'always', ...fault });
      const { found, alarms } = await look(first);
      assert.equal(found, null);
      assert.deepEqual(
        alarms.map(({ code }) => code),
        ['flows-refused'],
      );
      assert.match(alarms[0]?.text ?? '', new RegExp(`${fault.code}: .* Nobody is paged for runs of flows that fail`));
    });

  test('because it is unavailable there is no alarm yet', async (t) => {
    const { sandbox, look } = await site(t);
    sandbox.faults.add({ target: 'tableau.flows', times: 'always', status: 503 });
    assert.deepEqual(await look(first), { found: null, alarms: [] });
  });

  test('and a connected app has the scope for them', async (t) => {
    const { sandbox, find } = await site(t, { signIn: { kind: 'jwt', ...app, username: 'Ana Lima' } });
    sandbox.flows.ended(addFlow(sandbox, { name: 'Clean orders' }), 'Failed', { createdAt: '2026-03-02T06:10:00Z' });
    assert.equal((await find(first)).failed.length, 1);
  });
});

/** The api as a process of its own: malformed and forged requests, and a thousand events of Tableau at once. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { defaultPayloadConverter } from '@temporalio/common';
import { incidentIdOf } from '../../../src/workflows/contract.js';
import type { IntakeInput } from '../../../src/workflows/intake-contract.js';
import { forged } from '../../api/fuzz/requests.js';
import { sendRaw } from '../../helpers/raw-http.js';
import { until } from '../../helpers/until.js';
import { startService, secrets, type Service } from '../service.js';

const count = 1_000;
const number = '+15550100001';
let service: Service;

before(async () => {
  service = await startService({
    escalation: {
      contacts: { ana: { phone: number } },
      policies: { default: { steps: [{ page: ['ana'], by: 'sms', wait: '30m' }], repeat: 0 } },
    },
  });
});
after(() => service?.close());

test('600 forged requests at once are refused, nobody is paged, and the process stays responsive', async () => {
  const port = Number(new URL(service.url).port);
  const requests = fc.sample(forged, 600);
  const answers = await Promise.all(requests.map(({ pieces, cut }) => sendRaw(port, pieces, { cut })));
  for (const { statuses, text: answer } of answers)
    for (const status of statuses) assert.ok(status >= 400 && status < 500, answer);
  const began = performance.now();
  assert.equal((await fetch(`${service.url}/healthz`)).status, 200);
  assert.ok(performance.now() - began < 1_000);
  for await (const { workflowId } of service.client.workflow.list()) assert.fail(`${workflowId} was started`);
  assert.deepEqual(service.sandbox.phones.get(number).messages, []);
  assert.doesNotMatch(service.api.output(), /"level":"(error|fatal)"|zq7marker/);
});

interface Event {
  luid: string;
  id: string;
}

function events(name: string): Event[] {
  return Array.from({ length: count }, (_, n) => ({ luid: `${name}-${n}`, id: `refresh:site:${name}-${n}` }));
}

async function post(agent: Agent, { luid }: Event): Promise<number> {
  const body = {
    event_type: 'WorkbookRefreshFailed',
    resource_luid: luid,
    resource_name: luid,
    site_luid: 'site',
    created_at: new Date().toISOString(),
  };
  const sent = request(`${service.url}/notifier/${secrets.TABLEAU_WEBHOOK_SECRET}`, { method: 'POST', agent });
  sent.end(JSON.stringify(body));
  const [answer] = await once(sent, 'response');
  await text(answer);
  return answer.statusCode;
}

/** The incidents that Temporal has: those that run, and those whose failure is in a batch, which no worker delivers here. */
async function durable(): Promise<Set<string>> {
  const ids = new Set<string>();
  const { workflow } = service.client;
  for await (const { workflowId } of workflow.list({ query: 'WorkflowType = "incident"' }))
    ids.add(incidentIdOf(workflowId) ?? '');
  for await (const { workflowId } of workflow.list({ query: 'WorkflowType = "intake"' }))
    for (const { incident } of await entriesOf(workflowId)) ids.add(incident);
  return ids;
}

async function entriesOf(batch: string): Promise<IntakeInput['entries']> {
  const { events: history } = await service.client.workflow.getHandle(batch).fetchHistory();
  const payload = history?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  return payload ? defaultPayloadConverter.fromPayload<IntakeInput>(payload).entries : [];
}

for (const sockets of [50, 1_000]) {
  test(`${count} events at once over ${sockets} sockets are each durable when they are answered 200, or later when they are answered 503`, async (t) => {
    // Accepting events needs no worker.
    await service.worker.stop();
    const all = events(`over-${sockets}`);
    const agent = new Agent({ keepAlive: true, maxSockets: sockets });
    const began = Date.now();
    const statuses = await Promise.all(all.map((event) => post(agent, event)));
    agent.destroy();
    const unavailable = statuses.filter((status) => status === 503).length;
    t.diagnostic(`${count} answers after ${Date.now() - began} ms, ${unavailable} of them 503`);
    assert.deepEqual(
      statuses.filter((status) => status !== 200 && status !== 503),
      [],
    );
    let missing = all;
    await until(
      () => `${missing.length} events to be durable`,
      async () => {
        const there = await durable();
        missing = all.filter(({ id }) => !there.has(id));
        return missing.length === 0;
      },
      120_000,
    );
  });
}

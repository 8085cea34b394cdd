/** Bursts: the first events go straight to their incident, the others with a batch. No worker runs, so that batches stay as they are. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { FastifyInstance } from 'fastify';
import { defaultDirectSignals } from '../../src/api/routes/notifier.js';
import type { IntakeInput } from '../../src/workflows/intake-contract.js';
import {
  buildTestApi,
  clientWithoutServer,
  config,
  escalation,
  eventually,
  failure,
  startTemporal,
} from './service.js';

let client: Client;
let address = '';
before(async () => {
  ({ client, address } = await startTemporal());
});

const open = (): Promise<FastifyInstance> => buildTestApi(client, { directSignals: defaultDirectSignals });
const post = (app: FastifyInstance, payload: object) =>
  app.inject({ method: 'POST', url: `/notifier/${config.webhookSecrets[0]}`, payload });
const acknowledge = (app: FastifyInstance, id: string) =>
  app.inject({
    method: 'POST',
    url: `/incidents/${encodeURIComponent(id)}/acknowledge`,
    headers: { authorization: `Bearer ${config.apiToken}` },
  });
const success = (event: object) => ({ ...event, event_type: 'WorkbookRefreshSucceeded' });

const running = (type: string): string => `WorkflowType = "${type}" AND ExecutionStatus = "Running"`;

/** The inputs of all batches, when there are as many entries as expected. */
async function batches(entries: number): Promise<IntakeInput[]> {
  return eventually(
    async () => {
      const inputs: IntakeInput[] = [];
      for await (const { workflowId } of client.workflow.list({ query: running('intake') })) {
        const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
        const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
        if (payload) inputs.push(defaultPayloadConverter.fromPayload<IntakeInput>(payload));
      }
      return inputs;
    },
    (inputs) => inputs.reduce((sum, input) => sum + input.entries.length, 0) >= entries,
  );
}

/** A server that accepts connections and answers nothing, until it is connected to Temporal. */
async function relay() {
  const sockets = new Set<Socket>();
  let target: { host: string; port: number } | null = null;
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    if (target === null) return;
    const other = connect(target).on('error', () => undefined);
    sockets.add(other);
    socket.pipe(other).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === 'object');
  const endSockets = () => sockets.forEach((socket) => socket.destroy());
  return {
    address: `127.0.0.1:${bound.port}`,
    connectTo(temporal: string) {
      const [host = '', port = ''] = temporal.split(':');
      target = { host, port: Number(port) };
      endSockets();
    },
    close() {
      endSockets();
      server.close();
    },
  };
}

async function endAll(): Promise<void> {
  for await (const { workflowId } of client.workflow.list({ query: 'ExecutionStatus = "Running"' }))
    await client.workflow.getHandle(workflowId).terminate();
}

describe('a burst of 450 failures', () => {
  test('is accepted: the first have incidents, the others are in batches of at most 200 with their policy', async (t) => {
    t.after(endAll);
    const app = await open();
    const events = Array.from({ length: 450 }, () => failure());
    const answers = await Promise.all(events.map((event) => post(app, event)));
    assert.deepEqual([...new Set(answers.map(({ statusCode }) => statusCode))], [200]);
    const ids = answers.map((answer) => answer.json<{ incident: string }>().incident);

    // Five, and two more for each second that it takes.
    const count = async () => (await client.workflow.count(running('incident'))).count;
    const direct = await eventually(count, (found) => found >= 5);
    assert.ok(direct <= 15, `${direct} signalled at once`);
    const inputs = await batches(450 - direct);
    const entries = inputs.flatMap((input) => input.entries);
    assert.equal(entries.length, 450 - direct);
    assert.ok(entries.every(({ incident }) => ids.includes(incident)));
    assert.ok(inputs.length < 30, `${inputs.length} batches`);
    assert.ok(inputs.every((input) => input.entries.length <= 200));
    for (const input of inputs) {
      assert.deepEqual(input.policies, { default: escalation.policies['default'] });
      assert.ok(input.entries.every((entry) => entry.what === 'failure' && entry.policy === 'default'));
    }
  });

  test('with long names makes batches of at most 256 KB', async (t) => {
    t.after(endAll);
    const app = await buildTestApi(client, { directSignals: { failures: { burst: 0, perSecond: 0 } } });
    const name = '試'.repeat(85);
    await Promise.all(Array.from({ length: 400 }, () => post(app, failure({ resource_name: name, site_luid: name }))));
    const inputs = await batches(400);
    for (const { entries } of inputs) assert.ok(Buffer.byteLength(JSON.stringify(entries)) < 260 * 1024);
    assert.ok(inputs.some(({ entries }) => entries.length > 100));
  });

  test('is durable when Temporal is available again, also when the start of its batch never returned', async (t) => {
    t.after(endAll);
    const hanging = await relay();
    t.after(() => hanging.close());
    const connection = Connection.lazy({ address: hanging.address, interceptors: [] });
    t.after(() => connection.close());
    const app = await buildTestApi(new Client({ connection, namespace: client.options.namespace }), {
      directSignals: { failures: { burst: 0, perSecond: 0 } },
      searchAttributes: async () => false,
      temporalTimeouts: { webhookTimeoutMs: 300, backgroundTimeoutMs: 30_000 },
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(app, failure())));
    assert.deepEqual([...new Set(answers.map(({ statusCode }) => statusCode))], [503]);
    // The first start is given up after 5 s.
    await pause(6_000);
    hanging.connectTo(address);
    assert.equal((await batches(20)).flatMap(({ entries }) => entries).length, 20);
  });

  test('is refused as a whole while Temporal is unavailable', async () => {
    const app = await buildTestApi(clientWithoutServer(), {
      directSignals: { failures: { burst: 0, perSecond: 0 } },
      searchAttributes: async () => false,
      temporalTimeouts: { webhookTimeoutMs: 300, backgroundTimeoutMs: 400 },
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(app, failure())));
    assert.deepEqual([...new Set(answers.map(({ statusCode }) => statusCode))], [503]);
  });
});

describe('while a batch waits', () => {
  test('a success and an answer for one of its incidents are recorded, and those for others too', async (t) => {
    t.after(endAll);
    const app = await buildTestApi(client, { directSignals: { failures: { burst: 0, perSecond: 0 } } });
    const event = failure();
    const id = (await post(app, event)).json<{ incident: string }>().incident;
    assert.deepEqual((await post(app, success(event))).json(), { status: 'accepted', incident: id });
    const answer = await acknowledge(app, id);
    assert.equal(answer.statusCode, 202);
    assert.deepEqual(answer.json(), { status: 'recorded' });

    // Another api process does not know which incidents the batches hold.
    const other = await open();
    assert.equal((await acknowledge(other, 'refresh:site:somewhere-else')).statusCode, 202);

    const entries = (await batches(4)).flatMap((input) => input.entries);
    const found = entries.map(({ what, incident }) => `${what} ${incident}`);
    const expected = [`failure ${id}`, `end ${id}`, `answer ${id}`, 'answer refresh:site:somewhere-else'];
    assert.deepEqual(found.toSorted(), expected.toSorted());
  });

  test('a batch that only waits keeps no other success waiting', async (t) => {
    t.after(endAll);
    const app = await buildTestApi(client, {
      directSignals: { failures: { burst: 0, perSecond: 0 }, successes: { burst: 1, perSecond: 0 } },
    });
    assert.deepEqual((await post(app, success(failure()))).json(), { status: 'ignored' });
    // Beyond what is signalled at once it goes with a batch, whatever is on its way.
    assert.equal((await post(app, success(failure()))).json<{ status: string }>().status, 'accepted');
    const batch = await eventually(
      () => client.workflow.count(running('intake')),
      ({ count }) => count === 1,
    );
    assert.equal(batch.count, 1);
    assert.deepEqual((await post(await open(), success(failure()))).json(), { status: 'ignored' });
  });

  test('and when none does, a success ends nothing and an answer has no incident', async () => {
    const app = await open();
    await eventually(
      async () => (await post(app, success(failure()))).json<{ status: string }>().status,
      (status) => status === 'ignored',
    );
    assert.equal((await acknowledge(app, 'refresh:site:nothing')).statusCode, 404);
  });
});

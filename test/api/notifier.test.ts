import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { assertHas, config, escalation, failure, buildTestApp, signalsOf, startTemporal } from './service.js';

const secret = 'current-secret-0001';
let client: Client;
let app: FastifyInstance;
let log: () => string;

before(async () => {
  ({ client } = await startTemporal());
  ({ app, log } = await buildTestApp(client));
});

const post = (payload: unknown, url = `/notifier/${secret}`, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
const idOf = (event: { site_luid: string; resource_luid: string }) =>
  `refresh:${event.site_luid}:${event.resource_luid}`;

describe('a failure', () => {
  test('is signalled to the incident of its item, with its policy, before the response', async () => {
    const event = failure();
    const answer = await post(event);
    assert.equal(answer.statusCode, 200);
    assert.deepEqual(answer.json(), { status: 'accepted', incident: idOf(event) });

    const workflowId = `incident:${idOf(event)}`;
    const signals = await signalsOf(client, workflowId);
    assert.equal(signals.length, 1);
    const { payload } = signals[0] ?? {};
    assertHas(payload, {
      event: {
        type: 'WorkbookRefreshFailed',
        item: { kind: 'workbook', luid: event.resource_luid, name: 'Sales', site: event.site_luid },
        createdAt: Date.parse('2024-11-15T17:14:45Z'),
      },
      policy: escalation.policies['default'],
    });

    const described = await client.workflow.getHandle(workflowId).describe();
    assert.equal(described.type, 'incident');
    assert.equal(described.taskQueue, 'incidents');
    assert.equal(await described.staticSummary(), 'Workbook refresh failed: Sales');
    assert.deepEqual(described.searchAttributes, {
      IncidentState: ['triggered'],
      TableauItem: ['Sales'],
      TableauEvent: ['WorkbookRefreshFailed'],
    });
    assertHas(described.memo, {
      incident: { id: idOf(event), state: 'triggered', failures: 1, policy: 'default' },
    });
  });

  test('joins the open incident, and starts a new one after the last has closed', async () => {
    const event = failure();
    const handle = client.workflow.getHandle(`incident:${idOf(event)}`);
    await post(event);
    const { runId } = await handle.describe();
    await post({ ...event, created_at: '2024-11-15T18:00:00Z' });
    assert.equal((await signalsOf(client, handle.workflowId)).length, 2);
    assert.equal((await handle.describe()).runId, runId);

    await handle.terminate();
    assert.equal((await post({ ...event, created_at: '2024-11-15T19:00:00Z' })).json().status, 'accepted');
    const again = await handle.describe();
    assert.notEqual(again.runId, runId);
    assert.equal(again.status.name, 'RUNNING');
  });

  test('of another event family is another incident, and of another route has another policy', async () => {
    const event = failure({ event_type: 'AdminPromoted', resource: 'WORKBOOK', resource_name: 'Ana Somebody' });
    const answer = await post(event);
    assert.equal(answer.json().incident, `admin:${event.site_luid}:${event.resource_luid}`);
    const handle = client.workflow.getHandle(`incident:${answer.json().incident}`);
    assertHas((await signalsOf(client, handle.workflowId))[0]?.payload, {
      policy: { name: 'security' },
    });
    const described = await handle.describe();
    assert.doesNotMatch(
      JSON.stringify([await described.staticSummary(), described.memo, described.searchAttributes]),
      /Somebody/,
    );
  });

  test('starts its incident without search attributes where the namespace has none', async () => {
    const { app: plain } = await buildTestApp(client, { searchAttributes: async () => false });
    const event = failure();
    await plain.inject({ method: 'POST', url: `/notifier/${secret}`, payload: event });
    const described = await client.workflow.getHandle(`incident:${idOf(event)}`).describe();
    assert.deepEqual(described.searchAttributes, {});
  });

  test('of a data source says how it is labelled where labels are on, and that of a workbook does not', async () => {
    const labelling = await buildTestApp(client, {
      escalation: { ...escalation, labels: { who: true, perMinute: 60 } },
    });
    const labelsOf = async (event: ReturnType<typeof failure>, to: FastifyInstance) => {
      const url = `/notifier/${secret}`;
      const response = await to.inject({ method: 'POST', url, payload: event });
      assert.equal(response.statusCode, 200);
      const [signal] = await signalsOf(client, `incident:${idOf(event)}`);
      return /"labels":(\{[^}]*\})/.exec(JSON.stringify(signal?.payload))?.[1];
    };
    const datasource = () => failure({ resource: 'DATASOURCE', event_type: 'DatasourceRefreshFailed' });
    assert.equal(await labelsOf(datasource(), labelling.app), '{"who":true}');
    assert.equal(await labelsOf(failure(), labelling.app), undefined);
    assert.equal(await labelsOf(datasource(), app), undefined);
  });

  test('may have any characters in its ids', async () => {
    const event = failure({ site_luid: '', resource_luid: `"weird'/\\:é😀 ${process.pid}` });
    const { incident } = (await post(event)).json();
    assert.equal(incident, `refresh:-:${event.resource_luid}`);
    assert.equal((await signalsOf(client, `incident:${incident}`)).length, 1);
  });
});

describe('a success', () => {
  test('is a signal without a policy to the open incident', async () => {
    const event = failure({ event_type: 'DatasourceRefreshFailed' });
    await post(event);
    const answer = await post({ ...event, event_type: 'DatasourceRefreshSucceeded' });
    assert.deepEqual(answer.json(), { status: 'accepted', incident: idOf(event) });
    const [, second] = await signalsOf(client, `incident:${idOf(event)}`);
    assertHas(second?.payload, { event: { type: 'DatasourceRefreshSucceeded' } });
    assert.doesNotMatch(JSON.stringify(second), /policy/);
  });

  test('without an open incident is ignored and starts no workflow, even where a route matches it', async () => {
    const routes = [{ events: ['*'], policy: 'default' }];
    const { app: routingEverything } = await buildTestApp(client, { escalation: { ...escalation, routes } });
    const event = failure({ event_type: 'WorkbookRefreshSucceeded' });
    for (const server of [app, routingEverything]) {
      const answer = await server.inject({ method: 'POST', url: `/notifier/${secret}`, payload: event });
      assert.deepEqual([answer.statusCode, answer.json()], [200, { status: 'ignored' }]);
    }
    await assert.rejects(client.workflow.getHandle(`incident:${idOf(event)}`).describe(), /not found/i);
  });
});

test('an event that no route matches is ignored', async () => {
  for (const event_type of ['WorkbookRefreshStarted', 'WorkbookDeleted', 'SomethingNew']) {
    const answer = await post(failure({ event_type }));
    assert.deepEqual([answer.statusCode, answer.json()], [200, { status: 'ignored' }]);
  }
});

test("Tableau's test call is answered 200 and starts nothing", async () => {
  for (const body of ['', ' \n', '{}', '{"event_type":"Test"}']) {
    const answer = await post(body);
    assert.deepEqual([answer.statusCode, answer.json()], [200, { status: 'test' }], JSON.stringify(body));
  }
  const bare = await app.inject({ method: 'POST', url: `/notifier/${secret}` });
  assert.deepEqual(bare.json(), { status: 'test' });
});

test('any content type is read as JSON', async () => {
  for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'nonsense', 'a/b/c; =']) {
    const answer = await post(failure(), undefined, { 'content-type': type });
    assert.equal(answer.json().status, 'accepted', type);
  }
  const none = await app.inject({ method: 'POST', url: `/notifier/${secret}`, payload: JSON.stringify(failure()) });
  assert.equal(none.json().status, 'accepted');
  assert.equal((await post(`\uFEFF${JSON.stringify(failure())}`)).json().status, 'accepted');
});

describe('a compressed body', () => {
  const compressed = (body: Buffer, encoding: string, headers = {}) =>
    app.inject({
      method: 'POST',
      url: `/notifier/${secret}`,
      headers: { 'content-type': 'application/json', 'content-encoding': encoding, ...headers },
      payload: body,
    });
  const inflaters = { gzip: gzipSync, 'x-gzip': gzipSync, deflate: deflateSync, Deflate: deflateRawSync };

  test('is inflated', async () => {
    for (const [encoding, deflated] of Object.entries(inflaters)) {
      const answer = await compressed(deflated(JSON.stringify(failure())), encoding);
      assert.deepEqual([answer.statusCode, answer.json().status], [200, 'accepted'], encoding);
    }
    assert.equal((await compressed(Buffer.from(JSON.stringify(failure())), 'identity')).statusCode, 200);
    assert.deepEqual((await compressed(gzipSync(''), 'gzip')).json(), { status: 'test' });
  });

  test('is inflated to 64 KiB at most', async () => {
    const event = JSON.stringify({ ...failure(), pad: '' });
    const padded = (length: number) => event.replace('"pad":""', `"pad":"${' '.repeat(length - event.length)}"`);
    for (const deflated of [gzipSync, deflateSync]) {
      const encoding = deflated === gzipSync ? 'gzip' : 'deflate';
      assert.equal((await compressed(deflated(padded(65_536)), encoding)).statusCode, 200);
      const tooLong = await compressed(deflated(padded(65_537)), encoding);
      assertHas(tooLong.json(), { statusCode: 413, code: 'PAYLOAD_TOO_LARGE' });
      const bomb = deflated(Buffer.alloc(50 * 1024 * 1024));
      assert.equal((await compressed(bomb, encoding)).statusCode, 413);
    }
  });

  test('is refused with the reason when it cannot be inflated', async () => {
    const whole = gzipSync(JSON.stringify(failure()));
    for (const body of [Buffer.from('{}'), whole.subarray(0, whole.length / 2)])
      assertHas((await compressed(body, 'gzip')).json(), { statusCode: 400, code: 'BAD_JSON' });
    for (const encoding of ['br', 'gzip, gzip', 'constructor'])
      assertHas((await compressed(whole, encoding)).json(), { statusCode: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });
});

describe('the secret', () => {
  test('may be any of the configured ones, in the path or in the query', async () => {
    for (const url of [
      `/notifier?secret=${secret}`,
      '/notifier/older-secret-0002',
      '/notifier?secret=older-secret-0002',
      `/notifier/${secret}/`,
      `/notifier/?secret=${secret}`,
    ])
      assert.equal((await post(failure(), url)).statusCode, 200, url);
  });

  test('is checked before anything else', async () => {
    const tooLong = JSON.stringify({ pad: 'x'.repeat(70_000) });
    for (const url of [
      '/notifier',
      '/notifier/',
      '/notifier/wrong',
      '/notifier/wrong/',
      '/notifier?secret=',
      '/notifier?secret=a&secret=b',
      `/notifier/${secret}x`,
      `/notifier/${secret.slice(0, -1)}`,
      '/notifier/%E0%A4%A',
      `/notifier/${'x'.repeat(5000)}`,
      `/notifier/wrong?secret=${secret}`,
    ]) {
      for (const body of [JSON.stringify(failure()), 'no json', '', tooLong]) {
        const answer = await post(body, url);
        assert.equal(answer.statusCode, 401, url);
        assertHas(answer.json(), { statusCode: 401, code: 'BAD_SECRET', error: 'Unauthorized' });
      }
    }
  });

  test('is in no log line', async () => {
    await post(failure());
    await post('no json');
    await post(failure(), '/notifier/wrong-secret-9999');
    assert.match(log(), /"route":"\/notifier\/:secret"/);
    assert.doesNotMatch(log(), /secret-0001|secret-0002|secret-9999/);
  });
});

test('an invalid body is 400 and names the field, and a too long one is 413', async () => {
  const wrong: [unknown, RegExp][] = [
    ['{"event_type":', /not valid JSON/],
    ['[]', /object/],
    [{ event_type: 'WorkbookRefreshFailed' }, /resource_luid is missing/],
    [{ event_type: 7, resource_luid: 'w' }, /event_type must be a string/],
    [{ ...failure(), created_at: 7 }, /created_at must be a string/],
  ];
  for (const [body, message] of wrong) {
    const answer = await post(body);
    assert.equal(answer.statusCode, 400);
    assert.deepEqual(Object.keys(answer.json()).toSorted(), ['code', 'error', 'message', 'statusCode']);
    assert.match(answer.json().message, message);
  }
  const padded = (length: number) => {
    const body = JSON.stringify({ ...failure(), pad: '' });
    return body.replace('"pad":""', `"pad":"${'x'.repeat(length - body.length)}"`);
  };
  assert.equal((await post(padded(65_536))).statusCode, 200);
  const tooLong = await post(padded(65_537));
  assert.equal(tooLong.statusCode, 413);
  assertHas(tooLong.json(), { statusCode: 413, code: 'PAYLOAD_TOO_LARGE' });
});

test('GET /notifier, as in a browser, redirects to the page at /', async () => {
  const answer = await app.inject({ url: '/notifier' });
  assert.deepEqual([answer.statusCode, answer.headers.location], [302, '/']);
  const { app: prefixed } = await buildTestApp(client, {
    config: { ...config, publicUrl: 'https://h.example.com/hooks' },
  });
  const below = await prefixed.inject({ url: '/hooks/notifier' });
  assert.deepEqual([below.statusCode, below.headers.location], [302, '/hooks/']);
});

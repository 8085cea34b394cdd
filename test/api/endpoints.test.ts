import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { before, describe, test } from 'node:test';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { incidentType, searchAttributes } from '../../src/workflows/contract.js';
import { signedIn } from './browser-session.js';
import { assertHas, clientWithoutServer, config, eventually, buildTestApp, startTemporal } from './service.js';

let client: Client;
let app: FastifyInstance;
let withoutTemporal: FastifyInstance;
const temporalUi = 'http://127.0.0.1:8233';

before(async () => {
  ({ client } = await startTemporal());
  ({ app } = await buildTestApp(client, { links: { 'Temporal "UI" <b>': temporalUi } }));
  ({ app: withoutTemporal } = await buildTestApp(clientWithoutServer(), { temporalTimeouts: { readyTimeoutMs: 200 } }));
});

const asHtml = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const asJson = { accept: 'application/json' };

describe('GET /', () => {
  test('is an HTML page for browsers, which loads nothing and runs no script', async () => {
    const answer = await app.inject({ url: '/', headers: asHtml });
    assert.equal(answer.statusCode, 200);
    assert.match(String(answer.headers['content-type']), /^text\/html; charset=utf-8/);
    assert.match(String(answer.headers['content-security-policy']), /default-src 'none'/);
    assert.match(answer.body, /Tableau Webhooks/);
    assert.match(answer.body, /name="viewport"/);
    assert.match(answer.body, /All is well/);
    assert.doesNotMatch(answer.body, /<script|src=/);
    const anything = await app.inject({ url: '/', headers: { accept: '*/*' } });
    assert.match(String(anything.headers['content-type']), /^text\/html/);
  });

  test('is JSON for scripts', async () => {
    const answer = await app.inject({ url: '/', headers: asJson });
    const { version, ...rest } = answer.json();
    assert.match(version, /^\d+\.\d+\.\d+/);
    assert.deepEqual(rest, {
      name: 'Tableau Webhooks',
      alarms: [],
      links: {
        Incidents: `${config.publicUrl}/incidents`,
        Health: `${config.publicUrl}/healthz`,
        Readiness: `${config.publicUrl}/readyz`,
        'For programs': `${config.publicUrl}/docs`,
        OpenAPI: `${config.publicUrl}/openapi.json`,
      },
    });
  });

  test('shows where other systems are to whoever is signed in alone, and escapes what it shows', async () => {
    const ofStranger = await app.inject({ url: '/', headers: asHtml });
    assert.ok(!ofStranger.body.includes(temporalUi), 'a stranger sees no address of another system');
    const { body } = await (await signedIn(app)).get('/');
    assert.match(body, new RegExp(`href="${temporalUi}">Temporal &quot;UI&quot; &lt;b&gt;<`));
    const bearer = { ...asJson, authorization: `Bearer ${config.apiToken}` };
    const { links } = (await app.inject({ url: '/', headers: bearer })).json();
    assert.equal(links['Temporal "UI" <b>'], temporalUi);
  });

  test('shows how many incidents are unacknowledged, without names', async () => {
    const stateKey = defineSearchAttributeKey(searchAttributes.state, SearchAttributeType.KEYWORD);
    const row = {
      id: 'refresh:s:secret-item',
      state: 'unacknowledged',
      item: { kind: 'workbook', luid: 'secret-item', name: 'Secret Sales', site: 's' },
      event: 'WorkbookRefreshFailed',
      failures: 1,
      firstFailedAt: '2026-11-15T10:00:00.000Z',
      lastFailedAt: '2026-11-15T10:00:00.000Z',
      acknowledgedBy: null,
      policy: 'default',
      step: 1,
      next: null,
    };
    await client.workflow.start(incidentType, {
      workflowId: 'incident:refresh:s:secret-item',
      taskQueue: 'without-workers',
      memo: { incident: row },
      typedSearchAttributes: [{ key: stateKey, value: 'unacknowledged' }],
    });
    const { app: unindexed } = await buildTestApp(client, { searchAttributes: async () => false });
    for (const server of [app, unindexed]) {
      const { alarms } = await eventually(
        async () => (await server.inject({ url: '/', headers: asJson })).json(),
        (home) => home.alarms.length > 0,
      );
      assert.deepEqual(alarms, [
        { code: 'incidents-unacknowledged', message: '1 incident is unacknowledged: nobody answered.' },
      ]);
      const page = await server.inject({ url: '/', headers: asHtml });
      assert.match(page.body, /1 incident is unacknowledged/);
      assert.doesNotMatch(page.body, /Secret Sales|secret-item/);
    }
  });

  test('shows that Temporal is unavailable', async () => {
    const { alarms } = (await withoutTemporal.inject({ url: '/', headers: asJson })).json();
    assert.deepEqual(
      alarms.map(({ code }: { code: string }) => code),
      ['temporal-unavailable'],
    );
  });
});

describe('GET /healthz and GET /readyz', () => {
  test('/healthz is 200 with or without Temporal', async () => {
    for (const server of [app, withoutTemporal])
      assert.deepEqual((await server.inject({ url: '/healthz' })).json(), { status: 'ok' });
  });

  test('/healthz is 503 when the workers of the process do not respond', async () => {
    let areStuck = false;
    const { app: together } = await buildTestApp(client, { workers: () => ({ begun: true, workers: {}, areStuck }) });
    assert.equal((await together.inject({ url: '/healthz' })).statusCode, 200);
    areStuck = true;
    assert.equal((await together.inject({ url: '/healthz' })).statusCode, 503);
  });

  test('/readyz is 200 while Temporal is reachable', async () => {
    assertHas((await app.inject({ url: '/readyz' })).json(), { status: 'ready', temporal: 'reachable' });
    const unavailable = await withoutTemporal.inject({ url: '/readyz' });
    assert.equal(unavailable.statusCode, 503);
    assertHas(unavailable.json(), { status: 'not ready', temporal: 'unavailable' });
  });

  test('/readyz is 503 until the workers of this process have begun; their later state changes only the body', async () => {
    let state = { begun: false, workers: { incidents: 'starting' } };
    const { app: server } = await buildTestApp(client, { workers: () => state });
    const early = await server.inject({ url: '/readyz' });
    assert.equal(early.statusCode, 503);
    assertHas(early.json(), { begun: false, workers: { incidents: 'starting' } });
    assertHas((await server.inject({ url: '/', headers: asJson })).json().alarms.at(-1), { code: 'workers-not-begun' });
    state = { begun: true, workers: { incidents: 'failed' } };
    const later = await server.inject({ url: '/readyz' });
    assert.equal(later.statusCode, 200);
    assertHas(later.json(), { status: 'ready', workers: { incidents: 'failed' } });
  });
});

describe('every error has the same fields', () => {
  test('for an unknown path', async () => {
    for (const [method, url] of [
      ['GET', '/nothing?secret=current-secret-0001'],
      ['GET', '/twilio/message'],
      ['PUT', '/notifier/x'],
      ['DELETE', '/incidents/x'],
    ] as const) {
      const answer = await app.inject({ method, url });
      assert.deepEqual(answer.json(), {
        statusCode: 404,
        code: 'NOT_FOUND',
        error: 'Not Found',
        message: 'Nothing is at this address.',
      });
    }
  });

  test('for a path that cannot be decoded', async () => {
    for (const url of ['/%E0%A4%A', '/incidents/%zz', `/incidents/${'x'.repeat(5000)}`]) {
      const answer = await app.inject({ url, headers: { authorization: `Bearer ${config.apiToken}` } });
      assertHas(answer.json(), { statusCode: 400, code: 'BAD_ADDRESS', error: 'Bad Request' });
    }
  });

  test('for invalid HTTP', async () => {
    const { app: listening } = await buildTestApp(client);
    const address = await listening.listen({ host: '127.0.0.1', port: 0 });
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(new URL(address).port), '127.0.0.1', () => socket.write('NO SUCH THING\r\n\r\n'));
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('end', () => resolve(text)).on('error', reject);
    });
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    assert.match(head, /^HTTP\/1\.1 400 Bad Request/);
    assert.deepEqual(Object.keys(JSON.parse(body)).toSorted(), ['code', 'error', 'message', 'statusCode']);
  });

  test('for an exception: the log has the stack, the response does not', async () => {
    const { app: broken, log } = await buildTestApp(client, {
      searchAttributes: async () => {
        throw new TypeError('a bug with details');
      },
    });
    const answer = await broken.inject({ url: '/incidents', headers: { authorization: `Bearer ${config.apiToken}` } });
    assertHas(answer.json(), { statusCode: 500, code: 'INTERNAL', error: 'Internal Server Error' });
    assert.doesNotMatch(answer.body, /a bug|at .*\.ts/);
    assert.match(log(), /a bug with details/);
  });
});

test('behind a path prefix, stripped or not, every endpoint answers', async () => {
  const { app: server } = await buildTestApp(client, {
    config: { ...config, publicUrl: 'https://h.example.com/hooks' },
  });
  for (const prefix of ['', '/hooks']) {
    assert.equal((await server.inject({ url: `${prefix}/healthz` })).statusCode, 200);
    assert.match((await server.inject({ url: `${prefix}/` })).body, /https:\/\/h\.example\.com\/hooks\/incidents/);
    const event = { method: 'POST' as const, payload: {} };
    assert.equal((await server.inject({ ...event, url: `${prefix}/notifier/current-secret-0001` })).statusCode, 200);
    assert.equal((await server.inject({ ...event, url: `${prefix}/notifier/wrong` })).statusCode, 401);
  }
});

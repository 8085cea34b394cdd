import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import type { FastifyInstance } from 'fastify';
import { assertDocumented, schemaChecker, type Document } from './documented.js';
import { routesOf } from './routes-of.js';
import { buildTestApi, clientWithoutServer, config } from './service.js';

let app: FastifyInstance;
let document: Document;
before(async () => {
  app = await buildTestApi(clientWithoutServer());
  document = (await app.inject('/openapi.json')).json();
});

/** For browsers alone: pages, their parts and forms. They have no schema for programs. */
const forBrowsers = [
  /^GET \/assets\//,
  /^(GET|POST) \/sign-(in|out)$/,
  /^(GET|POST) \/i\//,
  /^GET \/live\//,
  /^POST \/health\//,
  /^POST \/on-call\//,
  /^POST \/incidents\/:id\/answers$/,
  /^GET \/docs$/,
  /^GET \/notifier(\/:secret\/?)?$/,
];
/** Another spelling of `POST /notifier/:secret`. */
const spellings = ['POST /notifier/:secret/'];

test('GET /openapi.json has every route that programs use', () => {
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
  const routes = routesOf(app).filter(
    (route) => !spellings.includes(route) && !forBrowsers.some((pattern) => pattern.test(route)),
  );
  assert.ok(routes.length >= 22, `${routes.length} routes`);
  assert.deepEqual(documented.toSorted(), routes.toSorted());
});

test('GET /openapi.json is OpenAPI 3.1 without a problem that the linter would name', async () => {
  assert.equal(document.openapi, '3.1.0');
  const lint = await createConfig({
    extends: ['recommended-strict'],
    rules: {
      // Health checks of anybody refuse nothing.
      'operation-4xx-response': 'off',
      // The address of the tests.
      'no-server-example.com': 'off',
      'operation-operationId': 'error',
      'operation-description': 'error',
      'tag-description': 'error',
      'parameter-description': 'error',
      'no-unused-components': 'error',
      'no-invalid-schema-examples': 'error',
      'no-invalid-parameter-examples': 'error',
      'no-invalid-media-type-examples': 'error',
      'no-ambiguous-paths': 'off',
    },
  });
  const source = JSON.stringify(document);
  const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config: lint });
  assert.deepEqual(
    problems.map(({ ruleId, message, location: [place] }) => `${ruleId}: ${message} ${place?.pointer ?? ''}`),
    [],
  );
});

test('the linter of the test finds what is wrong', async () => {
  const broken = structuredClone(document);
  delete broken.paths['/incidents']?.['get']?.operationId;
  const lint = await createConfig({ rules: { 'operation-operationId': 'error' } });
  const problems = await lintFromString({ source: JSON.stringify(broken), absoluteRef: 'openapi.json', config: lint });
  assert.equal(problems.length, 1);
});

describe('an example', () => {
  test('of a shape fits the shape, and every answer with a body has a shape with a name', () => {
    const check = schemaChecker(document);
    const shapes = Object.entries(document.components.schemas);
    const given = shapes.flatMap(([name, { examples = [] }]) =>
      (examples as unknown[]).map((example) => ({ name, wrong: check(['components', 'schemas', name], example) })),
    );
    assert.ok(given.length >= 15, `${given.length} examples`);
    assert.deepEqual(
      given.filter(({ wrong }) => wrong !== null),
      [],
    );
    for (const { content } of responses()) {
      const json = content?.['application/json']?.schema;
      if (json && !('description' in json))
        assert.match(JSON.stringify(json), /^\{"\$ref":"#\/components\/schemas\/\w+"\}$/);
    }
  });

  test('of each refusal has its code, status and the one shape of errors', () => {
    const check = schemaChecker(document);
    const refusals = Object.entries(document.paths).flatMap(([, methods]) =>
      Object.values(methods).flatMap(({ responses: all }) =>
        Object.entries(all).filter(([status, { content }]) => Number(status) >= 400 && examplesOf(content).length > 0),
      ),
    );
    assert.ok(refusals.length >= 80, `${refusals.length} refusals`);
    for (const [status, { content }] of refusals)
      for (const [code, { value }] of examplesOf(content)) {
        assert.equal(check(['components', 'schemas', 'Error'], value), null);
        const { statusCode, code: shown } = value as { statusCode: number; code: string };
        assert.deepEqual([statusCode, shown], [Number(status), code]);
      }
  });
});

const responses = () =>
  Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).flatMap((one) => Object.values(one.responses)),
  );
const examplesOf = (content: Document['paths'][string][string]['responses'][string]['content'] = {}) =>
  Object.entries(
    (content['application/json'] as { examples?: Record<string, { value: unknown }> } | undefined)?.examples ?? {},
  );

describe('the tests of the api find an answer that is not documented', () => {
  const healthz = {
    method: 'GET',
    url: '/healthz?x=1',
    status: 200,
    type: 'application/json',
    body: '{"status":"ok"}',
  };
  const isFound = (change: Partial<typeof healthz>, about: RegExp) =>
    assert.throws(() => assertDocumented(document, schemaChecker(document), { ...healthz, ...change }), about);

  test('and none that is', () => assertDocumented(document, schemaChecker(document), healthz));
  test('by its status', () => isFound({ status: 404 }, /404 application\/json is documented/));
  test('by its content type', () => isFound({ type: 'text/plain' }, /the content type is documented/));
  test('by a field that is missing', () => isFound({ body: '{}' }, /status/));
  test('by a field that is not known', () => isFound({ body: '{"status":"ok","more":1}' }, /additional properties/));
  test('by the shape of a fault', () => isFound({ status: 500, body: '{"error":"x"}' }, /statusCode/));
});

describe('GET /openapi.json and /docs', () => {
  test('are for everybody, are not sent twice to who has them, and name the address of the service', async () => {
    for (const url of ['/openapi.json', '/docs']) {
      const first = await app.inject({ url, headers: { accept: 'text/html' } });
      assert.equal(first.statusCode, 200);
      assert.ok(first.body.includes(config.publicUrl));
      const { etag = '' } = first.headers;
      const second = await app.inject({ url, headers: { 'if-none-match': etag } });
      assert.deepEqual([second.statusCode, second.body], [304, '']);
    }
  });

  test('hold no secret', async () => {
    const secrets = [config.apiToken, ...config.webhookSecrets, ...config.twilio.authTokens, config.twilio.accountSid];
    for (const url of ['/openapi.json', '/docs']) {
      const { body } = await app.inject(url);
      for (const secret of secrets) assert.ok(!body.includes(secret));
    }
  });

  test('/docs shows every operation, parameter, code and shape of the document, without a script or a style of its own', async (context) => {
    const { body, headers } = await app.inject('/docs');
    assert.match(String(headers['content-type']), /^text\/html/);
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, { operationId }] of Object.entries(methods)) {
        assert.ok(body.includes(`${method.toUpperCase()} ${path}`), path);
        assert.ok(body.includes(`id="${operationId ?? ''}"`), operationId);
      }
    for (const name of Object.keys(document.components.schemas)) assert.ok(body.includes(`id="${name}"`), name);
    for (const { content } of responses())
      for (const [code] of examplesOf(content)) assert.ok(body.includes(code), code);
    const targets = [...body.matchAll(/href="#([\w-]+)"/g)].map(([, id = '']) => id);
    assert.ok(targets.length > 50);
    for (const id of targets) assert.ok(body.includes(`id="${id}"`), id);
    assert.doesNotMatch(body, /<script|<style|\sstyle=|\son\w+=|undefined|\[object/);
    context.diagnostic(
      `/docs has ${Math.round(body.length / 1024)} kB, /openapi.json ${Math.round(JSON.stringify(document).length / 1024)} kB`,
    );
  });
});

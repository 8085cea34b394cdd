import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import type { FastifyInstance } from 'fastify';
import { Value } from 'typebox/value';
import { ErrorBody } from '../../src/api/schemas/errors.js';
import { readDocument, type ContentShape, type DocumentShape, type Shape } from '../../src/api/pages/document-shape.js';
import { assertDocumented, schemaChecker } from './documented.js';
import { routesOf } from './routes-of.js';
import { buildTestApi, clientWithoutServer, config } from './service.js';

let app: FastifyInstance;
let document: DocumentShape;
before(async () => {
  app = await buildTestApi(clientWithoutServer());
  document = readDocument((await app.inject('/openapi.json')).json());
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
  Object.assign(broken.paths['/incidents']?.['get'] ?? {}, { operationId: undefined });
  const lint = await createConfig({ rules: { 'operation-operationId': 'error' } });
  const problems = await lintFromString({ source: JSON.stringify(broken), absoluteRef: 'openapi.json', config: lint });
  assert.equal(problems.length, 1);
});

describe('an example', () => {
  test('of a shape fits the shape, and every answer with a body has a shape with a name', () => {
    const check = schemaChecker(document);
    const shapes = Object.entries(document.components.schemas);
    const given = shapes.flatMap(([name, { examples = [] }]) =>
      examples.map((example) => ({ name, wrong: check(['components', 'schemas', name], example) })),
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

  test('is there for every answer with a body, but for pages', () => {
    const answers = operations().flatMap(({ operationId, responses: all }) =>
      Object.entries(all).flatMap(([status, { content = {} }]) =>
        Object.entries(content).map(([type, { schema, examples = {} }]) => ({
          about: `${operationId} ${status} ${type}`,
          examples: [...Object.values(examples), ...(shapeOf(schema).examples ?? [])],
        })),
      ),
    );
    assert.ok(answers.length >= 150, `${answers.length} answers`);
    assert.deepEqual(
      answers.filter(({ about, examples }) => examples.length === 0 && !about.endsWith(' text/html')),
      [],
    );
  });

  test('of each refusal has its code, status and the one shape of errors', () => {
    const check = schemaChecker(document);
    const refusals = operations().flatMap(({ responses: all }) =>
      Object.entries(all).filter(([status, { content }]) => Number(status) >= 400 && examplesOf(content).length > 0),
    );
    assert.ok(refusals.length >= 80, `${refusals.length} refusals`);
    for (const [status, { content }] of refusals)
      for (const [code, { value }] of examplesOf(content)) {
        assert.equal(check(['components', 'schemas', 'Error'], value), null);
        const { statusCode, code: shown } = Value.Parse(ErrorBody, value);
        assert.deepEqual([statusCode, shown], [Number(status), code]);
      }
  });
});

test('every time of an answer has its format', () => {
  const isTime = /^(at|since|from|to|start|end|until|deadline)$|(At|Until|Deadline)$/;
  const found: { name: string; shape: Shape }[] = [];
  const look = ({ properties = {}, items, anyOf = [], additionalProperties }: Shape): void => {
    for (const [name, shape] of Object.entries(properties)) {
      if (isTime.test(name)) found.push({ name, shape });
      look(shape);
    }
    const parts = [items, additionalProperties, ...anyOf].filter((part) => typeof part === 'object');
    parts.forEach(look);
  };
  Object.values(document.components.schemas).forEach(look);
  assert.ok(found.length >= 35, `${found.length} times`);
  const isString = ({ type }: Shape): boolean => type === 'string';
  assert.deepEqual(
    found.filter(({ shape }) => [shape, ...(shape.anyOf ?? [])].find(isString)?.format !== 'date-time'),
    [],
  );
});

test('every request that changes something says what to repeat it does', () => {
  const writes = Object.values(document.paths).flatMap(({ post, delete: end }) =>
    [post, end].filter((one) => one !== undefined),
  );
  assert.ok(writes.length >= 13, `${writes.length} requests`);
  for (const { operationId, description } of writes) assert.match(description, /\bto repeat it\b/i, operationId);
});

const operations = () => Object.values(document.paths).flatMap((methods) => Object.values(methods));
const responses = () => operations().flatMap((one) => Object.values(one.responses));
const examplesOf = (content: ContentShape = {}) => Object.entries(content['application/json']?.examples ?? {});
/** What a reference stands for. */
const shapeOf = (shape: Shape): Shape =>
  shape.$ref === undefined ? shape : (document.components.schemas[shape.$ref.replace(/^.*\//, '')] ?? {});

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
  test('are for everybody, and name the address of the service', async () => {
    for (const url of ['/openapi.json', '/docs']) {
      const { statusCode, body } = await app.inject({ url, headers: { accept: 'text/html' } });
      assert.equal(statusCode, 200);
      assert.ok(body.includes(config.publicUrl));
    }
  });

  test('are not sent again to a client that has them, nor are the style and the script of the pages', async () => {
    for (const url of ['/openapi.json', '/docs', '/assets/style.css', '/assets/live.js']) {
      const { etag = '' } = (await app.inject(url)).headers;
      for (const kept of [etag, `W/${etag}`, `"another", ${etag}`, '*']) {
        const { statusCode, body, headers } = await app.inject({ url, headers: { 'if-none-match': kept } });
        assert.deepEqual([statusCode, body, headers.etag], [304, '', etag], `${url} ${kept}`);
      }
      for (const other of ['"another"', '', etag.replaceAll('"', '')]) {
        const { statusCode, body } = await app.inject({ url, headers: { 'if-none-match': other } });
        assert.deepEqual([statusCode, body === ''], [200, false], `${url} ${other}`);
      }
    }
  });

  test('hold no secret', async () => {
    const secrets = [config.apiToken, ...config.webhookSecrets, ...config.twilio.authTokens, config.twilio.accountSid];
    for (const url of ['/openapi.json', '/docs']) {
      const { body } = await app.inject(url);
      for (const secret of secrets) assert.ok(!body.includes(secret));
    }
  });

  test('/docs shows the example of every body', async () => {
    const { body } = await app.inject('/docs');
    const bodies = operations().flatMap((one) => Object.values(one.requestBody?.content ?? {}));
    const examples = bodies.flatMap(({ schema, example }) => [example ?? shapeOf(schema).examples ?? []].flat());
    assert.ok(examples.length >= 9, `${examples.length} examples`);
    for (const example of examples) {
      const text = JSON.stringify(example, null, 2).replaceAll('"', '&quot;');
      assert.ok(body.includes(`<pre><code>${text}</code></pre>`), text);
    }
  });

  test('/docs shows the default of every parameter and field', async () => {
    const { body } = await app.inject('/docs');
    const shown = [...body.matchAll(/Default: <code>([^<]*)<\/code>/g)].map(([, value]) => value);
    const parameters = operations().flatMap((one) => (one.parameters ?? []).map(({ schema }) => schema));
    const bodies = operations().flatMap((one) =>
      Object.values(one.requestBody?.content ?? {}).map(({ schema }) => schema),
    );
    const fields = [...bodies, ...Object.values(document.components.schemas)].flatMap(({ properties = {} }) =>
      Object.values(properties),
    );
    const wanted = [...parameters, ...fields].flatMap((shape) => shape.default ?? []).map(String);
    assert.ok(wanted.length >= 12, wanted.join(' '));
    assert.deepEqual(shown.toSorted(), wanted.toSorted());
  });

  test('/docs shows every operation, parameter, code and shape of the document, without a script or a style of its own', async (context) => {
    const { body, headers } = await app.inject('/docs');
    assert.match(String(headers['content-type']), /^text\/html/);
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, { operationId }] of Object.entries(methods)) {
        assert.ok(body.includes(`${method.toUpperCase()} ${path}`), path);
        assert.ok(body.includes(`id="${operationId}"`), operationId);
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

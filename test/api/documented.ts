/** Checks what the api answers against the document that it gives at `/openapi.json`. */
import assert from 'node:assert/strict';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { readDocument, type DocumentShape, type OperationShape } from '../../src/api/pages/document-shape.js';

/** The schemas as they are, but no object may have a field that is not documented. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, key === 'examples' ? one : closed(one)]);
  const copy = Object.fromEntries(entries) as Record<string, unknown>;
  return copy['type'] === 'object' && copy['properties'] && !('additionalProperties' in copy)
    ? { ...copy, additionalProperties: false }
    : copy;
}

/** A part of a document by the path of its keys. */
const pointer = (keys: readonly string[]): string =>
  `document#/${keys.map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

/** Gives what is wrong with a value by a schema of the document; null: nothing. */
export function schemaChecker(document: DocumentShape) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(closed(document) as object, 'document');
  return (keys: readonly string[], value: unknown): string | null => {
    const check = ajv.getSchema(pointer(keys));
    assert.ok(check, `the document has ${keys.join(' ')}`);
    return check(value) ? null : ajv.errorsText(check.errors);
  };
}

/** `/incidents/refresh:a:b` → `/incidents/{id}`; of several the one with the fewest parameters. */
function pathIn(document: DocumentShape, url: string): string | undefined {
  const parts = url.replace(/[?#].*/s, '').split('/');
  return Object.keys(document.paths)
    .filter((path) => {
      const wanted = path.split('/');
      return wanted.length === parts.length && wanted.every((part, at) => part.startsWith('{') || part === parts[at]);
    })
    .toSorted((a, b) => a.split('{').length - b.split('{').length)[0];
}

interface Answered {
  method: string;
  url: string;
  status: number;
  type: string;
  body: string;
}

const fault: OperationShape['responses'][string] = {
  description: 'A fault of ours',
  content: { 'application/json': { schema: {} } },
};

/** Asserts that the document has such an answer for the operation. Pages for browsers, and what is no operation, are not in it. */
export function assertDocumented(
  document: DocumentShape,
  check: ReturnType<typeof schemaChecker>,
  answer: Answered,
): void {
  const path = pathIn(document, answer.url);
  const method = answer.method.toLowerCase();
  const operation = path === undefined ? undefined : document.paths[path]?.[method];
  if (path === undefined || operation === undefined || answer.type === 'text/html' || answer.status === 303) return;
  const about = `${answer.method} ${path} → ${answer.status} ${answer.type}`;
  // A fault of ours is the answer of no operation.
  const documented = answer.status === 500 ? fault : operation.responses[answer.status];
  assert.ok(documented, `${about} is documented; it is ${answer.body.slice(0, 1_000)}`);
  if (answer.body === '') return;
  assert.ok(documented.content?.[answer.type], `${about}: the content type is documented`);
  if (answer.type !== 'application/json') return;
  const keys =
    documented === fault
      ? ['components', 'schemas', 'Error']
      : ['paths', path, method, 'responses', String(answer.status), 'content', answer.type, 'schema'];
  const wrong = check(keys, JSON.parse(answer.body));
  assert.equal(wrong, null, `${about}: ${wrong ?? ''} in ${answer.body.slice(0, 1_000)}`);
}

/** From now on every answer to `app.inject` is checked. */
export function checkAnswers(app: FastifyInstance): void {
  let known: { document: DocumentShape; check: ReturnType<typeof schemaChecker> } | undefined;
  const read = () => {
    const document = readDocument(app.swagger());
    return { document, check: schemaChecker(document) };
  };
  const checking: ProxyHandler<FastifyInstance['inject']> = {
    async apply(inject, self, given) {
      const answer: LightMyRequestResponse = await Reflect.apply(inject, self, given);
      const { method = '', url = '' } = answer.raw.req;
      known ??= read();
      assertDocumented(known.document, known.check, {
        method,
        url,
        status: answer.statusCode,
        type: String(answer.headers['content-type'] ?? '').replace(/ *;.*/, ''),
        body: answer.body,
      });
      return answer;
    },
  };
  app.inject = new Proxy(app.inject.bind(app), checking);
}

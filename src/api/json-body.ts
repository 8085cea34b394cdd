import type { FastifyInstance } from 'fastify';
import { problem } from './problem.js';
import { textOf } from './request-body.js';

/** Reads JSON bodies of the routes of a scope: UTF-8 alone, and an empty one as `{}`, whatever the content type is. */
export function readJsonBodies(scope: FastifyInstance): void {
  const parseJson = scope.getDefaultJsonParser('error', 'error');
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = textOf(body);
    if (text === null) done(problem(400, 'BAD_JSON', 'The body is not UTF-8.'));
    else if (text.trim() === '') done(null, {});
    else void parseJson(request, text, done);
  });
}

import type { FastifyPluginAsync } from 'fastify';
import { keptAnswer, sendUnlessKept, type KeptAnswer } from '../kept-by-client.js';
import { showDocument } from '../operations/service.js';
import { docsPage } from '../pages/docs-page.js';
import { readDocument } from '../pages/document-shape.js';

/** `GET /openapi.json` and `/docs`, for everybody: they hold no secret and name nobody. */
export const openApiDocument: FastifyPluginAsync<{ prefix: string }> = async (scope, { prefix }) => {
  const onRequest = [scope.limits.home, scope.shed];

  /** Made at the first request, when all routes are known, and never changed. */
  function once(type: string, make: () => string): () => KeptAnswer {
    let made: KeptAnswer | undefined;
    return () => (made ??= keptAnswer(type, make()));
  }
  const document = once('application/json; charset=utf-8', () => JSON.stringify(scope.swagger()));
  const asPage = once('text/html; charset=utf-8', () => docsPage(readDocument(scope.swagger()), prefix));

  scope.get('/openapi.json', { onRequest, schema: showDocument }, async (request, reply) =>
    sendUnlessKept(request, reply, document()),
  );
  scope.get('/docs', { onRequest }, async (request, reply) => sendUnlessKept(request, reply, asPage()));
};

import { createHash } from 'node:crypto';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { showDocument } from '../operations/service.js';
import { docsPage } from '../pages/docs-page.js';
import { readDocument } from '../pages/document-shape.js';

const noCache = { 'cache-control': 'no-cache' };

const etagOf = (text: string): string => `"${createHash('sha256').update(text).digest('base64url').slice(0, 16)}"`;

/** `GET /openapi.json` and `/docs`, for everybody: they hold no secret and name nobody. */
export const openApiDocument: FastifyPluginAsync<{ prefix: string }> = async (scope, { prefix }) => {
  const onRequest = [scope.limits.home, scope.shed];

  /** Made at the first request, when all routes are known, and never changed. */
  function once(make: () => string): () => { text: string; etag: string } {
    let made: { text: string; etag: string } | undefined;
    return () => {
      if (made) return made;
      const text = make();
      made = { text, etag: etagOf(text) };
      return made;
    };
  }
  const document = once(() => JSON.stringify(scope.swagger()));
  const asPage = once(() => docsPage(readDocument(scope.swagger()), prefix));

  const answer = (
    { text, etag }: { text: string; etag: string },
    type: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ) => {
    void reply.headers({ ...noCache, etag });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type(type).send(text);
  };

  scope.get('/openapi.json', { onRequest, schema: showDocument }, async (request, reply) =>
    answer(document(), 'application/json; charset=utf-8', request, reply),
  );
  scope.get('/docs', { onRequest }, async (request, reply) =>
    answer(asPage(), 'text/html; charset=utf-8', request, reply),
  );
};

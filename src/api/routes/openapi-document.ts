import { createHash } from 'node:crypto';
import type { FastifyPluginAsync } from 'fastify';
import { showDocument } from '../operations/service.js';

/** `GET /openapi.json` and `/docs`, for everybody: they hold no secret and name nobody. */
export const openApiDocument: FastifyPluginAsync<{ prefix: string }> = async (scope) => {
  const onRequest = [scope.limits.home, scope.shed];
  let made: { text: string; etag: string } | undefined;
  /** Made at the first request, when all routes are known, and never changed. */
  function document(): { text: string; etag: string } {
    if (made) return made;
    const text = JSON.stringify(scope.swagger());
    made = { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 16)}"` };
    return made;
  }

  scope.get('/openapi.json', { onRequest, schema: showDocument }, async (request, reply) => {
    const { text, etag } = document();
    void reply.headers({ 'cache-control': 'no-cache', etag });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type('application/json; charset=utf-8').send(text);
  });
};

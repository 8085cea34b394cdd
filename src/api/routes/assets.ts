import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyPluginAsync } from 'fastify';
import { pageAssets } from '../../config/places.js';

const types: Readonly<Record<string, string>> = {
  'style.css': 'text/css; charset=utf-8',
  'live.js': 'text/javascript; charset=utf-8',
};

/** The style and the script of the pages, for everybody: the pages of links need them as well. */
export const assets: FastifyPluginAsync = async (scope) => {
  for (const [name, type] of Object.entries(types)) {
    const body = readFileSync(new URL(name, pageAssets), 'utf8');
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`;
    scope.get(`/assets/${name}`, { onRequest: scope.limits.home }, async (request, reply) => {
      // A browser asks again each time, so that no page meets the style of another version.
      void reply.headers({ 'cache-control': 'no-cache', etag });
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.type(type).send(body);
    });
  }
};

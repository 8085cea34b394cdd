import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyPluginAsync } from 'fastify';
import { pageAssets } from '../../config/places.js';

/** What is served, made of the files of `pages/assets` in this order. */
const served = [
  {
    name: 'style.css',
    type: 'text/css; charset=utf-8',
    files: ['base', 'frame', 'forms', 'tables', 'charts', 'media'].map((part) => `style/${part}.css`),
  },
  { name: 'live.js', type: 'text/javascript; charset=utf-8', files: ['live.js'] },
];

/** The style and the script of the pages, for everybody: the pages of links need them as well. */
export const assets: FastifyPluginAsync = async (scope) => {
  for (const { name, type, files } of served) {
    const body = files.map((file) => readFileSync(new URL(file, pageAssets), 'utf8')).join('');
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`;
    scope.get(`/assets/${name}`, { onRequest: scope.limits.home }, async (request, reply) => {
      // A browser asks again each time, so that no page meets the style of another version.
      void reply.headers({ 'cache-control': 'no-cache', etag });
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.type(type).send(body);
    });
  }
};

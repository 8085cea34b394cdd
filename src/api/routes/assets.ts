import { readFileSync } from 'node:fs';
import type { FastifyPluginAsync } from 'fastify';
import { pageAssets } from '../../config/places.js';
import { keptAnswer, sendUnlessKept } from '../kept-by-client.js';

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
    const asset = keptAnswer(type, files.map((file) => readFileSync(new URL(file, pageAssets), 'utf8')).join(''));
    scope.get(`/assets/${name}`, { onRequest: scope.limits.home }, async (request, reply) =>
      sendUnlessKept(request, reply, asset),
    );
  }
};

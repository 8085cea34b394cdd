import { readFileSync } from 'node:fs';
import type { FastifyPluginAsync } from 'fastify';
import { pageAssets } from '../../config/places.js';
import { keptAnswer, sendUnlessKept } from '../kept-by-client.js';

const types: Readonly<Record<string, string>> = {
  'style.css': 'text/css; charset=utf-8',
  'live.js': 'text/javascript; charset=utf-8',
};

/** The style and the script of the pages, for everybody: the pages of links need them as well. */
export const assets: FastifyPluginAsync = async (scope) => {
  for (const [name, type] of Object.entries(types)) {
    const asset = keptAnswer(type, readFileSync(new URL(name, pageAssets), 'utf8'));
    scope.get(`/assets/${name}`, { onRequest: scope.limits.home }, async (request, reply) =>
      sendUnlessKept(request, reply, asset),
    );
  }
};

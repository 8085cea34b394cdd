/** The page at /: a phone and a Tableau panel. */
import type { FastifyPluginCallback } from 'fastify';
import { readFile } from 'node:fs/promises';

const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};
const files = [
  'index.html',
  ...['style', 'phone', 'call', 'panel'].map((name) => `${name}.css`),
  ...['main', 'dom', 'phone', 'bubble', 'call', 'panel'].map((name) => `${name}.js`),
];

const folder = new URL('page/', import.meta.url);

export const page: FastifyPluginCallback = (app, _options, done) => {
  for (const file of files) {
    const path = file === 'index.html' ? '/' : `/page/${file}`;
    app.get(path, async (_request, reply) => {
      const content = await readFile(new URL(file, folder), 'utf8');
      return reply
        .type(types[file.split('.').at(-1) ?? ''] ?? 'text/plain')
        .header('cache-control', 'no-cache')
        .send(content);
    });
  }
  done();
};

/** The page at /: phones, a Tableau panel, and the incidents of the service. One document without further files, for slow lines. */
import { buildSync } from 'esbuild';
import type { FastifyPluginCallback } from 'fastify';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const folder = new URL('page/', import.meta.url);

const bundled = (file: string): string => {
  const entryPoints = [fileURLToPath(new URL(file, folder))];
  const [output] = buildSync({ entryPoints, bundle: true, minify: true, write: false, target: 'es2022' }).outputFiles;
  if (!output) throw new Error(`There is no bundle of ${file}.`);
  return output.text;
};

const render = (): Buffer => {
  const html = readFileSync(new URL('index.html', folder), 'utf8');
  const style = `<style>${bundled('style.css')}</style>`;
  const script = `<script type="module">${bundled('main.js')}</script>`;
  return Buffer.from(html.replace('<!-- style -->', () => style).replace('<!-- script -->', () => script));
};

export const page: FastifyPluginCallback = (app, _options, done) => {
  let documents: { plain: Buffer; gzip: Buffer } | undefined;
  const whole = () => {
    if (!documents) {
      const plain = render();
      documents = { plain, gzip: gzipSync(plain) };
    }
    return documents;
  };
  app.get('/', (request, reply) => {
    const { plain, gzip } = whole();
    void reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').header('vary', 'accept-encoding');
    const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    return takesGzip ? reply.header('content-encoding', 'gzip').send(gzip) : reply.send(plain);
  });
  done();
};

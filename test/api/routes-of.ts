import type { FastifyInstance } from 'fastify';

/** The routes of an app as `GET /incidents/:id`, without HEAD, which Fastify adds to each GET. */
export function routesOf(app: FastifyInstance): string[] {
  const above: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', part = '', methods = ''] = /^(.*── )(\S+) \((.+)\)$/.exec(line) ?? [];
      if (methods === '') return [];
      const depth = indent.length / 4 - 1;
      above.splice(depth, above.length, part);
      const path = above.join('').replace(/^\/\//, '/');
      return methods
        .split(', ')
        .filter((method) => method !== 'HEAD')
        .map((method) => `${method} ${path}`);
    });
}

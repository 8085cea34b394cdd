import fp from 'fastify-plugin';

const quiet = new Set(['/healthz', '/readyz']);

/** One line per request, by route and never by address: the webhook secret and contact keys are in addresses. */
export const requestLog = fp(
  async (app) => {
    app.addHook('onResponse', async (request, reply) => {
      const route = request.routeOptions.url ?? '(none)';
      const line = { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
      if (quiet.has(route)) request.log.debug(line, 'request');
      else request.log.info(line, 'request');
    });
  },
  { name: 'request-log' },
);

import fp from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyInstance {
    /** Aborted when the process has to end: requests that have begun are answered, and their waits are shortened. */
    draining: AbortSignal;
  }
}

/** Whatever is not answered by then, such as a request whose body does not come, is cut. Milliseconds. */
const longest = 7_000;

/**
 * Lets every request that is here have its answer when the server closes, and its connection end with it: one that is kept alive
 * would keep us alive for a minute.
 */
export const drain = fp(
  async (app) => {
    const draining = new AbortController();
    app.decorate('draining', draining.signal);
    app.addHook('preClose', async () => {
      draining.abort();
      setTimeout(() => app.server.closeAllConnections(), longest).unref();
    });
    app.addHook('onSend', async (_request, reply, payload) => {
      if (draining.signal.aborted) void reply.header('connection', 'close');
      return payload;
    });
  },
  { name: 'drain' },
);

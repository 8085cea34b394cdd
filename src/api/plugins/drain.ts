import fp from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyInstance {
    /** Aborted when the process has to end: requests that have begun are answered, and their waits are shortened. */
    draining: AbortSignal;
  }
}

/** After this, connections with an unanswered request are closed, such as one whose body does not arrive. */
const closeTimeoutMs = 7_000;

/**
 * Answers every running request when the server closes, and ends its connection with the answer: a connection that is kept alive would
 * keep the process alive for a minute.
 */
export const drain = fp(
  async (app) => {
    const draining = new AbortController();
    app.decorate('draining', draining.signal);
    app.addHook('preClose', async () => {
      draining.abort();
      setTimeout(() => app.server.closeAllConnections(), closeTimeoutMs).unref();
    });
    app.addHook('onSend', async (_request, reply, payload) => {
      if (draining.signal.aborted) void reply.header('connection', 'close');
      return payload;
    });
  },
  { name: 'drain' },
);

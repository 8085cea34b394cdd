import type { Client } from '@temporalio/client';
import fp from 'fastify-plugin';
import { createTemporalGateway, type TemporalGateway, type TemporalTimeouts } from '../temporal-gateway.js';

declare module 'fastify' {
  interface FastifyInstance {
    temporal: TemporalGateway;
  }
}

/** Decorates the app with the gateway to Temporal; closing the app waits for calls that are running. */
export const temporal = fp<{ client: Client; timeouts: TemporalTimeouts }>(
  async (app, { client, timeouts }) => {
    const gateway = createTemporalGateway({ client, timeouts, log: app.log, draining: app.draining });
    app.decorate('temporal', gateway);
    // The owner of the connection closes it after the app.
    app.addHook('onClose', gateway.settled);
  },
  { name: 'temporal', dependencies: ['errors', 'drain'] },
);

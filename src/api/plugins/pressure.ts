import { getHeapStatistics } from 'node:v8';
import underPressure from '@fastify/under-pressure';
import fp from 'fastify-plugin';
import { problem } from '../problem.js';

export interface PressureLimits {
  /** The mean delay of the event loop during one sample. */
  maxEventLoopDelayMs: number;
  maxHeapUsedBytes: number;
  /** Long: a machine that stalls for a second is no reason to refuse anybody. */
  sampleIntervalMs: number;
}

export const defaultPressure = (): PressureLimits => ({
  maxEventLoopDelayMs: 500,
  maxHeapUsedBytes: 0.9 * getHeapStatistics().heap_size_limit,
  sampleIntervalMs: 5_000,
});

declare module 'fastify' {
  interface FastifyInstance {
    /** A hook of the routes that can wait; events, delivery receipts, replies, answers and health checks never do. */
    shed: () => Promise<void>;
  }
}

export const pressure = fp<{ limits: PressureLimits }>(
  async (app, { limits }) => {
    // A handler that does nothing: without one the plugin refuses every request.
    await app.register(underPressure, {
      maxEventLoopDelay: limits.maxEventLoopDelayMs,
      maxHeapUsedBytes: limits.maxHeapUsedBytes,
      sampleInterval: limits.sampleIntervalMs,
      pressureHandler: () => undefined,
    });
    app.decorate('shed', async () => {
      if (app.isUnderPressure())
        throw problem(503, 'UNDER_PRESSURE', 'There is too much to do now. Try again soon.', {
          headers: { 'retry-after': '10' },
        });
    });
  },
  { name: 'pressure', dependencies: ['errors'] },
);

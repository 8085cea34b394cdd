import type { FastifyPluginAsync } from 'fastify';
import { isAlive, isReady } from '../operations/service.js';
import { cached } from '../cached.js';
import type { WorkersState } from '../health/workers-state.js';
import type { UnknownSenders } from './twilio-message.js';

interface Options {
  workers?: (() => WorkersState) | undefined;
  unknownSenders: UnknownSenders;
  clock: () => number;
}

/** A result of Temporal is reused for this long, since anybody may request it. */
const maxAgeMs = 250;

/** `/healthz`: the process is alive, its workers included. `/readyz`: Temporal is reachable, and our own workers have begun once. */
export const health: FastifyPluginAsync<Options> = async (scope, { workers, unknownSenders, clock }) => {
  scope.get('/healthz', { schema: isAlive }, async (_request, reply) => {
    if (!workers?.().areStuck) return { status: 'ok' };
    void reply.code(503);
    return { status: 'the workers do not respond' };
  });

  let isUnavailable = false;
  /** Logs a change once, with its reason: load balancers request this every few seconds. */
  function logChange(reachable: boolean, error?: unknown): boolean {
    const err = error instanceof Error && error.cause ? error.cause : error;
    if (!reachable && !isUnavailable)
      scope.log.error({ err, alarm: 'temporal-unavailable' }, 'Temporal cannot be reached');
    if (reachable && isUnavailable) scope.log.info({ alarm: 'temporal-unavailable' }, 'Temporal can be reached again');
    isUnavailable = !reachable;
    return reachable;
  }

  const askTemporal = cached(
    () =>
      scope.temporal
        .request(scope.temporal.timeouts.readyTimeoutMs, (client) =>
          client.workflowService.describeNamespace({ namespace: client.options.namespace }),
        )
        .then(
          () => logChange(true),
          (error: unknown) => logChange(false, error),
        ),
    maxAgeMs,
    clock,
  );

  scope.get('/readyz', { schema: isReady }, async (_request, reply) => {
    const reachable = await askTemporal();
    const own = workers?.();
    const ready = reachable && (own?.begun ?? true);
    void reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
    return {
      status: ready ? 'ready' : 'not ready',
      temporal: reachable ? 'reachable' : 'unavailable',
      unknownSenders: unknownSenders.count(),
      underPressure: scope.isUnderPressure(),
      ...(own === undefined ? {} : { begun: own.begun, workers: own.workers }),
    };
  });
};

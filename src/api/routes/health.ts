import type { FastifyPluginAsync } from 'fastify';
import { remembered } from '../alarms.js';
import type { UnknownSenders } from '../unknown-senders.js';

/** The workers of the same process. */
export interface WorkersState {
  /** Whether all of them have begun once. */
  begun: boolean;
  /** Task queue → what its worker does now. */
  workers: Record<string, string>;
}

interface Options {
  workers?: (() => WorkersState) | undefined;
  unknownSenders: UnknownSenders;
  clock: () => number;
}

/** How long what Temporal said is said again, milliseconds: everybody may ask. */
const goodFor = 250;

/** `/healthz`: the process is alive. `/readyz`: Temporal is reachable, and our own workers have begun once. */
export const health: FastifyPluginAsync<Options> = async (scope, { workers, unknownSenders, clock }) => {
  scope.get('/healthz', async () => ({ status: 'ok' }));

  let away = false;
  /** Said once, with the reason: it is asked every few seconds. */
  function tell(reachable: boolean, error?: unknown): boolean {
    const err = error instanceof Error && error.cause ? error.cause : error;
    if (!reachable && !away) scope.log.error({ err, alarm: 'temporal-away' }, 'Temporal cannot be reached');
    if (reachable && away) scope.log.info({ alarm: 'temporal-away' }, 'Temporal can be reached again');
    away = !reachable;
    return reachable;
  }

  const askTemporal = remembered(
    () =>
      scope.temporal
        .within(scope.temporal.patience.ready, (client) =>
          client.workflowService.describeNamespace({ namespace: client.options.namespace }),
        )
        .then(
          () => tell(true),
          (error: unknown) => tell(false, error),
        ),
    goodFor,
    clock,
  );

  scope.get('/readyz', async (_request, reply) => {
    const reachable = await askTemporal();
    const own = workers?.();
    const ready = reachable && (own?.begun ?? true);
    void reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
    return {
      status: ready ? 'ready' : 'not ready',
      temporal: reachable ? 'reachable' : 'away',
      unknownSenders: unknownSenders.count(),
      underPressure: scope.isUnderPressure(),
      ...(own === undefined ? {} : { begun: own.begun, workers: own.workers }),
    };
  });
};

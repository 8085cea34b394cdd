/**
 * What only a worker can read, for whoever looks at a page: an activity without a workflow (`client.activity`). Where no worker and no such feature of
 * Temporal is there, it is not known.
 */
import { randomUUID } from 'node:crypto';
import { grpcCodeOf, grpcCodes } from '../temporal/errors.js';
import { hour, second, taskQueues } from '../workflows/contract.js';
import type { TemporalGateway } from './temporal-gateway.js';

/** Temporal servers before 1.31 have no activities without a workflow. */
const unsupportedForMs = hour;

interface WorkerRead {
  activity: string;
  /** The beginning of its id. */
  id: string;
  args: unknown[];
  /** Without a worker it is forgotten after that. */
  timeoutMs: number;
}

/** Gives null where nobody has answered. */
export type ReadByWorker = (read: WorkerRead) => Promise<unknown>;

export function createReadByWorker(temporal: TemporalGateway, clock: () => number): ReadByWorker {
  let unsupportedUntil = 0;
  return async ({ activity, id, args, timeoutMs }) => {
    if (clock() < unsupportedUntil) return null;
    try {
      // By the gateway, for which a process that ends waits.
      return await temporal.request<unknown>(timeoutMs + second, (client) =>
        client.activity.execute(activity, {
          id: `${id}:${randomUUID()}`,
          taskQueue: taskQueues.incidents,
          args,
          scheduleToCloseTimeout: timeoutMs,
          startToCloseTimeout: timeoutMs,
          retry: { maximumAttempts: 1 },
        }),
      );
    } catch (error) {
      if (grpcCodeOf(error) === grpcCodes.unimplemented) unsupportedUntil = clock() + unsupportedForMs;
      return null;
    }
  };
}

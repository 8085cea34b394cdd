import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, QueryNotRegisteredError, ServiceError, type Client } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import fp from 'fastify-plugin';
import { problem, type Problem } from './errors.js';

/** How long we wait for Temporal, in milliseconds. */
export interface Patience {
  /** Before a webhook is answered 503. Assume that Tableau waits 3 s. */
  webhook: number;
  /** How long its signal goes on after that. */
  background: number;
  /** Before Twilio is told that nothing was recorded. Twilio waits 15 s. */
  twilio: number;
  /** For what became of an answer. */
  outcome: number;
  /** For what scripts and people read. */
  read: number;
  ready: number;
}

export const defaultPatience: Patience = {
  webhook: 2500,
  background: 30_000,
  twilio: 10_000,
  outcome: 4000,
  read: 4000,
  ready: 2000,
};

/** Before the first question for an outcome. */
const firstLook = 100;
/** Between two questions for an outcome. */
const pollInterval = 150;
/** How long what has begun may wait for Temporal after we were asked to end. */
const lastWait = 5000;

export interface TemporalDoor {
  patience: Patience;
  /**
   * Runs an idempotent `call` for at most `ms`, again and again while Temporal is unavailable; throws `temporalAway` when it
   * does not answer in time, or refuses.
   */
  within: <T>(ms: number, call: (client: Client) => Promise<T>) => Promise<T>;
  /**
   * Runs an idempotent `call` until it is done, and throws `temporalAway` after `patience.webhook`; it then goes on
   * until `patience.background`, and its end is logged with `about`.
   */
  insist: <T>(about: Record<string, string>, call: (client: Client) => Promise<T>) => Promise<T>;
  /** Asks after 100 ms, then every 150 ms until there is an answer; null when there is none within `ms`, whatever the reason. */
  ask: <T>(ms: number, question: (client: Client) => Promise<T | null>) => Promise<T | null>;
}

declare module 'fastify' {
  interface FastifyInstance {
    temporal: TemporalDoor;
  }
}

export const temporalAway = (cause?: unknown): Problem =>
  problem(503, 'TEMPORAL_AWAY', 'Temporal does not answer. Try again soon.', {
    headers: { 'retry-after': '5' },
    cause,
  });

const isRefusal = (error: unknown): boolean =>
  error instanceof ServiceError || error instanceof NamespaceNotFoundError || isGrpcServiceError(error);

/**
 * UNKNOWN, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE, DATA_LOSS:
 * https://grpc.github.io/grpc/core/md_doc_statuscodes.html
 */
const passing = new Set([2, 8, 10, 13, 14, 15]);

/** Also a question that a worker could not answer: an old one in a rolling update, or one that was asked before a task. */
function isPassing(error: unknown): boolean {
  const code = grpcCodeOf(error);
  return error instanceof QueryNotRegisteredError || (code !== undefined && passing.has(code));
}

/** The gRPC status of an error of the client or of one of its services; undefined for anything else. */
export function grpcCodeOf(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof Error && error.cause !== undefined ? grpcCodeOf(error.cause) : undefined;
}

export const temporal = fp<{ client: Client; patience: Patience }>(
  async (app, { client, patience }) => {
    const running = new Map<Promise<unknown>, AbortController>();
    const { orAway, expire } = createWaits();
    app.draining.addEventListener('abort', () => setTimeout(expire, lastWait).unref(), { once: true });

    async function within<T>(ms: number, call: (client: Client) => Promise<T>): Promise<T> {
      // One per call: the SDK adds a listener for every request, and never takes it off again.
      const end = new AbortController();
      setMaxListeners(0, end.signal);
      const deadline = Date.now() + ms;
      const work = client.withAbortSignal(end.signal, () =>
        client.withDeadline(deadline, () => untilDone(deadline, end.signal, () => call(client))),
      );
      running.set(work, end);
      const forget = () => running.delete(work);
      work.then(forget, forget);
      try {
        return await orAway(ms, work);
      } catch (error) {
        end.abort();
        throw isRefusal(error) ? temporalAway(error) : error;
      }
    }

    async function insist<T>(about: Record<string, string>, call: (client: Client) => Promise<T>): Promise<T> {
      let pending = true;
      const work = within(patience.background, call).finally(() => {
        pending = false;
      });
      try {
        return await orAway(patience.webhook, work);
      } catch (error) {
        if (pending) {
          app.log.warn(about, 'Temporal does not answer; the signal goes on');
          work.then(
            () => app.log.info(about, 'Temporal has the signal now'),
            (err: unknown) => app.log.error({ ...about, err }, 'Temporal never took the signal'),
          );
        } else app.log.error({ ...about, err: error }, 'Temporal refused the signal');
        throw error;
      }
    }

    async function ask<T>(ms: number, question: (client: Client) => Promise<T | null>): Promise<T | null> {
      const deadline = Date.now() + ms;
      // What was signalled just now is not known at once.
      await sleep(Math.min(ms / 2, firstLook));
      for (;;) {
        const left = deadline - Date.now();
        if (left <= 0) return null;
        const answer = await within(left, question).catch(() => null);
        if (answer !== null || app.draining.aborted) return answer;
        await sleep(Math.max(1, Math.min(pollInterval, deadline - Date.now())));
      }
    }

    app.decorate('temporal', { patience, within, insist, ask });
    // Whoever closes the connection next finds no call on it.
    app.addHook('onClose', async () => void (await Promise.allSettled(running.keys())));
  },
  { name: 'temporal', dependencies: ['errors', 'drain'] },
);

async function untilDone<T>(deadline: number, end: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let pause = 50; ; pause = Math.min(500, pause * 2)) {
    try {
      return await call();
    } catch (error) {
      if (!isPassing(error) || end.aborted || Date.now() + pause >= deadline) throw error;
      await sleep(pause, undefined, { signal: end }).catch(() => Promise.reject(error));
    }
  }
}

/** Waits that all end together when it is time. */
function createWaits() {
  const waits = new Set<() => void>();
  let expired = false;
  return {
    /** The result of `work`, or `temporalAway` after `ms` or when all waits end; the work itself is not ended. */
    orAway: <T>(ms: number, work: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        const giveUp = () => reject(temporalAway());
        const timer = setTimeout(giveUp, expired ? 0 : ms);
        waits.add(giveUp);
        void work.then(resolve, reject).finally(() => {
          clearTimeout(timer);
          waits.delete(giveUp);
        });
      }),
    expire: () => {
      expired = true;
      for (const giveUp of waits) giveUp();
    },
  };
}

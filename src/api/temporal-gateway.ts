import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { FastifyBaseLogger } from 'fastify';
import { isServiceFailure, isTransient, temporalUnavailable } from './temporal-errors.js';

/** How long the api waits for Temporal. */
export interface TemporalTimeouts {
  /** Until a webhook is answered 503. Assume that Tableau waits 3 s. */
  webhookTimeoutMs: number;
  /** Until the signal of such a webhook is given up, counted from its arrival. */
  backgroundTimeoutMs: number;
  /** Until a request of Twilio is answered without Temporal. Twilio waits 15 s. */
  twilioTimeoutMs: number;
  /** For the outcome of an answer or a reply. */
  outcomeTimeoutMs: number;
  /** For reads by scripts. */
  readTimeoutMs: number;
  /** For `GET /` and `GET /readyz`. */
  readyTimeoutMs: number;
}

export const defaultTemporalTimeouts: TemporalTimeouts = {
  webhookTimeoutMs: 2500,
  backgroundTimeoutMs: 30_000,
  twilioTimeoutMs: 10_000,
  outcomeTimeoutMs: 4000,
  readTimeoutMs: 4000,
  readyTimeoutMs: 2000,
};

type Call<T> = (client: Client) => Promise<T>;
type QueryCall<T> = (workflow: WorkflowHandle) => Promise<T>;

/** Calls to Temporal with a time limit. `call` is repeated after transient errors, so it must be idempotent. */
export interface TemporalGateway {
  timeouts: TemporalTimeouts;
  /** Throws `temporalUnavailable` when the call fails in Temporal or takes longer than `timeoutMs`, which also cancels it. */
  request: <T>(timeoutMs: number, call: Call<T>) => Promise<T>;
  /**
   * Throws `temporalUnavailable` after `webhookTimeoutMs`, but continues the call until `backgroundTimeoutMs` and logs its
   * end with `fields`.
   */
  deliver: <T>(fields: Record<string, string>, call: Call<T>) => Promise<T>;
  /**
   * As `request`, for a query about a workflow. One query about each is under way at a time: the next worker has to answer all that wait
   * before it goes on, and two can cost the workflow 10 s (docs/decisions, 8). Throws `temporalUnavailable` as well when another has
   * waited for a second, for then no worker will answer.
   */
  query: <T>(workflowId: string, timeoutMs: number, call: QueryCall<T>) => Promise<T>;
  /** Repeats a read until its result is not null; gives null after `timeoutMs`, also when every read failed. */
  poll: <T>(timeoutMs: number, read: (remainingMs: number) => Promise<T | null>) => Promise<T | null>;
}

interface GatewayOptions {
  client: Client;
  timeouts: TemporalTimeouts;
  log: FastifyBaseLogger;
  /** Aborted when the api shuts down. */
  draining: AbortSignal;
}

const firstPollDelayMs = 100;
const pollIntervalMs = 150;
/** How long calls may still wait for Temporal after `draining` was aborted. */
const drainTimeoutMs = 5000;
/** No worker will answer a query that has waited this long. */
const slowQueryMs = 1_000;

/** `settled` resolves when no call is running. */
export function createTemporalGateway(options: GatewayOptions): TemporalGateway & { settled: () => Promise<void> } {
  const { client, timeouts, draining } = options;
  const running = new Set<Promise<unknown>>();
  const waits = createWaits();
  draining.addEventListener('abort', () => setTimeout(waits.expire, drainTimeoutMs).unref(), { once: true });

  async function request<T>(timeoutMs: number, call: Call<T>): Promise<T> {
    // One controller per call: the SDK adds a listener for every gRPC request and never removes it.
    const cancel = new AbortController();
    setMaxListeners(0, cancel.signal);
    const deadline = Date.now() + timeoutMs;
    const work = client.withAbortSignal(cancel.signal, () =>
      client.withDeadline(deadline, () => retry(deadline, cancel.signal, () => call(client))),
    );
    running.add(work);
    const remove = () => running.delete(work);
    work.then(remove, remove);
    try {
      return await waits.limit(timeoutMs, work);
    } catch (error) {
      cancel.abort();
      throw isServiceFailure(error) ? temporalUnavailable(error) : error;
    }
  }

  const query = createQuery(request);
  const settled = async () => void (await Promise.allSettled(running));
  return {
    timeouts,
    request,
    deliver: createDeliver(options, request, waits),
    query,
    poll: createPoll(draining),
    settled,
  };
}

function createDeliver(
  { timeouts, log }: GatewayOptions,
  request: TemporalGateway['request'],
  waits: Waits,
): TemporalGateway['deliver'] {
  return async (fields, call) => {
    let pending = true;
    const work = request(timeouts.backgroundTimeoutMs, call).finally(() => {
      pending = false;
    });
    try {
      return await waits.limit(timeouts.webhookTimeoutMs, work);
    } catch (error) {
      if (pending) {
        log.warn(fields, 'Temporal did not answer in time; the signal is retried in the background');
        work.then(
          () => log.info(fields, 'Temporal accepted the signal in the background'),
          (err: unknown) => log.error({ ...fields, err }, 'Temporal did not accept the signal'),
        );
      } else log.error({ ...fields, err: error }, 'Temporal refused the signal');
      throw error;
    }
  };
}

function createQuery(request: TemporalGateway['request']): TemporalGateway['query'] {
  /** The queries that are under way, by workflow. */
  const underWay = new Map<string, { since: number; end: Promise<void> }>();

  return async (workflowId, timeoutMs, call) => {
    const deadline = Date.now() + timeoutMs;
    // Nothing may be awaited between the last look at the map and the entry in it.
    for (let other = underWay.get(workflowId); other !== undefined; other = underWay.get(workflowId)) {
      const leftMs = Math.min(deadline, other.since + slowQueryMs) - Date.now();
      if (leftMs <= 0) throw temporalUnavailable();
      await Promise.race([other.end, sleep(leftMs, undefined, { ref: false })]);
    }
    const work = request(deadline - Date.now(), (client) => call(client.workflow.getHandle(workflowId)));
    const remove = () => void underWay.delete(workflowId);
    underWay.set(workflowId, { since: Date.now(), end: work.then(remove, remove) });
    return work;
  };
}

function createPoll(draining: AbortSignal): TemporalGateway['poll'] {
  return async (timeoutMs, read) => {
    const deadline = Date.now() + timeoutMs;
    // A worker needs some time to process the signal that was just sent.
    await sleep(Math.min(timeoutMs / 2, firstPollDelayMs));
    for (;;) {
      const remainingMs = deadline - Date.now();
      if (remainingMs <= 0) return null;
      const result = await read(remainingMs).catch(() => null);
      if (result !== null || draining.aborted) return result;
      await sleep(Math.max(1, Math.min(pollIntervalMs, deadline - Date.now())));
    }
  };
}

async function retry<T>(deadline: number, cancelled: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let pauseMs = 50; ; pauseMs = Math.min(500, pauseMs * 2)) {
    try {
      return await call();
    } catch (error) {
      if (!isTransient(error) || cancelled.aborted || Date.now() + pauseMs >= deadline) throw error;
      await sleep(pauseMs, undefined, { signal: cancelled }).catch(() => Promise.reject(error));
    }
  }
}

type Waits = ReturnType<typeof createWaits>;

/** Waits with a time limit that can all be ended at once. */
function createWaits() {
  const pending = new Set<() => void>();
  let expired = false;
  return {
    /** The result of `work`, or `temporalUnavailable` after `timeoutMs` or on `expire`; `work` itself continues. */
    limit: <T>(timeoutMs: number, work: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        const giveUp = () => reject(temporalUnavailable());
        const timer = setTimeout(giveUp, expired ? 0 : timeoutMs);
        pending.add(giveUp);
        void work.then(resolve, reject).finally(() => {
          clearTimeout(timer);
          pending.delete(giveUp);
        });
      }),
    expire: () => {
      expired = true;
      for (const giveUp of pending) giveUp();
    },
  };
}

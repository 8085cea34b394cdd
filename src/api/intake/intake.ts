/**
 * Group commit for bursts: events that arrive while a call to Temporal is under way are made durable together, as one `intake`
 * workflow that delivers them (docs/decisions, 23).
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { Escalation } from '../../policy/route.js';
import { undelivered } from '../../temporal/batches.js';
import { grpcCodeOf, grpcCodes } from '../../temporal/errors.js';
import { taskQueues, type IncidentInput, type Policy } from '../../workflows/contract.js';
import {
  intakeType,
  intakeWorkflowId,
  type IntakeEntry,
  type IntakeInput,
  type IntakeMemo,
} from '../../workflows/intake-contract.js';
import { cached } from '../cached.js';
import type { TemporalGateway } from '../temporal-gateway.js';

export interface Intake {
  /** Resolves when Temporal has the entry, as one of a batch. Throws `temporalUnavailable` after `backgroundTimeoutMs`. */
  add: (entry: IntakeEntry, policy?: Policy) => Promise<void>;
  /** Whether some api process has failures in batches that are not delivered yet, as far as can be known. */
  isPending: () => Promise<boolean>;
}

export interface IntakeOptions {
  temporal: TemporalGateway;
  /** As of now: the escalation file may change. */
  settings: () => IncidentInput['settings'];
  /** Whether the namespace knows our search attributes. */
  indexed: () => Promise<boolean>;
  clock: () => number;
  /** Aborted when the api shuts down: what fails then is not tried again. */
  draining: AbortSignal;
}

interface Queued {
  entry: IntakeEntry;
  policy: Policy | undefined;
  sizeBytes: number;
  expiresAt: number;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** What an incident takes from the settings of the escalation file. */
export const incidentSettings = ({ settings: { lingerMs, forgetMs } }: Escalation): IncidentInput['settings'] => ({
  lingerMs,
  forgetMs,
});

/** Of one batch: it stays far below what Temporal takes as one payload (2 MB). */
const most = { entries: 200, sizeBytes: 256 * 1024 } as const;
const startTimeoutMs = 5_000;
const pauseAfterFailureMs = 200;
const listMaxAgeMs = 1_000;
/** Batches that were seen may be delivered by now, and their incidents about to begin; and visibility is late. */
const seenMs = 10_000;

export function createIntake({ temporal, settings, indexed, clock, draining }: IntakeOptions): Intake {
  let queue: Queued[] = [];
  let isStarting = false;
  let seenAt = Number.NEGATIVE_INFINITY;

  /** One batch after the other: what arrives while one is started goes with the next. */
  async function startBatches(): Promise<void> {
    if (isStarting) return;
    isStarting = true;
    while (queue.length > 0) {
      const batch = queue.splice(0, lengthOfBatch(queue));
      try {
        await start(batch);
        batch.forEach(({ resolve }) => resolve());
      } catch (error) {
        // What Temporal has all the same is a copy then, which incidents drop.
        queue.unshift(...batch);
        expire(error);
        await sleep(pauseAfterFailureMs);
      }
    }
    isStarting = false;
  }

  function expire(error: unknown): void {
    const now = draining.aborted ? Number.POSITIVE_INFINITY : clock();
    for (const { expiresAt, reject } of queue) if (expiresAt <= now) reject(error);
    queue = queue.filter(({ expiresAt }) => expiresAt > now);
  }

  async function start(batch: readonly Queued[]): Promise<void> {
    const input: IntakeInput = {
      entries: batch.map(({ entry }) => entry),
      policies: Object.fromEntries(batch.flatMap(({ policy }) => (policy ? [[policy.name, policy]] : []))),
      settings: settings(),
      searchAttributes: await indexed(),
    };
    const workflowId = intakeWorkflowId(randomUUID());
    await temporal.request(startTimeoutMs, (client) => startBatch(client, workflowId, input));
  }

  const listed = cached(
    () => temporal.request(temporal.timeouts.readyTimeoutMs, hasUndelivered).catch(mayHaveBatches),
    listMaxAgeMs,
    clock,
  );

  return {
    add: (entry, policy) =>
      new Promise((resolve, reject) => {
        if (entry.what === 'failure') seenAt = clock();
        const sizeBytes = Buffer.byteLength(JSON.stringify(entry));
        const expiresAt = clock() + temporal.timeouts.backgroundTimeoutMs;
        queue.push({ entry, policy, sizeBytes, expiresAt, resolve, reject });
        void startBatches();
      }),
    async isPending() {
      if (clock() - seenAt >= seenMs && (await listed())) seenAt = clock();
      return clock() - seenAt < seenMs;
    },
  };
}

function lengthOfBatch(queue: readonly Queued[]): number {
  let sizeBytes = 0;
  const over = queue.findIndex((one, index) => {
    sizeBytes += one.sizeBytes;
    return index === most.entries || (index > 0 && sizeBytes > most.sizeBytes);
  });
  return over === -1 ? queue.length : over;
}

/** Safe to repeat: a batch that Temporal has already, or that is delivered by now, is not started again. */
async function startBatch(client: Client, workflowId: string, input: IntakeInput): Promise<void> {
  const count = input.entries.length;
  const waits = input.entries.every(({ what }) => what !== 'failure');
  const memo: IntakeMemo = { waiting: count };
  try {
    await client.workflow.start(intakeType, {
      workflowId,
      taskQueue: taskQueues.incidents,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: count === 1 ? '1 event of a burst' : `${count} events of a burst`,
      ...(waits && { memo: { intake: memo } }),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** A server that cannot list (the time-skipping one) has no other api process beside ours either. */
const mayHaveBatches = (error: unknown): boolean => grpcCodeOf(error) !== grpcCodes.unimplemented;

async function hasUndelivered(client: Client): Promise<boolean> {
  for await (const _ of undelivered(client)) return true;
  return false;
}

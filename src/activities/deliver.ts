import { activityInfo, Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { BaseLogger } from 'pino';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { signalAnswer, signalEnd, signalFailure } from '../temporal/incidents.js';
import { undelivered } from '../temporal/batches.js';
import { grpcCodeOf, grpcCodes, reasonOf } from '../temporal/errors.js';
import type { DeliverInput, IntakeActivities, IntakeEntry } from '../workflows/intake-contract.js';
import type { Pace } from './pace.js';

export interface IntakeDependencies {
  client: Client;
  pace: Pace;
  /** Of this service, without a trailing slash. */
  publicUrl: string;
  logger: BaseLogger;
}

/** What an attempt hands to the next one: entries before `next` were tried. */
const Progress = Type.Object({
  next: Type.Integer(),
  waiting: Type.Array(Type.Integer()),
  failed: Type.Array(Type.Object({ index: Type.Integer(), why: Type.String(), permanent: Type.Boolean() })),
});

/** Below the heartbeat timeout, so that a call that hangs is a failure of its entry, not of the whole attempt. */
const signalTimeoutMs = 4_000;
const listTimeoutMs = 4_000;

export function createIntakeActivities({ client, pace, publicUrl, logger }: IntakeDependencies): IntakeActivities {
  async function signal(entry: IntakeEntry, input: DeliverInput): Promise<boolean> {
    const { incident } = entry;
    switch (entry.what) {
      case 'failure': {
        const policy = input.policies[entry.policy];
        // Tried again, it would be missing again.
        if (policy === undefined) throw new RangeError(`The batch has no policy ${entry.policy}.`);
        const { settings, searchAttributes } = input;
        const signalled = (known: boolean) =>
          signalFailure(client, { ...entry, policy }, { settings, searchAttributes: known }, publicUrl);
        // Somebody may have removed the search attributes.
        await signalled(searchAttributes).catch((error: unknown) => {
          if (!searchAttributes || !isInvalid(error)) throw error;
          return signalled(false);
        });
        return true;
      }
      case 'end':
        return signalEnd(client, incident, entry.event);
      case 'answer':
        return signalAnswer(client, incident, entry.answer);
    }
  }

  async function hasEarlierBatch(startedAt: number): Promise<boolean> {
    const { workflowId } = activityInfo().workflowExecution ?? {};
    try {
      return await client.withDeadline(Date.now() + listTimeoutMs, async () => {
        for await (const batch of undelivered(client, startedAt)) if (batch.workflowId !== workflowId) return true;
        return false;
      });
    } catch (err) {
      logger.warn({ err }, 'earlier batches of events cannot be listed');
      return true;
    }
  }

  return {
    async deliver(input) {
      const earlier: unknown = activityInfo().heartbeatDetails;
      const progress: Static<typeof Progress> = Value.Check(Progress, earlier)
        ? earlier
        : { next: 0, waiting: [], failed: [] };
      const mayWait = input.entries.some(({ what }) => what !== 'failure');
      // Before the tries: an incident that a batch starts while they run is found by the next ones.
      const hasEarlier = mayWait && (await hasEarlierBatch(input.startedAt));
      Context.current().heartbeat(progress);
      for (const [index, entry] of input.entries.entries()) {
        if (index < progress.next) continue;
        Context.current().cancellationSignal.throwIfAborted();
        try {
          const isDelivered = await pace.run(() =>
            client.withDeadline(Date.now() + signalTimeoutMs, () => signal(entry, input)),
          );
          if (!isDelivered) progress.waiting.push(index);
        } catch (error) {
          progress.failed.push({ index, why: reasonOf(error), permanent: isPermanent(error) });
        }
        progress.next = index + 1;
        Context.current().heartbeat(progress);
      }
      const { waiting, failed } = progress;
      return { waiting, failed, hasEarlierBatch: hasEarlier };
    },
  };
}

const isInvalid = (error: unknown): boolean => grpcCodeOf(error) === grpcCodes.invalidArgument;
const isPermanent = (error: unknown): boolean => error instanceof RangeError || isInvalid(error);

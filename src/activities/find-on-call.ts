import type { BaseLogger } from 'pino';
import type { EscalationSource } from '../policy/escalation-source.js';
import { dutyAt } from '../policy/on-call.js';
import { scheduleNamed, withOverrides } from '../policy/overrides.js';
import { addressOf, type Escalation } from '../policy/route.js';
import { reasonOf } from '../temporal/errors.js';
import type { OnCallActivities } from '../workflows/activity-contract.js';
import type { Item } from '../workflows/contract.js';
import type { Override } from '../workflows/on-call-contract.js';
import { ownerReference, scheduleOf } from '../workflows/references.js';

export interface OnCallDependencies {
  escalation: EscalationSource;
  /** The user name and the e-mail address of an item's owner in Tableau, as far as they are known. */
  ownerNames: (item: Item, signal: AbortSignal) => Promise<string[]>;
  /** Those that were made while the service runs. */
  overrides: () => Promise<Override[]>;
  logger: BaseLogger;
  clock?: () => number;
}

/** A page waits for this. */
const ownerTimeoutMs = 1_000;

/** Finds out whom the schedules of the escalation file and the owner of an item mean. */
export function createOnCallActivities(dependencies: OnCallDependencies): OnCallActivities {
  const { escalation, ownerNames, overrides, logger, clock = Date.now } = dependencies;

  async function ownerOf({ owners = {} }: Escalation, item: Item): Promise<string | null> {
    const signal = AbortSignal.timeout(ownerTimeoutMs);
    const names = await ownerNames(item, signal).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : 'unknown';
      logger.warn({ luid: item.luid, why }, 'the owner could not be looked up in time: the fallback is paged');
      return [];
    });
    for (const name of names) {
      const key = name.toLowerCase();
      if (Object.hasOwn(owners, key)) return owners[key] ?? null;
    }
    return null;
  }

  /** What is wrong with one reference must not keep the others from being paged. */
  async function findOrNull(
    inForce: Escalation,
    reference: string,
    item: Item,
    made: () => Promise<Override[]>,
  ): Promise<string | null> {
    try {
      return await find(inForce, reference, item, made);
    } catch (error) {
      logger.error({ reference, err: error }, 'who is on call could not be found: the fallback is paged');
      return null;
    }
  }

  async function find(
    inForce: Escalation,
    reference: string,
    item: Item,
    made: () => Promise<Override[]>,
  ): Promise<string | null> {
    if (reference === ownerReference) return ownerOf(inForce, item);
    const name = scheduleOf(reference) ?? '';
    const schedule = scheduleNamed(inForce, name);
    // The policy of an incident may be older than the file.
    if (!schedule) logger.warn({ schedule: name }, 'the escalation file has no such schedule any more');
    return schedule ? dutyAt(withOverrides(inForce, name, schedule, await made()), clock()).contact : null;
  }

  async function readOverrides(): Promise<Override[]> {
    try {
      return await overrides();
    } catch (error) {
      const why = reasonOf(error);
      logger.warn({ why }, 'overrides could not be read in time: the schedules of the file count alone');
      return [];
    }
  }

  return {
    async findOnCall({ references, by, item }) {
      const inForce = escalation.current();
      const { fallback = null } = inForce;
      const reachable = (contact: string | null): string | null =>
        contact !== null && addressOf(inForce, contact, by) !== undefined ? contact : null;
      let read: Promise<Override[]> | undefined;
      // Once for all schedules of a step.
      const made = () => (read ??= readOverrides());
      const found = await Promise.all(
        references.map(
          async (reference) =>
            [reference, reachable(await findOrNull(inForce, reference, item, made)) ?? reachable(fallback)] as const,
        ),
      );
      return Object.fromEntries(found);
    },
  };
}

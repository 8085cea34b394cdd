import type { BaseLogger } from 'pino';
import type { EscalationSource } from '../policy/escalation-source.js';
import { contactFor, reachableFallback } from '../policy/contact-for.js';
import { scheduleNamed, withAllOverrides } from '../policy/overrides.js';
import type { Escalation } from '../policy/route.js';
import { reasonOf } from '../temporal/errors.js';
import type { OnCallActivities } from '../workflows/activity-contract.js';
import type { Channel, Item } from '../workflows/contract.js';
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

  /** Empty where Tableau does not tell in time. */
  async function readOwner(item: Item): Promise<string[]> {
    try {
      return await ownerNames(item, AbortSignal.timeout(ownerTimeoutMs));
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown';
      logger.warn({ luid: item.luid, why }, 'the owner could not be looked up in time: the fallback is paged');
      return [];
    }
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

  /** What is wrong with one reference must not keep the others from being paged. */
  function find(inForce: Escalation, reference: string, how: { by: Channel; owner: string[] }): string | null {
    const name = scheduleOf(reference);
    // The policy of an incident may be older than the file.
    if (name !== null && !scheduleNamed(inForce, name))
      logger.warn({ schedule: name }, 'the escalation file has no such schedule any more');
    try {
      return contactFor(inForce, reference, { ...how, at: clock() });
    } catch (error) {
      logger.error({ reference, err: error }, 'who is on call could not be found: the fallback is paged');
      return reachableFallback(inForce, how.by);
    }
  }

  return {
    async findOnCall({ references, by, item }) {
      const [owner, made] = await Promise.all([
        references.includes(ownerReference) ? readOwner(item) : [],
        references.some((reference) => scheduleOf(reference) !== null) ? readOverrides() : [],
      ]);
      const inForce = withAllOverrides(escalation.current(), made);
      return Object.fromEntries(references.map((reference) => [reference, find(inForce, reference, { by, owner })]));
    },
  };
}

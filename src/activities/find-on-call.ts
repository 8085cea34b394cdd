import type { BaseLogger } from 'pino';
import type { EscalationSource } from '../policy/escalation-source.js';
import { contactFor, reachableFallback } from '../policy/contact-for.js';
import { shiftsBetween } from '../policy/on-call.js';
import { noticeChannelOf, scheduleNamed, withAllOverrides } from '../policy/overrides.js';
import type { Escalation } from '../policy/route.js';
import { reasonOf } from '../temporal/errors.js';
import type { FoundOnCall, OnCallActivities } from '../workflows/activity-contract.js';
import { hour, type Channel, type Item } from '../workflows/contract.js';
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
/** An override may be made at any time, and the file may change. */
const lookAgainWithinMs = hour;

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

  function onDuty(inForce: Escalation, references: readonly string[]): Pick<FoundOnCall, 'duties' | 'lookAgainAt'> {
    const now = clock();
    const duties: FoundOnCall['duties'] = {};
    const until: number[] = [];
    for (const name of references.flatMap((reference) => scheduleOf(reference) ?? [])) {
      const schedule = scheduleNamed(inForce, name);
      if (!schedule) continue;
      try {
        const [present] = shiftsBetween(schedule, now, now + lookAgainWithinMs);
        const contact = present?.contact ?? null;
        duties[name] = { contact, channel: contact === null ? null : (noticeChannelOf(inForce, contact) ?? null) };
        until.push(present?.until ?? now + lookAgainWithinMs);
      } catch (error) {
        logger.error({ schedule: name, err: error }, 'the next hand-over of a schedule could not be found');
      }
    }
    return { duties, lookAgainAt: until.length > 0 ? Math.min(...until) : null };
  }

  return {
    async findOnCall({ references, by, item }) {
      const [owner, made] = await Promise.all([
        references.includes(ownerReference) ? readOwner(item) : [],
        references.some((reference) => scheduleOf(reference) !== null) ? readOverrides() : [],
      ]);
      const inForce = withAllOverrides(escalation.current(), made);
      const found = references.map((reference) => [reference, find(inForce, reference, { by, owner })] as const);
      return { contacts: Object.fromEntries(found), ...onDuty(inForce, references) };
    },
  };
}

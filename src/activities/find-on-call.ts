import type { BaseLogger } from 'pino';
import type { EscalationSource } from '../policy/escalation-source.js';
import { contactFor, reachableFallback } from '../policy/contact-for.js';
import { dutyAt, shiftsBetween } from '../policy/on-call.js';
import { noticeChannelOf, scheduleNamed, withAllOverrides } from '../policy/overrides.js';
import type { Escalation } from '../policy/route.js';
import { createCache } from '../tableau/cache.js';
import { reasonOf } from '../temporal/errors.js';
import type { FoundOnCall, OnCallActivities } from '../workflows/activity-contract.js';
import { hour, minute, type Channel, type Item } from '../workflows/contract.js';
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
/** A hand-over concerns many incidents at once: those that ask within this time share one request. */
const gatherMs = 20;
/** Who is on call is not known for sure. */
const unknownForMs = 5 * minute;

/** Finds out whom the schedules of the escalation file and the owner of an item mean. */
export function createOnCallActivities(dependencies: OnCallDependencies): OnCallActivities {
  const { escalation, ownerNames, overrides, logger, clock = Date.now } = dependencies;
  const reads = createCache<Override[] | null>({ ttlMs: 0, gatherMs });

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

  /** Null where they cannot be read in time. */
  async function readOverrides(): Promise<Override[] | null> {
    try {
      return await overrides();
    } catch (error) {
      const why = reasonOf(error);
      logger.warn({ why }, 'overrides could not be read in time: the schedules of the file count alone');
      return null;
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

  /** Leaves out what is not known for sure: nobody is to be notified of a hand-over that was none. */
  function onDuty(inForce: Escalation, schedules: readonly string[]): FoundOnCall['duties'] {
    const duties: FoundOnCall['duties'] = {};
    for (const name of schedules) {
      const schedule = scheduleNamed(inForce, name);
      // A calendar that was not read yet.
      if (!schedule || (inForce.calendars?.[name] && !schedule.turns)) continue;
      try {
        const { contact } = dutyAt(schedule, clock());
        duties[name] = { contact, channel: contact === null ? null : (noticeChannelOf(inForce, contact) ?? null) };
      } catch (error) {
        logger.error({ schedule: name, err: error }, 'who is on call could not be found');
      }
    }
    return duties;
  }

  function lookAgainAt(inForce: Escalation, schedules: readonly string[], duties: FoundOnCall['duties']): number {
    const now = clock();
    if (schedules.some((name) => duties[name] === undefined)) return now + unknownForMs;
    const shifts = schedules.flatMap((name) => {
      const schedule = scheduleNamed(inForce, name);
      return schedule ? shiftsBetween(schedule, now, now + lookAgainWithinMs).slice(0, 1) : [];
    });
    return Math.min(now + lookAgainWithinMs, ...shifts.map(({ until }) => until));
  }

  return {
    async findOnCall({ references, by, item }) {
      const [owner, made] = await Promise.all([
        references.includes(ownerReference) ? readOwner(item) : [],
        references.some((reference) => scheduleOf(reference) !== null)
          ? reads.get('overrides', readOverrides, Date.now())
          : [],
      ]);
      const inForce = withAllOverrides(escalation.current(), made ?? []);
      const schedules = references.flatMap((reference) => scheduleOf(reference) ?? []);
      const duties = made === null ? {} : onDuty(inForce, schedules);
      const found = references.map((reference) => [reference, find(inForce, reference, { by, owner })] as const);
      return {
        contacts: Object.fromEntries(found),
        duties,
        lookAgainAt: schedules.length === 0 ? null : lookAgainAt(inForce, schedules, duties),
      };
    },
  };
}

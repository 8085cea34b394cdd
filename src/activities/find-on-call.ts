import type { BaseLogger } from 'pino';
import type { EscalationSource } from '../policy/escalation-source.js';
import { contactFor, reachableFallback } from '../policy/contact-for.js';
import { shiftsBetween } from '../policy/on-call.js';
import { noticeChannelOf, scheduleNamed, withAllOverrides } from '../policy/overrides.js';
import type { Escalation } from '../policy/route.js';
import { createCache } from '../tableau/cache.js';
import { reasonOf } from '../temporal/errors.js';
import type { Duty, OnCallActivities } from '../workflows/activity-contract.js';
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

  /** Null where that is not known for sure: nobody is to be notified of a hand-over that was none. Never fails, since pages wait for it. */
  function onDuty(inForce: Escalation, name: string): { duty: Duty; until: number } | null {
    const schedule = scheduleNamed(inForce, name);
    const isUnread = Object.hasOwn(inForce.calendars ?? {}, name) && !schedule?.turns;
    if (!schedule || isUnread) return null;
    const now = clock();
    try {
      const [shift] = shiftsBetween(schedule, now, now + lookAgainWithinMs);
      if (!shift) return null;
      const { contact, until } = shift;
      const channel = contact === null ? null : (noticeChannelOf(inForce, contact) ?? null);
      return { duty: { contact, channel }, until };
    } catch (error) {
      logger.error({ schedule: name, err: error }, 'who is on call could not be found');
      return null;
    }
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
      const shifts = schedules.map((name) => [name, made === null ? null : onDuty(inForce, name)] as const);
      const found = references.map((reference) => [reference, find(inForce, reference, { by, owner })] as const);
      return {
        contacts: Object.fromEntries(found),
        duties: Object.fromEntries(shifts.flatMap(([name, shift]) => (shift ? [[name, shift.duty]] : []))),
        lookAgainAt:
          shifts.length === 0 ? null : Math.min(...shifts.map(([, shift]) => shift?.until ?? clock() + unknownForMs)),
      };
    },
  };
}

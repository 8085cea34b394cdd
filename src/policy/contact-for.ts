import type { Channel } from '../workflows/contract.js';
import { ownerReference, scheduleOf } from '../workflows/references.js';
import { dutyAt } from './on-call.js';
import { scheduleNamed } from './overrides.js';
import { addressOf, type Escalation } from './route.js';

/**
 * Whom `schedule/<name>` or `owner` means at a time. Where nobody is on call, and where whoever it is has no address for the channel, it is
 * the fallback of the file; null where that has none either.
 */
export function contactFor(
  escalation: Escalation,
  reference: string,
  { by, at, owner }: { by: Channel; at: number; owner: readonly string[] },
): string | null {
  const schedule = scheduleNamed(escalation, scheduleOf(reference) ?? '');
  const onCall = schedule ? dutyAt(schedule, at).contact : null;
  const meant = reference === ownerReference ? ownerIn(escalation, owner) : onCall;
  const isReachable = meant !== null && addressOf(escalation, meant, by) !== undefined;
  return isReachable ? meant : reachableFallback(escalation, by);
}

/** The fallback of the file, if it has an address for the channel. */
export function reachableFallback(escalation: Escalation, by: Channel): string | null {
  const { fallback = null } = escalation;
  return fallback !== null && addressOf(escalation, fallback, by) !== undefined ? fallback : null;
}

/** The contact whom the file knows by one of these names in Tableau; null where none is. */
export function ownerIn({ owners = {} }: Escalation, names: readonly string[]): string | null {
  const known = names.map((name) => name.toLowerCase()).find((name) => Object.hasOwn(owners, name));
  return known === undefined ? null : (owners[known] ?? null);
}

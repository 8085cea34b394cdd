import { setTimeout as pause } from 'node:timers/promises';
import type { LookedUp, LookUpInput, LookUpPart } from '../workflows/activity-contract.js';
import type { Cause, ItemDetail, ItemFacts, Severity } from '../workflows/contract.js';

export interface LookUps {
  lookUpItem(input: LookUpInput): Promise<ItemFacts>;
  /** `once`: a job that is not marked failed yet is not waited for, and the look-up fails instead. */
  lookUpCause(input: LookUpInput & { once?: boolean }): Promise<Cause>;
  lookUpSeverity(input: LookUpInput): Promise<Severity>;
}

/** In less time than this nobody waits for a job to be marked failed. */
const patient = 2_000;

/**
 * Asks for several parts at once and gives what is known after `withinMs` milliseconds at the latest. What is still under way
 * goes on, and what it finds is remembered for whoever asks again.
 */
export function createLookUp(
  looks: LookUps,
): (input: LookUpInput & { parts: LookUpPart[]; withinMs: number }) => Promise<LookedUp> {
  const ask: Record<LookUpPart, (input: LookUpInput & { once: boolean }) => Promise<ItemFacts | Cause | Severity>> = {
    item: (input) => looks.lookUpItem(input),
    cause: (input) => looks.lookUpCause(input),
    severity: (input) => looks.lookUpSeverity(input),
  };

  return async ({ parts, withinMs, ...input }) => {
    const open = new Map<LookUpPart, string>(parts.map((part) => [part, 'Tableau did not answer in time.']));
    const found: Partial<ItemDetail>[] = [];
    const look = async (part: LookUpPart): Promise<void> => {
      try {
        found.push(await ask[part]({ ...input, once: withinMs < patient }));
        open.delete(part);
      } catch (error) {
        open.set(part, error instanceof Error ? error.message : 'Tableau could not be asked.');
      }
    };
    const late = new AbortController();
    const timer = pause(withinMs, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([Promise.all(parts.map(look)), timer]);
    late.abort();
    const problems = [...new Set(found.flatMap((part) => part.problems ?? []))];
    return {
      learnt: { ...Object.assign({}, ...found), problems },
      pending: [...open].map(([part, why]) => ({ part, why })),
    };
  };
}

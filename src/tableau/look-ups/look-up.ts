import { setTimeout as sleep } from 'node:timers/promises';
import type { LookedUp, LookUpInput, LookUpPart, LookUpRequest } from '../../workflows/activity-contract.js';
import type { Cause, ItemDetail, ItemFacts, Severity } from '../../workflows/contract.js';

export interface LookUps {
  lookUpItem(input: LookUpInput): Promise<ItemFacts>;
  /** With `once` the look-up does not wait until the job is marked failed, and throws instead. */
  lookUpCause(input: LookUpInput & { once?: boolean }): Promise<Cause>;
  lookUpSeverity(input: LookUpInput): Promise<Severity>;
}

/** In less time than this a look-up does not wait until the job is marked failed. */
const minTimeForRetryMs = 2_000;

/**
 * Looks up several parts at the same time and gives what is known after `withinMs` milliseconds at the latest; at once when Tableau has no
 * such item, for then its page must not hold others. Unfinished requests continue, and their results are cached for the next look-up.
 */
export function createLookUp(lookUps: LookUps): (input: LookUpRequest) => Promise<LookedUp> {
  const byPart: Record<LookUpPart, (input: LookUpInput & { once: boolean }) => Promise<ItemFacts | Cause | Severity>> =
    {
      item: (input) => lookUps.lookUpItem(input),
      cause: (input) => lookUps.lookUpCause(input),
      severity: (input) => lookUps.lookUpSeverity(input),
    };

  return async ({ parts, withinMs, ...input }) => {
    const pending = new Map<LookUpPart, string>(parts.map((part) => [part, 'Tableau did not answer in time.']));
    const found: Partial<ItemDetail>[] = [];
    const timer = new AbortController();
    const lookUp = async (part: LookUpPart): Promise<void> => {
      try {
        const facts = await byPart[part]({ ...input, once: withinMs < minTimeForRetryMs });
        found.push(facts);
        // A silence by project needs the path.
        if ('isProjectName' in facts && facts.isProjectName === 'now')
          pending.set(part, 'Tableau did not tell the path of its project in time.');
        else pending.delete(part);
        if ('unknownItem' in facts) timer.abort();
      } catch (error) {
        pending.set(part, error instanceof Error ? error.message : 'The request to Tableau failed.');
      }
    };
    const timeout = sleep(withinMs, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([Promise.all(parts.map(lookUp)), timeout]);
    timer.abort();
    const problems = [...new Set(found.flatMap((part) => part.problems ?? []))];
    return {
      learnt: { ...Object.assign({}, ...found), problems },
      pending: [...pending].map(([part, why]) => ({ part, why })),
    };
  };
}

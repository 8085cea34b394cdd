/** What contacts request by text, besides answers for incidents. */
import type { BaseLogger } from 'pino';
import type { EscalationSource } from '../policy/escalation-source.js';
import { withAllOverrides } from '../policy/overrides.js';
import { onCallSentence } from '../policy/who-is-on-call.js';
import { reasonOf } from '../temporal/errors.js';
import type { RequestActivities } from '../workflows/activity-contract.js';
import type { Override } from '../workflows/on-call-contract.js';

export interface RequestDependencies {
  escalation: EscalationSource;
  /** Those that were made while the service runs. */
  overrides: () => Promise<Override[]>;
  logger: BaseLogger;
  clock?: () => number;
}

/** No text has room for more, and each may take half a second. */
const mostSentences = 20;

export function createRequestActivities(dependencies: RequestDependencies): RequestActivities {
  const { escalation, overrides, logger, clock = Date.now } = dependencies;

  /** Null where they cannot be read in time: who is on call by the file is still worth knowing. */
  async function readOverrides(): Promise<Override[] | null> {
    try {
      return await overrides();
    } catch (error) {
      logger.warn({ why: reasonOf(error) }, 'overrides could not be read in time: a contact is told who is on call by the file');
      return null;
    }
  }

  return {
    async whoIsOnCall() {
      const inForce = escalation.current();
      const count = Object.keys(inForce.schedules ?? {}).length;
      if (count === 0) return { sentences: [], count };
      const made = await readOverrides();
      const { schedules = {} } = withAllOverrides(inForce, made ?? []);
      const sentences = Object.entries(schedules)
        .slice(0, mostSentences)
        .map(([name, schedule]) => onCallSentence(name, schedule, clock()));
      return { sentences, count, ...(made === null && { isByFileAlone: true }) };
    },
  };
}

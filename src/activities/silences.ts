import type { BaseLogger } from 'pino';
import { silenceOf } from '../policy/silences.js';
import { reasonOf } from '../temporal/errors.js';
import type { SilenceActivities } from '../workflows/activity-contract.js';
import type { Silence } from '../workflows/on-call-contract.js';

export interface SilenceDependencies {
  /** All that were made. */
  silences: () => Promise<Silence[]>;
  /** The site of this service, as Tableau's addresses name it. */
  siteName: string;
  logger: BaseLogger;
  /** How old a list may be; a storm reads it once. */
  maxAgeMs?: number;
  clock?: () => number;
}

/** Finds the silence that covers an item. Where the list cannot be read the last one counts, so that Temporal's trouble pages nobody in a silence. */
export function createSilenceActivities(dependencies: SilenceDependencies): SilenceActivities {
  const { silences, siteName, logger, maxAgeMs = 5_000, clock = Date.now } = dependencies;
  let known: Silence[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  async function read(): Promise<void> {
    try {
      known = await silences();
      readAt = Date.now();
    } catch (error) {
      logger.warn({ why: reasonOf(error) }, 'silences could not be read in time: those that were read last count');
    } finally {
      reading = null;
    }
  }

  return {
    async findSilence(subject) {
      if (Date.now() - readAt >= maxAgeMs) await (reading ??= read());
      return silenceOf(known, subject, siteName, clock());
    },
  };
}

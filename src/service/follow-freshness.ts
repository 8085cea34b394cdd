/** Tells the workflow of freshness what the escalation file has watched, promises and flows: when a worker starts, and when they change. */
import type { Client } from '@temporalio/client';
import type { BaseLogger } from 'pino';
import type { EscalationSource } from '../policy/escalation-source.js';
import { watchedText } from '../policy/freshness/memory.js';
import type { Escalation } from '../policy/route.js';
import { announcePromises, withdrawPromises } from '../temporal/freshness.js';

export interface FollowFreshnessOptions {
  client: Client;
  escalation: EscalationSource;
  siteName: string;
  logger: BaseLogger;
  everyMs?: number;
}

const timeoutMs = 5_000;

/** Looks at the escalation in force every few seconds, and goes on until Temporal has what it holds. */
export function followFreshness(options: FollowFreshnessOptions): { close: () => void } {
  const { client, escalation, siteName, logger, everyMs = 5_000 } = options;
  let seen: Escalation | null = null;
  let announced: string | null = null;
  let isBusy = false;

  async function announce(): Promise<void> {
    const inForce = escalation.current();
    if (inForce === seen) return;
    const promises = watchedText(inForce);
    if (promises !== announced)
      await client.withDeadline(Date.now() + timeoutMs, async () => {
        if (promises === '') await withdrawPromises(client, siteName);
        else await announcePromises(client, siteName, promises);
      });
    [seen, announced] = [inForce, promises];
  }

  function look(): void {
    if (isBusy) return;
    isBusy = true;
    announce()
      .catch((err: unknown) =>
        logger.warn({ err }, 'the workflow of freshness could not be signalled; it is tried again'),
      )
      .finally(() => (isBusy = false));
  }

  const timer = setInterval(look, everyMs);
  timer.unref();
  look();
  return { close: () => clearInterval(timer) };
}

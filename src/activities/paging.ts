import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { PagerMessage, PagingActivities } from '../workflows/activity-contract.js';
import { pagerId, pagerType, taskQueues, type PagerInput } from '../workflows/contract.js';

export interface PagingDependencies {
  client: Client;
  settings: PagerInput['settings'];
}

/** Milliseconds: what is older was kept by a worker that was frozen or dead, and an answer has this long to overtake it. */
const fresh = 2_000;
const listening = 2_000;

/**
 * Hands what incidents have to say to pagers. A pager that does not run is started by it, so that no page depends on what
 * became of an earlier run.
 */
export function createPagingActivities({ client, settings }: PagingDependencies): PagingActivities {
  async function tell(message: PagerMessage): Promise<void> {
    const { contact, signal } = message;
    const payload = message.signal === 'page' ? { ...message.payload, settings } : message.payload;
    const input: PagerInput = { contact, settings };
    await client.workflow.signalWithStart(pagerType, {
      workflowId: pagerId(contact),
      taskQueue: taskQueues.pagers,
      args: [input],
      signal,
      signalArgs: [payload],
      staticSummary: `Pager of ${contact}`,
    });
  }

  return {
    // In order: a page must reach its pager before its withdrawal. All of it is idempotent there, so a retry may repeat it.
    async tellPagers({ messages, due }) {
      const { attempt, currentAttemptScheduledTimestampMs: askedAt } = activityInfo();
      const hasPages = messages.some(({ signal }) => signal === 'page');
      // Its worker was frozen or dead: somebody may have answered meanwhile, and the incident gets time to say so.
      if (attempt === 1 && hasPages && Date.now() - Math.min(askedAt, due ?? askedAt) > fresh) {
        throw ApplicationFailure.create({
          type: 'late',
          message: 'Pages are handed over late; the incident decides again.',
          nextRetryDelay: listening,
        });
      }
      for (const message of messages) await tell(message);
    },
  };
}

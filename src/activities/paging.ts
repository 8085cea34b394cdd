import type { Client } from '@temporalio/client';
import type { PagerMessage, PagingActivities } from '../workflows/activity-contract.js';
import { pagerId, pagerType, taskQueues, type PagerInput } from '../workflows/contract.js';

export interface PagingDependencies {
  client: Client;
  settings: PagerInput['settings'];
}

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
    async tellPagers({ messages }) {
      for (const message of messages) await tell(message);
    },
  };
}

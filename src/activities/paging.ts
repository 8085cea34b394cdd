import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { PagerMessage, PagingActivities } from '../workflows/activity-contract.js';
import { pagerId, pagerType, taskQueues, type PagerInput } from '../workflows/contract.js';
import { createMayBeAnswered, fresh } from './unheard.js';

export interface PagingDependencies {
  client: Client;
  settings: PagerInput['settings'];
}

/** Milliseconds: an answer has this long to overtake pages that are late, and is looked for again after as long as the second. */
const listening = 2_000;
const lookAgain = 1_000;
/** Tries that are made late at most, about 15 s: a pager that stands still must not stop the pages of others, nor a wrong clock. */
const lateTries = 14;

/**
 * Hands what incidents have to say to pagers. A pager that does not run is started by it, so that no page depends on what
 * became of an earlier run.
 */
export function createPagingActivities({ client, settings }: PagingDependencies): PagingActivities {
  const mayBeAnswered = createMayBeAnswered(client);

  async function tell(message: PagerMessage, paged: readonly string[]): Promise<void> {
    const { contact, signal } = message;
    const others = paged.filter((one) => one !== contact);
    const payload =
      message.signal === 'page' ? { ...message.payload, settings, handedAt: Date.now(), others } : message.payload;
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
    async tellPagers({ messages, due, paged = [] }) {
      const { attempt, scheduledTimestampMs: askedAt, workflowExecution } = activityInfo();
      const hasPages = messages.some(({ signal }) => signal === 'page');
      // Its worker was frozen or dead: somebody may have answered meanwhile, and the incident gets time to say so.
      if (hasPages && Date.now() - Math.min(askedAt, due ?? askedAt) > fresh) {
        if (attempt === 1) throw late(listening);
        const pagers = paged.map(pagerId);
        const incidents = workflowExecution ? [workflowExecution.workflowId] : [];
        const isWaitedFor = pagers.length > 0 && attempt <= lateTries;
        if (isWaitedFor && (await mayBeAnswered({ pagers, incidents }))) throw late(lookAgain);
      }
      const pagedNow = messages.flatMap(({ signal, contact }) => (signal === 'page' ? [contact] : []));
      // The first message of a storm is late too, with nobody to wait for.
      const everybody = paged.length > 0 ? [...new Set([...paged, ...pagedNow])] : [];
      for (const message of messages) await tell(message, everybody);
    },
  };
}

const late = (nextRetryDelay: number): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'late',
    message: 'Pages are handed over late; the incident decides again.',
    nextRetryDelay,
  });

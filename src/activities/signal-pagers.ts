import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { PagerMessage, PagingActivities } from '../workflows/activity-contract.js';
import { pagerId, pagerType, taskQueues, type PagerInput } from '../workflows/contract.js';
import { fresh } from './pending-answers.js';

export interface PagingDependencies {
  client: Client;
  settings: PagerInput['settings'];
}

/** Milliseconds: an answer has this long to overtake pages that are late. */
const listening = 2_000;

/**
 * Hands what incidents have to say to pagers. A pager that does not run is started by it, so that no page depends on what
 * became of an earlier run.
 */
export function createPagingActivities({ client, settings }: PagingDependencies): PagingActivities {
  async function tell(message: PagerMessage, paged: readonly string[]): Promise<void> {
    const { contact, signal } = message;
    // Before the first step nobody was paged, and in a storm it would wait for everybody.
    const shared = paged.length > 0 ? { others: paged.filter((one) => one !== contact) } : {};
    const payload = message.signal === 'page' ? { ...message.payload, settings, ...shared } : message.payload;
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
    async signalPagers({ messages, dueAt, paged = [] }) {
      const { attempt, scheduledTimestampMs: askedAt } = activityInfo();
      const pagedNow = messages.flatMap(({ signal, contact }) => (signal === 'page' ? [contact] : []));
      // Its worker was frozen or dead: somebody may have answered meanwhile, and the incident gets time to say so. Only once, for a clock
      // may be wrong.
      const isLate = Date.now() - Math.min(askedAt, dueAt ?? askedAt) > fresh;
      if (pagedNow.length > 0 && isLate && attempt === 1) throw late();
      const everybody = paged.length > 0 ? [...new Set([...paged, ...pagedNow])] : [];
      for (const message of messages) await tell(message, everybody);
    },
  };
}

const late = (): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'late',
    message: 'Pages are handed over late; the incident decides again.',
    nextRetryDelay: listening,
  });

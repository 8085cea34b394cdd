import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { PagerMessage, PagingActivities } from '../workflows/activity-contract.js';
import { pagerStart, pagerType, type PagerSettings } from '../workflows/contract.js';
import { staleAfterMs } from './pending-answers.js';

export interface PagingDependencies {
  client: Client;
  settings: PagerSettings;
}

/** Before stale pages are signalled, answers get this long to reach the incident. */
const answerHeadStartMs = 2_000;

/**
 * Signals pagers for incidents. The signal starts a pager that does not run, so that no page depends on what became of an earlier
 * run.
 */
export function createPagingActivities({ client, settings }: PagingDependencies): PagingActivities {
  async function signalPager(
    message: PagerMessage,
    paged: readonly string[],
    first: { isFirstStep?: true },
  ): Promise<void> {
    const { contact, signal } = message;
    const others = paged.filter((one) => one !== contact);
    const payload = message.signal === 'page' ? { ...message.payload, settings, others, ...first } : message.payload;
    await client.workflow.signalWithStart(pagerType, {
      ...pagerStart(contact, settings),
      signal,
      signalArgs: [payload],
    });
  }

  return {
    // In order: a page must reach its pager before its withdrawal. Pagers ignore copies, so a retry may repeat all of it.
    async signalPagers({ messages, dueAt, paged = [] }) {
      const { attempt, scheduledTimestampMs: scheduledAt } = activityInfo();
      const pagedNow = messages.flatMap(({ signal, contact }) => (signal === 'page' ? [contact] : []));
      // The worker was frozen or dead: somebody may have answered meanwhile, and the incident gets time to process it. The first attempt
      // alone fails, because a clock may be wrong.
      const isStale = Date.now() - Math.min(scheduledAt, dueAt ?? scheduledAt) > staleAfterMs;
      if (pagedNow.length > 0 && isStale && attempt === 1) throw stalePages();
      const allPaged = [...new Set([...paged, ...pagedNow])];
      const first = paged.length === 0 ? ({ isFirstStep: true } as const) : {};
      for (const message of messages) await signalPager(message, allPaged, first);
    },
  };
}

const stalePages = (): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'stale-attempt',
    message: 'The pages were due some time ago; the incident may withdraw them before the next attempt.',
    nextRetryDelay: answerHeadStartMs,
  });

import { setTimeout as pause } from 'node:timers/promises';
import { activityInfo } from '@temporalio/activity';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
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
/** While an answer may wait in a pager, or on its way from there: how often it is looked for, and how long at most. */
const lookAgain = 1_000;
const patience = 15_000;
/** A signal of a pager is with its incident after this. */
const signalling = 300;

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

  /** Whether something was said to a workflow that it has not heard. One that does not run hears nothing. */
  async function hasUnheard(workflowId: string): Promise<boolean> {
    try {
      const { raw, status } = await client.workflow.getHandle(workflowId).describe();
      return status.name === 'RUNNING' && Boolean(raw.pendingWorkflowTask);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /** Whether somebody may have answered without the incident knowing: what pagers hear they tell it within milliseconds. */
  async function mayBeAnswered(incident: string | undefined, paged: readonly string[]): Promise<boolean> {
    const unheard = await Promise.all(paged.map((contact) => hasUnheard(pagerId(contact))));
    if (unheard.includes(true)) return true;
    await pause(signalling);
    return incident !== undefined && hasUnheard(incident);
  }

  return {
    // In order: a page must reach its pager before its withdrawal. All of it is idempotent there, so a retry may repeat it.
    async tellPagers({ messages, due, paged = [] }) {
      const { attempt, scheduledTimestampMs: askedAt, workflowExecution } = activityInfo();
      const hasPages = messages.some(({ signal }) => signal === 'page');
      // Its worker was frozen or dead: somebody may have answered meanwhile, and the incident gets time to say so.
      if (hasPages && Date.now() - Math.min(askedAt, due ?? askedAt) > fresh) {
        if (attempt === 1) throw late(listening);
        const isWaitedFor = paged.length > 0 && Date.now() - askedAt < patience;
        if (isWaitedFor && (await mayBeAnswered(workflowExecution?.workflowId, paged))) throw late(lookAgain);
      }
      for (const message of messages) await tell(message);
    },
  };
}

const late = (nextRetryDelay: number): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'late',
    message: 'Pages are handed over late; the incident decides again.',
    nextRetryDelay,
  });

import { setTimeout as pause } from 'node:timers/promises';
import {
  decodePendingActivityState,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import type { PagingActivities, SendInput } from '../workflows/activity-contract.js';
import { pagerId } from '../workflows/contract.js';

/** The workflows that a page has to wait for. */
export type Listen = NonNullable<SendInput['answerSources']>;
/** The activity that is to send the page, of the pager of this contact. */
export interface Asking {
  contact: string;
  activityId: string;
}

/** Milliseconds: what was asked for longer ago than this is late, for a process was frozen or dead. */
export const fresh = 2_000;
/** Milliseconds: a signal of a pager is with its incident after this. */
const signalling = 300;

type Running = WorkflowExecutionDescription['raw'];
const tellPagers: keyof PagingActivities = 'signalPagers';

/**
 * Tells whether somebody may have answered what is about to be sent. An answer takes the way from the pager of who gave it by the
 * incident to the pager that sends, within milliseconds unless a worker died, and is looked for in this order: so it
 * cannot slip past. It may be wherever a workflow has a task that is not done, in an incident that is telling its pagers something,
 * and in a pager that has given up the sending.
 */
export function createMayBeAnswered(client: Client): (listen: Listen, asking: Asking) => Promise<boolean> {
  /** One that does not run hears nothing. */
  async function isSo(workflowId: string, what: (running: Running) => boolean): Promise<boolean> {
    try {
      const { raw, status } = await client.workflow.getHandle(workflowId).describe();
      return status.name === 'RUNNING' && what(raw);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }
  const isSoOfAny = async (workflowIds: readonly string[], what: (running: Running) => boolean) =>
    (await Promise.all(workflowIds.map((workflowId) => isSo(workflowId, what)))).includes(true);

  return async ({ pagers, incidents }, { contact, activityId }) => {
    if (await isSoOfAny(pagers, hasTask)) return true;
    await pause(signalling);
    if (await isSoOfAny(incidents, (incident) => hasTask(incident) || isTelling(incident))) return true;
    return isSo(pagerId(contact), (pager) => hasTask(pager) || hasGivenUp(pager, activityId));
  };
}

const hasTask = ({ pendingWorkflowTask }: Running): boolean => Boolean(pendingWorkflowTask);

const isTelling = ({ pendingActivities }: Running): boolean =>
  (pendingActivities ?? []).some(({ activityType }) => activityType?.name === tellPagers);

const hasGivenUp = ({ pendingActivities }: Running, activityId: string): boolean =>
  (pendingActivities ?? []).some(
    (activity) =>
      activity.activityId === activityId && decodePendingActivityState(activity.state) === 'CANCEL_REQUESTED',
  );

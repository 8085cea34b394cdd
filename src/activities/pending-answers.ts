import { setTimeout as sleep } from 'node:timers/promises';
import {
  decodePendingActivityState,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import type { PagingActivities, SendInput } from '../workflows/activity-contract.js';
import { pagerId } from '../workflows/contract.js';

/** The workflows in which an answer to the page may be pending. */
export type AnswerSources = NonNullable<SendInput['answerSources']>;
/** The activity that is about to send the page, and the contact whose pager scheduled it. */
export interface SendActivity {
  contact: string;
  activityId: string;
}

/** An attempt that begins later than this after it was scheduled is stale: a process was frozen or dead meanwhile. */
export const staleAfterMs = 2_000;
/** A signal of a pager has reached its incident after this time. */
const signalDeliveryMs = 300;

type Execution = WorkflowExecutionDescription['raw'];
const signalPagers: keyof PagingActivities = 'signalPagers';

/**
 * Creates the check whether somebody may have answered what is about to be sent. An answer passes from the pager of the contact who gave it
 * to the incident, and from there to the pager that sends, within milliseconds unless a worker died. The check describes the workflows
 * in this order, so that it cannot miss an answer between two of them. An answer may be pending in a workflow with an open
 * workflow task, in an incident that is running the activity `signalPagers`, and in a pager that has cancelled this send.
 */
export function createMayBeAnswered(client: Client): (sources: AnswerSources, send: SendActivity) => Promise<boolean> {
  /** False for a workflow that does not run: it processes no answer. */
  async function matches(workflowId: string, condition: (execution: Execution) => boolean): Promise<boolean> {
    try {
      const { raw, status } = await client.workflow.getHandle(workflowId).describe();
      return status.name === 'RUNNING' && condition(raw);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }
  const anyMatches = async (workflowIds: readonly string[], condition: (execution: Execution) => boolean) =>
    (await Promise.all(workflowIds.map((workflowId) => matches(workflowId, condition)))).includes(true);

  return async ({ pagers, incidents }, { contact, activityId }) => {
    if (await anyMatches(pagers, hasWorkflowTask)) return true;
    await sleep(signalDeliveryMs);
    if (await anyMatches(incidents, (incident) => hasWorkflowTask(incident) || isSignallingPagers(incident)))
      return true;
    return matches(pagerId(contact), (pager) => hasWorkflowTask(pager) || hasCancelled(pager, activityId));
  };
}

const hasWorkflowTask = ({ pendingWorkflowTask }: Execution): boolean => Boolean(pendingWorkflowTask);

const isSignallingPagers = ({ pendingActivities }: Execution): boolean =>
  (pendingActivities ?? []).some(({ activityType }) => activityType?.name === signalPagers);

const hasCancelled = ({ pendingActivities }: Execution, activityId: string): boolean =>
  (pendingActivities ?? []).some(
    (activity) =>
      activity.activityId === activityId && decodePendingActivityState(activity.state) === 'CANCEL_REQUESTED',
  );

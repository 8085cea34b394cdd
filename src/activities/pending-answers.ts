import {
  decodePendingActivityState,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import type { AnswerSources } from '../workflows/send-contract.js';
import { isRetryFor, type AnswerActivities, type PagingActivities } from '../workflows/activity-contract.js';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { pagerId } from '../workflows/pager-contract.js';

/** The activity that is about to send the page, and the contact whose pager scheduled it. */
export interface SendActivity {
  contact: string;
  activityId: string;
}

/** An attempt that begins later than this after it was scheduled is stale: a process was frozen or dead meanwhile. */
export const staleAfterMs = 2_000;

/** More requests at once would delay those of others. */
const requestsAtOnce = 20;
/** Of a larger bundle so many incidents are described, which takes a second. */
const maxIncidents = 300;

const Answering = Type.Object({ answering: Type.Record(Type.String(), Type.Array(Type.String())) });

type Execution = WorkflowExecutionDescription;
const signalPagers: keyof PagingActivities = 'signalPagers';
const retryPager: keyof PagingActivities = 'retryPager';
const answerIncidents: keyof AnswerActivities = 'answerIncidents';

/**
 * Creates the check whether somebody may have answered what is about to be sent. An answer passes from the pager of the contact who gave it
 * to the incident, and from there to the pager that sends, within milliseconds unless a worker died. The check describes the workflows
 * in this order, so that it cannot miss an answer between two of them. An answer may be pending in a workflow with an open
 * workflow task, in a pager that is taking answers to incidents (its memo names them where they are many), in an incident that
 * is running the activity `signalPagers`, or trying again to signal this pager, and in a pager that has cancelled this send.
 */
export function createMayBeAnswered(client: Client): (sources: AnswerSources, send: SendActivity) => Promise<boolean> {
  /** False for a workflow that does not run: it processes no answer. */
  async function matches(workflowId: string, condition: (execution: Execution) => boolean): Promise<boolean> {
    try {
      const execution = await client.workflow.getHandle(workflowId).describe();
      return execution.status.name === 'RUNNING' && condition(execution);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }
  async function anyMatches(workflowIds: readonly string[], condition: (execution: Execution) => boolean) {
    for (let from = 0; from < workflowIds.length; from += requestsAtOnce) {
      const some = workflowIds.slice(from, from + requestsAtOnce);
      if ((await Promise.all(some.map((workflowId) => matches(workflowId, condition)))).includes(true)) return true;
    }
    return false;
  }

  return async ({ pagers, incidents }, { contact, activityId }) => {
    const wanted = new Set(incidents);
    const isAnswering = ({ memo, raw }: Execution): boolean => {
      const pager = memo?.['pager'];
      if (Value.Check(Answering, pager))
        return Object.entries(pager.answering).some(([prefix, rest]) => rest.some((one) => wanted.has(prefix + one)));
      return (raw.pendingActivities ?? []).some(({ activityType }) => activityType?.name === answerIncidents);
    };
    if (await anyMatches(pagers, (pager) => hasWorkflowTask(pager) || isAnswering(pager))) return true;
    const described = incidents.slice(0, maxIncidents);
    if (await anyMatches(described, (incident) => hasWorkflowTask(incident) || isSignalling(incident, contact)))
      return true;
    return matches(
      pagerId(contact),
      (pager) => hasWorkflowTask(pager) || isAnswering(pager) || hasCancelled(pager, activityId),
    );
  };
}

const hasWorkflowTask = ({ raw }: Execution): boolean => Boolean(raw.pendingWorkflowTask);

/** A pager that cannot be signalled is tried again for minutes, which nobody else's pages wait for. */
const isSignalling = ({ raw }: Execution, contact: string): boolean =>
  (raw.pendingActivities ?? []).some(
    ({ activityType, activityId }) =>
      activityType?.name === signalPagers ||
      (activityType?.name === retryPager && isRetryFor(activityId ?? '', contact)),
  );

const hasCancelled = ({ raw }: Execution, activityId: string): boolean =>
  (raw.pendingActivities ?? []).some(
    (activity) =>
      activity.activityId === activityId && decodePendingActivityState(activity.state) === 'CANCEL_REQUESTED',
  );

/** Signals and updates to incidents: the one place that knows how a running one is reached and how a new one is started. */
import type { Client } from '@temporalio/client';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowNotFoundError,
  type SearchAttributePair,
} from '@temporalio/common';
import {
  incidentType,
  incidentWorkflowId,
  publicName,
  searchAttributes,
  taskQueues,
  type AnswerOutcome,
  type AnswerSignal,
  type IncidentInput,
  type Labelling,
  type Policy,
  type TableauEvent,
} from '../workflows/contract.js';
import type { ChangeType } from '../workflows/change-types.js';
import { answerSignal, answerUpdate, eventSignal } from '../workflows/messages.js';
import { memoKeys } from '../workflows/view-contract.js';
import { aboutText, detailsOf } from './incident-ids.js';
import { beginningRow } from './incident-row.js';
import { maxKeywordBytes, oneLine } from './one-line.js';

export interface Failure {
  /** The id of the incident. */
  incident: string;
  event: TableauEvent;
  policy: Policy;
  /** As in `EventSignal`. */
  policyMayChange?: true;
  /** As in `EventSignal`. */
  labels?: Labelling;
  /** As in `EventSignal`. */
  changes?: ChangeType[];
  /** One line for Temporal's Web UI, at most 200 bytes. */
  summary: string;
}

/**
 * Signals a failure to the incident of its item, and starts the incident where none runs.
 * @param publicUrl of this service, without a trailing slash: the Web UI links to the incident there
 */
export async function signalFailure(
  client: Client,
  { incident, event, policy, policyMayChange, labels, changes, summary }: Failure,
  input: Omit<IncidentInput, 'about' | 'id'>,
  publicUrl: string,
): Promise<void> {
  await client.workflow.signalWithStart(incidentType, {
    workflowId: incidentWorkflowId(incident),
    taskQueue: taskQueues.incidents,
    args: [{ about: aboutText(incident, publicUrl), id: incident, ...input }],
    signal: eventSignal,
    signalArgs: [
      {
        event,
        policy,
        ...(policyMayChange && { policyMayChange }),
        ...(labels && { labels }),
        ...(changes && { changes }),
      },
    ],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: summary,
    staticDetails: detailsOf(incident, publicUrl),
    memo: {
      [memoKeys.row]: beginningRow({
        id: incident,
        item: event.item,
        event: event.type,
        at: event.createdAt,
        policy: policy.name,
      }),
    },
    ...(input.searchAttributes ? { typedSearchAttributes: attributesOf(event) } : {}),
  });
}

/** Signals an event that ends an incident to the running one; false when none runs. It starts nothing. */
export const signalEnd = (client: Client, incident: string, event: TableauEvent): Promise<boolean> =>
  ifRuns(client.workflow.getHandle(incidentWorkflowId(incident)).signal(eventSignal, { event }));

/** Signals an answer to the running incident; false when none runs. */
export const signalAnswer = (client: Client, incident: string, answer: AnswerSignal): Promise<boolean> =>
  ifRuns(client.workflow.getHandle(incidentWorkflowId(incident)).signal(answerSignal, answer));

/**
 * Takes an answer to the incident and gives its outcome, by a worker that runs now. A copy has the outcome of the first.
 * @throws WorkflowNotFoundError where it does not run, and whatever else Temporal says: also when no worker responded in time
 */
export const answerIncident = (client: Client, incident: string, answer: AnswerSignal): Promise<AnswerOutcome> =>
  client.workflow
    .getHandle(incidentWorkflowId(incident))
    .executeUpdate(answerUpdate, { args: [answer], updateId: answer.answerId });

/** Whether an incident runs, by its id. Throws whatever Temporal says, but that there is none. */
export const isRunning = (client: Client, incident: string): Promise<boolean> =>
  client.workflow
    .getHandle(incidentWorkflowId(incident))
    .describe()
    .then(
      ({ status }) => status.name === 'RUNNING',
      (error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      },
    );

const ifRuns = (signal: Promise<void>): Promise<boolean> =>
  signal.then(
    () => true,
    (error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    },
  );

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
const keys = {
  state: keyword(searchAttributes.state),
  item: keyword(searchAttributes.item),
  event: keyword(searchAttributes.event),
};

const attributesOf = (event: TableauEvent): SearchAttributePair[] => [
  { key: keys.state, value: 'triggered' },
  { key: keys.item, value: oneLine(publicName(event.item), maxKeywordBytes) },
  { key: keys.event, value: oneLine(event.type, maxKeywordBytes) },
];

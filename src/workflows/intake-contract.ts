/** What the api and the worker share about intake: the events of a burst that the api made durable together (docs/decisions, 23). */
import type { ChangeType } from './change-types.js';
import type { AnswerSignal, IncidentInput, Labelling, Policy, TableauEvent } from './contract.js';

export const intakeType = 'intake';
export const intakeWorkflowId = (uuid: string): string => `intake:${uuid}`;

/** One signal to one incident, by its id. */
export type IntakeEntry = { incident: string } &
  /** A failure: it starts the incident where none runs. `policy` is a name, `summary` the line of Temporal's Web UI. */
  (
    | {
        what: 'failure';
        event: TableauEvent;
        policy: string;
        policyMayChange?: true;
        labels?: Labelling;
        changes?: ChangeType[];
        summary: string;
      }
    /** A success, or the deletion of the item: only an incident that runs takes it. */
    | { what: 'end'; event: TableauEvent }
    /** Of a script, for an incident that another entry starts. */
    | { what: 'answer'; answer: AnswerSignal }
  );

export interface IntakeInput {
  entries: IntakeEntry[];
  /** Those that entries name. */
  policies: Record<string, Policy>;
  settings: IncidentInput['settings'];
  /** Whether the namespace knows our search attributes. */
  searchAttributes: boolean;
}

/** The memo `intake` of a batch that has no failures to deliver: what is left waits for incidents to begin. */
export interface IntakeMemo {
  waiting: number;
}

export interface DeliverInput extends IntakeInput {
  /** When the batch began: earlier batches began before. */
  startedAt: number;
}

/** What became of a delivery; entries by their index. What is not named was delivered. */
export interface DeliveryReport {
  /** No such incident runs. */
  waiting: number[];
  /** `permanent`: a further try would fail in the same way. */
  failed: { index: number; why: string; permanent: boolean }[];
  /** Before the tries an earlier batch had failures to deliver, which may start the incidents that are missing. False without entries that may wait. */
  hasEarlierBatch: boolean;
}

export interface IntakeActivities {
  /** Signals incidents one after the other, at the pace that the server has room for. It goes on where an earlier attempt ended. */
  deliver(input: DeliverInput): Promise<DeliveryReport>;
}

/** The events of histories, as Temporal gives them: their times and payloads. */
import { arrayFromPayloads, defaultPayloadConverter } from '@temporalio/common';
import type { History } from '../temporal/histories.js';
import { second } from '../workflows/contract.js';

export type HistoryEvent = NonNullable<History['events']>[number];
type Payloads = Parameters<typeof arrayFromPayloads>[1];

/** The first of some payloads. @throws ValueError where it is encrypted, or encoded in another way */
export const firstOf = (payloads: { payloads?: Payloads } | null | undefined): unknown =>
  arrayFromPayloads(defaultPayloadConverter, payloads?.payloads ?? [])[0];

/** Milliseconds since the epoch. Of a server the seconds are a Long, of a file a number. */
export const timeOf = ({ eventTime }: HistoryEvent): number =>
  Number(String(eventTime?.seconds ?? 0)) * second + Math.floor((eventTime?.nanos ?? 0) / 1e6);

/** Somebody terminated or cancelled the workflow, or it failed. */
export const isStop = (event: HistoryEvent): boolean =>
  Boolean(
    event.workflowExecutionTerminatedEventAttributes ??
    event.workflowExecutionCanceledEventAttributes ??
    event.workflowExecutionFailedEventAttributes ??
    event.workflowExecutionTimedOutEventAttributes,
  );

/** Whether the run has ended: then its history does not change any more. */
export function isOver({ events }: History): boolean {
  const last = events?.at(-1);
  return (
    last !== undefined &&
    (isStop(last) ||
      Boolean(last.workflowExecutionCompletedEventAttributes ?? last.workflowExecutionContinuedAsNewEventAttributes))
  );
}

/** Reads histories: when things happened by the clock of the server, and how many billable actions they are. */
import type { Client, WorkflowHandle } from '@temporalio/client';

export type Event = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

export interface Run {
  events: Event[];
  bytes: number;
}

/** All runs of a workflow, the oldest first. */
export async function runsOf(client: Client, workflowId: string): Promise<Run[]> {
  const first = client.workflow.getHandle(workflowId);
  const runs: Run[] = [];
  for (let runId: string | undefined = (await first.describe()).runId; runId !== undefined;) {
    const handle: WorkflowHandle = client.workflow.getHandle(workflowId, runId);
    const { historySize = 0 } = await handle.describe();
    const events: Event[] = (await handle.fetchHistory()).events ?? [];
    runs.unshift({ events, bytes: historySize });
    // Stops at the first run: one started after a closed run is another execution.
    runId = events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
  }
  return runs;
}

/** `timerFired` of `timerFiredEventAttributes`. */
export function kindOf(event: Event): string {
  const found = Object.entries(event).find(([key, value]) => key.endsWith('EventAttributes') && value);
  return (found?.[0] ?? 'unknown').replace('EventAttributes', '');
}

/** Milliseconds since the epoch. */
export const timeOf = (event: Event): number => millis(event.eventTime);

const millis = (time: { seconds?: unknown; nanos?: number | null } | null | undefined): number =>
  Number(time?.seconds ?? 0) * 1_000 + (time?.nanos ?? 0) / 1e6;

export interface Counted {
  /** By the definition of Temporal Cloud, where a signalWithStart is one action. */
  actions: number;
  /** Counting the start of a signalWithStart too, as older estimates did. */
  withStarts: number;
  events: number;
  workflowTasks: number;
  kinds: Record<string, number>;
}

/**
 * Billable actions as https://docs.temporal.io/cloud/actions defines them: a workflow started (also by continue-as-new), a
 * signalWithStart is one whether it starts or not, each signal and update (counted where it arrives), timer, activity scheduled and each
 * retry, upsert of search attributes, and all markers of one workflow task together. Memo updates and completed workflow tasks
 * are none. Queries leave no event: the server's own counter has them, see `queriesAt`.
 */
export function count(runs: readonly Event[][]): Counted {
  const kinds: Record<string, number> = {};
  let [retries, startedBySignal] = [0, 0];
  const marked = new Set<string>();
  for (const [index, events] of runs.entries()) {
    for (const event of events) {
      const kind = kindOf(event);
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      retries += Math.max(0, (event.activityTaskStartedEventAttributes?.attempt ?? 1) - 1);
      const marker = event.markerRecordedEventAttributes;
      if (marker) marked.add(`${index} ${String(marker.workflowTaskCompletedEventId)}`);
    }
    const [first, second] = events;
    const startsHere = first?.workflowExecutionStartedEventAttributes;
    if (startsHere && second?.workflowExecutionSignaledEventAttributes) startedBySignal += 1;
  }
  const of = (kind: string): number => kinds[kind] ?? 0;
  const withStarts =
    of('workflowExecutionStarted') +
    of('workflowExecutionSignaled') +
    of('workflowExecutionUpdateAccepted') +
    of('timerStarted') +
    of('activityTaskScheduled') +
    retries +
    of('upsertWorkflowSearchAttributes') +
    marked.size;
  return {
    actions: withStarts - startedBySignal,
    withStarts,
    events: runs.reduce((sum, events) => sum + events.length, 0),
    workflowTasks: of('workflowTaskCompleted'),
    kinds,
  };
}

/** The number of workflow queries since the server started: billable, but not in histories. */
export async function queriesAt(metrics: string): Promise<number> {
  const text = await (await fetch(metrics)).text();
  const lines = text
    .split('\n')
    .filter((line) => /^service_requests(_total)?\{/.test(line) && line.includes('operation="QueryWorkflow"'));
  const atFront = lines.filter((line) => line.includes('service_name="frontend"'));
  return atFront.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

export interface Due {
  /** When the timer should have fired, and when it did; milliseconds since the epoch. */
  dueAt: number;
  firedAt: number;
  waitMs: number;
}

export function timersOf(events: readonly Event[]): Due[] {
  return events.flatMap((event) => {
    const startedId = event.timerFiredEventAttributes?.startedEventId;
    const started = events.find(({ eventId }) => startedId && String(eventId) === String(startedId));
    if (!started) return [];
    const waitMs = millis(started.timerStartedEventAttributes?.startToFireTimeout);
    return [{ dueAt: timeOf(started) + waitMs, firedAt: timeOf(event), waitMs }];
  });
}

import type { Client } from '@temporalio/client';

/** What Temporal stores of a run (default: the newest) as text: what its Web UI displays, and everything. */
export async function seenInTemporal(client: Client, workflowId: string, runId?: string) {
  const handle = client.workflow.getHandle(workflowId, runId);
  const run = await handle.describe();
  const { events } = await handle.fetchHistory();
  const summaries = (events ?? []).map(({ userMetadata }) => textsIn(userMetadata)).filter((text) => text !== '');
  // A closed run is not queried.
  const currentDetails: unknown =
    runId === undefined || run.status.name === 'RUNNING' ? await handle.query('__temporal_workflow_metadata') : null;
  return {
    /** The id, memo, search attributes, all summaries and the current details. */
    shown: [
      run.workflowId,
      textsIn(run.memo),
      textsIn(run.raw.workflowExecutionInfo?.memo),
      textsIn(run.raw.workflowExecutionInfo?.searchAttributes),
      textsIn(run.raw.executionConfig?.userMetadata),
      textsIn(currentDetails),
      ...summaries,
    ].join('\n'),
    summaries,
    /** Failures of activities and workflow tasks, with their stack traces. */
    failures: failuresIn(events).join('\n'),
    everything: [textsIn(events), textsIn(run.raw)].join('\n'),
  };
}

/** Every string in a value, keys and payloads too. */
function textsIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([key, part]) => `${key} ${textsIn(part)}`)
    .join('\n');
}

function failuresIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    /failure$/i.test(key) && part ? [textsIn(part)] : failuresIn(part),
  );
}

import type { Client } from '@temporalio/client';

/** What Temporal keeps of a workflow, as text: what is shown to whoever may look, and everything. */
export async function seenInTemporal(client: Client, workflowId: string) {
  const handle = client.workflow.getHandle(workflowId);
  const run = await handle.describe();
  const { events } = await handle.fetchHistory();
  const summaries = (events ?? []).map(({ userMetadata }) => textsIn(userMetadata)).filter((text) => text !== '');
  const currentDetails: unknown = await handle.query('__temporal_workflow_metadata');
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

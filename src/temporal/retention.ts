import type { Client } from '@temporalio/client';

/**
 * For how long the namespace keeps workflows after their end, in milliseconds; null: it does not say.
 * @throws whatever Temporal says, also when it does not answer before the deadline of the client
 */
export async function readRetentionMs(client: Client): Promise<number | null> {
  const { config } = await client.workflowService.describeNamespace({ namespace: client.options.namespace });
  const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  return seconds === 0 ? null : seconds * 1_000;
}

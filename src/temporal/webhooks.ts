/** The workflows of endpoints of outgoing webhooks: how they are signalled, and their alarms. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { taskQueues } from '../workflows/contract.js';
import { changesSignal, webhookSettingsSignal } from '../workflows/messages.js';
import { webhookType, webhookWorkflowId, type ChangesSignal } from '../workflows/webhook-contract.js';

/** Takes changes to the workflow of an endpoint, and starts it where it does not run. May be repeated. */
export async function signalChanges(client: Client, endpoint: string, signal: ChangesSignal): Promise<void> {
  await client.workflow.signalWithStart(webhookType, {
    workflowId: webhookWorkflowId(endpoint),
    taskQueue: taskQueues.incidents,
    args: [{ endpoint }],
    signal: changesSignal,
    signalArgs: [signal],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `Outgoing webhook ${endpoint}`,
  });
}

/** Signals to the workflow of an endpoint, where one runs, how to post to it, or that the file has it no more (null). */
export async function announceEndpoint(client: Client, endpoint: string, version: string | null): Promise<void> {
  try {
    await client.workflow.getHandle(webhookWorkflowId(endpoint)).signal(webhookSettingsSignal, { version });
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** The keys of all endpoints whose workflow runs, also of those that the file has no more. The list is a moment late. */
export async function runningEndpoints(client: Client): Promise<string[]> {
  const found: string[] = [];
  const query = `WorkflowType = "${webhookType}" AND ExecutionStatus = "Running"`;
  for await (const { workflowId } of client.workflow.list({ query }))
    found.push(workflowId.slice(webhookWorkflowId('').length));
  return found;
}

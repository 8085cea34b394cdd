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

/** Tells a running workflow which address is in force; false where none runs. */
export async function announceEndpoint(client: Client, endpoint: string, version: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(webhookWorkflowId(endpoint)).signal(webhookSettingsSignal, { version });
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

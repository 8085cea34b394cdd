/** The workflow of a site's freshness: how it is told of promises, and read. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { taskQueues } from '../workflows/contract.js';
import { freshnessType, freshnessWorkflowId, type FreshnessView } from '../workflows/freshness-contract.js';
import { freshnessQuery, promisesSignal } from '../workflows/messages.js';

/**
 * Tells the workflow which promises are in force, and starts it where it does not run. May be repeated.
 * @param promises of `promisesText`
 */
export async function announcePromises(client: Client, siteName: string, promises: string): Promise<void> {
  await client.workflow.signalWithStart(freshnessType, {
    workflowId: freshnessWorkflowId(siteName),
    taskQueue: taskQueues.incidents,
    args: [{}],
    signal: promisesSignal,
    signalArgs: [{ promises }],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `Freshness of the site ${siteName || 'default'}`,
  });
}

/** Tells the workflow that nothing is promised; false where it does not run. */
export async function withdrawPromises(client: Client, siteName: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(freshnessWorkflowId(siteName)).signal(promisesSignal, { promises: '' });
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** What is known; null where nothing was ever promised, or nothing is any more. A worker has to run. */
export async function readFreshness(client: Client, siteName: string): Promise<FreshnessView | null> {
  const handle = client.workflow.getHandle(freshnessWorkflowId(siteName));
  try {
    const { status } = await handle.describe();
    return status.name === 'RUNNING' ? await handle.query(freshnessQuery) : null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';

/** Workflows by their ids: pagers in which an answer may wait, and the incidents that they would tell. */
export interface Listen {
  pagers: readonly string[];
  incidents: readonly string[];
}

/** Milliseconds: what was asked for longer ago than this is late, for a process was frozen or dead. */
export const fresh = 2_000;
/** Milliseconds: a signal of a pager is with its incident after this. */
const signalling = 300;

/**
 * Tells whether somebody may have answered without the incident knowing: whether a pager, or the incident itself, has a workflow
 * task that is not done. What pagers hear they tell within milliseconds, unless their worker died.
 */
export function createMayBeAnswered(client: Client): (listen: Listen) => Promise<boolean> {
  /** One that does not run hears nothing. */
  async function isUnheard(workflowId: string): Promise<boolean> {
    try {
      const { raw, status } = await client.workflow.getHandle(workflowId).describe();
      return status.name === 'RUNNING' && Boolean(raw.pendingWorkflowTask);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }
  const areUnheard = async (workflowIds: readonly string[]) =>
    (await Promise.all(workflowIds.map(isUnheard))).includes(true);

  return async ({ pagers, incidents }) => {
    if (await areUnheard(pagers)) return true;
    await pause(signalling);
    return areUnheard(incidents);
  };
}

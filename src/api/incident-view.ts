import { WorkflowNotFoundError } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { incidentWorkflowId, viewQuery, type IncidentView } from '../workflows/contract.js';
import { problem } from './plugins/errors.js';
import type { TemporalDoor } from './plugins/temporal.js';
import { rowOf } from './rows.js';

const describe = (client: Client, id: string) => client.workflow.getHandle(incidentWorkflowId(id)).describe();

/** Whether the incident exists or existed. Throws `temporalAway`. */
export async function isKnown({ within, patience }: TemporalDoor, id: string): Promise<boolean> {
  try {
    return rowOf(await within(patience.read, (client) => describe(client, id))) !== null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

export const unknownIncident = (): Error => problem(404, 'UNKNOWN_INCIDENT', 'There is no incident with this id.');

/** A question that waits as long, milliseconds, has no worker to answer it. */
const slow = 1_000;
const waiting = new WeakMap<TemporalDoor, Map<string, number>>();

/**
 * Asks the workflow, unless an earlier question about the same incident waits for a worker: the more of them there are, the more
 * of them its next worker has to answer before it goes on with the incident (docs/decisions, 8). Null then.
 */
async function askWorkflow(door: TemporalDoor, id: string): Promise<IncidentView | null> {
  const asked = waiting.get(door) ?? new Map<string, number>();
  waiting.set(door, asked);
  const now = Date.now();
  const earlier = asked.get(id);
  if (earlier !== undefined && now - earlier > slow) return null;
  if (earlier === undefined) asked.set(id, now);
  try {
    return await door.within(door.patience.read, (client) =>
      client.workflow.getHandle(incidentWorkflowId(id)).query(viewQuery),
    );
  } finally {
    if (earlier === undefined) asked.delete(id);
  }
}

/**
 * The incident as its workflow tells it; when no worker answers in time, its row and an empty timeline.
 * Throws a 404 for an id that is not known, and `temporalAway`.
 */
export async function readIncident(door: TemporalDoor, id: string): Promise<IncidentView> {
  const { within, patience } = door;
  try {
    const view = await askWorkflow(door, id);
    if (view !== null) return view;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw unknownIncident();
  }
  try {
    const row = rowOf(await within(patience.read, (client) => describe(client, id)));
    if (row !== null) return { ...row, detail: null, timeline: [] };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  throw unknownIncident();
}

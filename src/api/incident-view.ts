import { WorkflowNotFoundError } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { incidentWorkflowId, type IncidentView } from '../workflows/contract.js';
import { viewQuery } from '../workflows/messages.js';
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

/**
 * The incident as its workflow tells it; when no worker answers in time, its row and an empty timeline.
 * Throws a 404 for an id that is not known, and `temporalAway`.
 */
export async function readIncident(door: TemporalDoor, id: string): Promise<IncidentView> {
  const { within, patience } = door;
  try {
    return await within(patience.read, (client) => client.workflow.getHandle(incidentWorkflowId(id)).query(viewQuery));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw unknownIncident();
  }
  return readRow(door, id);
}

async function readRow({ within, patience }: TemporalDoor, id: string): Promise<IncidentView> {
  try {
    const row = rowOf(await within(patience.read, (client) => describe(client, id)));
    if (row !== null) return { ...row, detail: null, timeline: [] };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  throw unknownIncident();
}

/** A question that has waited as long, milliseconds, has no worker to answer it. */
const slow = 1_000;

/**
 * Reads as `readIncident` does, and asks no further question about an incident while one has waited for a second: the next worker has
 * to answer them all before it goes on with the incident (docs/decisions, 8). The row is given then.
 */
export function createReader(door: TemporalDoor): (id: string) => Promise<IncidentView> {
  const asked = new Map<string, number>();
  return async (id) => {
    const since = asked.get(id);
    if (since !== undefined) return Date.now() - since > slow ? readRow(door, id) : readIncident(door, id);
    asked.set(id, Date.now());
    try {
      return await readIncident(door, id);
    } finally {
      asked.delete(id);
    }
  };
}

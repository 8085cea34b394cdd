import { WorkflowNotFoundError } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { incidentWorkflowId, type IncidentView } from '../workflows/contract.js';
import { viewQuery } from '../workflows/messages.js';
import { problem } from './plugins/errors.js';
import type { TemporalGateway } from './temporal-gateway.js';
import { rowOf } from './rows.js';

const describe = (client: Client, id: string) => client.workflow.getHandle(incidentWorkflowId(id)).describe();

/** Whether the incident exists or existed. Throws `temporalUnavailable`. */
export async function isKnown({ request, timeouts }: TemporalGateway, id: string): Promise<boolean> {
  try {
    return rowOf(await request(timeouts.readTimeoutMs, (client) => describe(client, id))) !== null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

export const unknownIncident = (): Error => problem(404, 'UNKNOWN_INCIDENT', 'There is no incident with this id.');

/**
 * The incident as its workflow shows it; when no worker answers the query in time, its row and an empty timeline.
 * Throws a 404 for an id that is not known, and `temporalUnavailable`.
 */
export async function readIncident(temporal: TemporalGateway, id: string): Promise<IncidentView> {
  const { query, timeouts } = temporal;
  try {
    return await query(incidentWorkflowId(id), timeouts.readTimeoutMs, (workflow) => workflow.query(viewQuery));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw unknownIncident();
  }
  return readRow(temporal, id);
}

async function readRow({ request, timeouts }: TemporalGateway, id: string): Promise<IncidentView> {
  try {
    const row = rowOf(await request(timeouts.readTimeoutMs, (client) => describe(client, id)));
    if (row !== null) return { ...row, detail: null, timeline: [] };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  throw unknownIncident();
}

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
  const { request, timeouts } = temporal;
  try {
    return await request(timeouts.readTimeoutMs, (client) =>
      client.workflow.getHandle(incidentWorkflowId(id)).query(viewQuery),
    );
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

/** No worker will answer a query that has waited this long. */
const slowQueryMs = 1_000;

/**
 * Reads as `readIncident` does, but sends no further query about an incident while one has waited for a second: the next worker has to
 * answer them all before it goes on with the incident (docs/decisions, 8). The result is the row then.
 */
export function createReader(temporal: TemporalGateway): (id: string) => Promise<IncidentView> {
  const pending = new Map<string, number>();
  return async (id) => {
    const since = pending.get(id);
    if (since !== undefined)
      return Date.now() - since > slowQueryMs ? readRow(temporal, id) : readIncident(temporal, id);
    pending.set(id, Date.now());
    try {
      return await readIncident(temporal, id);
    } finally {
      pending.delete(id);
    }
  };
}

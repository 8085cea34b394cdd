import { readIncident } from '../temporal/read-incident.js';
import type { IncidentView } from '../workflows/view-contract.js';
import { problem } from './plugins/errors.js';
import type { TemporalGateway } from './temporal-gateway.js';

export const unknownIncident = (): Error => problem(404, 'UNKNOWN_INCIDENT', 'There is no incident with this id.');

/** The incident as it shows itself. Throws a 404 for an id that is not known, and `temporalUnavailable`. */
export async function knownIncident({ request, timeouts }: TemporalGateway, id: string): Promise<IncidentView> {
  const view = await request(timeouts.readTimeoutMs, (client) => readIncident(client, id));
  if (view === null) throw unknownIncident();
  return view;
}

import { readHistory } from '../../temporal/histories.js';
import { readIncident } from '../../temporal/read-incident.js';
import { incidentWorkflowId } from '../../workflows/contract.js';
import type { IncidentView } from '../../workflows/view-contract.js';
import { lacksNames, withNames } from './answerers.js';
import { problem } from '../problem.js';
import type { TemporalGateway } from '../temporal-gateway.js';

export const unknownIncident = (): Error => problem(404, 'UNKNOWN_INCIDENT', 'There is no incident with this id.');

/** As `knownIncident`, with the names of those who answered. */
export const namedIncident = async (temporal: TemporalGateway, id: string): Promise<IncidentView> =>
  named(temporal, await knownIncident(temporal, id));

/**
 * An incident with the names of those who answered. Throws `temporalUnavailable`.
 * @param unknown as in `withNames`
 */
export async function named(
  { request, timeouts }: TemporalGateway,
  view: IncidentView,
  unknown?: string,
): Promise<IncidentView> {
  if (!lacksNames(view)) return view;
  const history = await request(timeouts.readTimeoutMs, (client) =>
    readHistory(client, { workflowId: incidentWorkflowId(view.id) }),
  );
  return withNames(view, history, unknown);
}

/** The incident as it shows itself. Throws a 404 for an id that is not known, and `temporalUnavailable`. */
export async function knownIncident({ request, timeouts }: TemporalGateway, id: string): Promise<IncidentView> {
  const view = await request(timeouts.readTimeoutMs, (client) => readIncident(client, id));
  if (view === null) throw unknownIncident();
  return view;
}

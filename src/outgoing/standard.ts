/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#payload-structure */
import { changeId, type IncidentChange } from '../workflows/webhook-contract.js';
import { incidentUrl } from './texts.js';

const iso = (at: number): string => new Date(at).toISOString();

/** One change as data for programs; times are ISO 8601, UTC. */
export function standardBody(change: IncidentChange, publicUrl: string): object {
  const { type, at, incident } = change;
  const { id, state, item, project, cause, event, failures, by, until, policy, severity, url } = incident;
  return {
    type: `incident.${type}`,
    timestamp: iso(at),
    data: {
      change: changeId(change),
      incident: id,
      state,
      item,
      project: project ?? null,
      cause: cause ?? null,
      event,
      failures,
      firstFailedAt: iso(incident.firstFailedAt),
      lastFailedAt: iso(incident.lastFailedAt),
      by,
      snoozedUntil: until === undefined ? null : iso(until),
      policy,
      severity: severity ?? 'high',
      url: incidentUrl(publicUrl, id),
      tableauUrl: url ?? null,
    },
  };
}

/** What Alertmanager posts, for receivers that take that: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
import { createHash } from 'node:crypto';
import { isEnd } from '../workflows/change-types.js';
import type { IncidentChange } from '../workflows/webhook-contract.js';
import { kindName } from '../workflows/words.js';
import { incidentUrl, lineOf, textOf } from './texts.js';

interface Alert {
  status: 'firing' | 'resolved';
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  /** Of what is open: the zero time of Go. */
  endsAt: string;
  generatorURL: string;
  fingerprint: string;
}

const open = '0001-01-01T00:00:00Z';
const iso = (at: number): string => new Date(at).toISOString();

/** The same for all episodes and changes of an incident. */
const fingerprintOf = (incident: string): string => createHash('sha256').update(incident).digest('hex').slice(0, 16);

function alertOf(change: IncidentChange, publicUrl: string): Alert {
  const { type, at, incident } = change;
  const { item, project, cause, event, state, by, policy, severity, url } = incident;
  const isOver = isEnd(type);
  return {
    status: isOver ? 'resolved' : 'firing',
    // What identifies it, and does not change while it is open.
    labels: {
      alertname: event,
      incident: incident.id,
      item: item.name,
      kind: kindName(item.kind),
      site: item.site,
      policy,
      severity: severity ?? 'high',
      ...(project !== undefined && { project }),
    },
    annotations: {
      summary: lineOf(textOf(change, publicUrl)),
      state,
      ...(cause !== undefined && { description: cause }),
      ...(by !== null && { by }),
    },
    startsAt: iso(incident.firstFailedAt),
    endsAt: isOver ? iso(at) : open,
    generatorURL: url ?? incidentUrl(publicUrl, incident.id),
    fingerprint: fingerprintOf(incident.id),
  };
}

/** The newest change of each incident as an alert. */
export function alertmanagerBody(changes: readonly IncidentChange[], publicUrl: string, receiver: string): object {
  const newest = new Map(changes.map((change) => [change.incident.id, change]));
  const alerts = [...newest.values()].map((change) => alertOf(change, publicUrl));
  return {
    version: '4',
    groupKey: `{}:{receiver="${receiver}"}`,
    truncatedAlerts: 0,
    status: alerts.some(({ status }) => status === 'firing') ? 'firing' : 'resolved',
    receiver,
    groupLabels: {},
    commonLabels: shared(alerts.map(({ labels }) => labels)),
    commonAnnotations: shared(alerts.map(({ annotations }) => annotations)),
    externalURL: publicUrl,
    alerts,
  };
}

/** What all of them have. */
function shared([first = {}, ...others]: readonly Record<string, string>[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)),
  );
}

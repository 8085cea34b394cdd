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
    // Some may change while it is open, such as a project that becomes known: groupKey and fingerprint do not.
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

/** A group of its own for each incident: receivers take the status of a group for that of all alerts that it had before. */
export function alertmanagerBody(change: IncidentChange, publicUrl: string, receiver: string): object {
  const alert = alertOf(change, publicUrl);
  const { id } = change.incident;
  return {
    version: '4',
    groupKey: `{}:{incident=${JSON.stringify(id)}}`,
    truncatedAlerts: 0,
    status: alert.status,
    receiver,
    groupLabels: { incident: id },
    commonLabels: alert.labels,
    commonAnnotations: alert.annotations,
    externalURL: publicUrl,
    alerts: [alert],
  };
}

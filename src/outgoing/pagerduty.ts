/** PagerDuty Events API v2: https://developer.pagerduty.com/docs/send-alert-event */
import { createHash } from 'node:crypto';
import { isEnd, type ChangeType } from '../workflows/change-types.js';
import type { IncidentChange } from '../workflows/webhook-contract.js';
import { fit } from '../workflows/words.js';
import { incidentUrl, lineOf, textOf } from './texts.js';

type Action = 'trigger' | 'acknowledge' | 'resolve';

/** What PagerDuty has no word for is not sent. */
function actionOf(type: ChangeType): Action | null {
  if (isEnd(type)) return 'resolve';
  if (type === 'acknowledged' || type === 'snoozed') return 'acknowledge';
  return type === 'handed-over' ? null : 'trigger';
}

const mostOfSummary = 1_024;

/** @returns null where PagerDuty has no word for the change */
export function pagerDutyBody(change: IncidentChange, publicUrl: string, key: string): object | null {
  const { type, at, incident } = change;
  const { id, item, project, cause, failures, policy, severity, url } = incident;
  const action = actionOf(type);
  if (action === null) return null;
  const text = textOf(change, publicUrl);
  return {
    routing_key: key,
    event_action: action,
    dedup_key: createHash('sha256').update(id).digest('hex'),
    client: 'Tableau Webhooks',
    client_url: incidentUrl(publicUrl, id),
    payload: {
      summary: fit(lineOf(text), mostOfSummary),
      source: `Tableau site ${item.site}`,
      severity: severity === 'critical' ? 'critical' : severity === 'low' ? 'warning' : 'error',
      timestamp: new Date(at).toISOString(),
      component: fit(item.name, 255),
      ...(project !== undefined && { group: project }),
      class: incident.event,
      custom_details: { incident: id, failures, policy, cause: cause ?? null },
    },
    links: [
      { href: incidentUrl(publicUrl, id), text: 'The incident' },
      ...(url === undefined ? [] : [{ href: url, text: 'In Tableau' }]),
    ],
  };
}

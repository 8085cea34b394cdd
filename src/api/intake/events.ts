/**
 * Reads what Tableau posts: https://help.tableau.com/current/developer/webhooks/en-us/docs/webhooks-events-payload.html
 * Pure. `resource` is never looked at: refresh events carry EXTRACTS whatever the item is.
 */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { asIdPart, incidentIdFor, partsOf } from '../../temporal/incident-ids.js';
import { maxKeywordBytes, oneLine } from '../../temporal/one-line.js';
import { flowRunFailed, flowRunSucceeded } from '../../workflows/flows-contract.js';
import { canBeRefreshed, minute, type ItemKind, type TableauEvent } from '../../workflows/contract.js';

export type Delivery = { what: 'test' } | { what: 'event'; event: TableauEvent } | { what: 'wrong'; message: string };

const pattern = '^[^\\u0000-\\u001f\\u007f-\\u009f]*$';
const Name = Type.String({ minLength: 1, maxLength: 256, pattern });
const Text = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Body = Type.Object({
  event_type: Name,
  resource_luid: Name,
  resource: Text,
  resource_name: Text,
  site_luid: Type.Optional(Type.Union([Type.String({ maxLength: 256, pattern }), Type.Null()])),
  created_at: Text,
});

const isTest = (body: unknown): boolean =>
  body === undefined ||
  (typeof body === 'object' &&
    body !== null &&
    !Array.isArray(body) &&
    (Object.keys(body).length === 0 || ('event_type' in body && body.event_type === 'Test')));

/**
 * Reads a delivery. Tableau's test call is documented as empty, and was also seen with `event_type: "Test"`.
 * @param body the parsed JSON; undefined for an empty body
 * @param now the time of arrival, ms
 */
export function readDelivery(body: unknown, now: number): Delivery {
  if (isTest(body)) return { what: 'test' };
  if (!Value.Check(Body, body)) return { what: 'wrong', message: problemOf(body) };
  const luid = body.resource_luid;
  const stated = timeOf(body.created_at ?? '');
  const isTrue = stated !== null && stated >= firstWebhooksAt && stated <= now + maxAheadMs;
  return {
    what: 'event',
    event: {
      type: body.event_type,
      item: {
        kind: kindOf(body.event_type),
        luid,
        name: oneLine(body.resource_name ?? '', maxKeywordBytes) || luid,
        site: body.site_luid || '-',
      },
      createdAt: isTrue ? stated : now,
      ...(stated !== null && !isTrue && { untrueCreatedAt: stated }),
      receivedAt: now,
    },
  };
}

function problemOf(body: unknown): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'The body must be a JSON object.';
  for (const field of ['event_type', 'resource_luid']) {
    if (!(field in body)) return `${field} is missing.`;
  }
  const path = Value.Errors(Body, body)[0]?.instancePath.split('/')[1] ?? 'The body';
  return path === 'event_type' || path === 'resource_luid'
    ? `${path} must be a string of 1 to 256 characters without control characters.`
    : `${path} must be a string${path === 'site_luid' ? ' of at most 256 characters without control characters' : ''}.`;
}

/** Two machines' clocks differ by less. An event of the future would hide all that come before its time. */
const maxAheadMs = 5 * minute;
/** Tableau has sent webhooks since 2019. */
const firstWebhooksAt = Date.UTC(2018, 0);

/** ISO 8601 with seconds, in UTC where it names no zone; null when it is anything else. */
const maxTimeLength = 100;
function timeOf(text: string): number | null {
  const [, moment, zone] =
    /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:?\d\d)?$/i.exec(text.slice(0, maxTimeLength).trim()) ??
    [];
  if (moment === undefined) return null;
  const time = Date.parse(moment.replace(' ', 'T') + (zone ?? 'Z').toUpperCase());
  return Number.isNaN(time) ? null : time;
}

const kinds: Readonly<Record<string, ItemKind>> = {
  workbook: 'workbook',
  datasource: 'datasource',
  label: 'label',
  site: 'site',
  user: 'user',
  view: 'view',
  // AdminPromoted and AdminDemoted name the user.
  admin: 'user',
};

function kindOf(eventType: string): ItemKind {
  if (eventType === flowRunFailed || eventType === flowRunSucceeded) return 'flow';
  const object = partsOf(eventType)?.object ?? '';
  return Object.hasOwn(kinds, object) ? (kinds[object] ?? 'item') : 'item';
}

/** Whether an event is a successful refresh, or run of a flow: it resolves an incident and never opens one. */
export const isSuccess = (eventType: string): boolean =>
  partsOf(eventType)?.action === 'RefreshSucceeded' || eventType === flowRunSucceeded;

/**
 * The incident that an event ends: a success ends that of its refresh or run, and so does the deletion of what was refreshed; null
 * for all other events.
 */
export function incidentEndedBy(event: TableauEvent): string | null {
  if (isSuccess(event.type)) return incidentIdFor(event);
  const deleted = partsOf(event.type)?.action === 'Deleted' && canBeRefreshed(event.item);
  return deleted ? ['refresh', event.item.site, event.item.luid].map(asIdPart).join(':') : null;
}

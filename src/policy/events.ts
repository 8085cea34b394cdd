import { editDistance } from '../config/edit-distance.js';
import { flowRunFailed } from '../workflows/flows-contract.js';
import { matchesEvent } from './route.js';

/** The events of which Tableau sends webhooks: https://help.tableau.com/current/developer/webhooks/en-us/docs/webhooks-events-payload.html */
export const knownEvents: readonly string[] = [
  ...['Datasource', 'Workbook'].flatMap((kind) =>
    ['Created', 'Updated', 'Deleted', 'RefreshStarted', 'RefreshSucceeded', 'RefreshFailed'].map((what) => kind + what),
  ),
  ...['Label', 'Site'].flatMap((kind) => ['Created', 'Updated', 'Deleted'].map((what) => kind + what)),
  'UserDeleted',
  'ViewDeleted',
  'AdminPromoted',
  'AdminDemoted',
];

/** Events that this service makes itself, of what Tableau sends no webhook for. */
export const ownEvents: readonly string[] = [flowRunFailed];
const routable: readonly string[] = [...knownEvents, ...ownEvents];

const isKnown = (pattern: string): boolean => routable.some((name) => matchesEvent(pattern, name));

/** A known event that a pattern misses by a few letters, or by a fifth of them where it has a wildcard. */
function nearest(pattern: string): string | undefined {
  const maxDistance = pattern.includes('*') ? Math.max(2, Math.floor(pattern.length / 5)) : 2;
  return routable.find((name) => editDistance(pattern.toLowerCase(), name.toLowerCase()) <= maxDistance);
}

/**
 * What is wrong with an event pattern of a route, or null: it is nearly one that fits an event, and with a typing error there nobody
 * would be paged.
 */
export function misspelt(pattern: string): string | null {
  if (isKnown(pattern)) return null;
  const near = nearest(pattern);
  if (near === undefined) return null;
  return pattern.includes('*')
    ? `"${pattern}" fits no event of Tableau, and nearly fits "${near}".`
    : `"${pattern}" is no event of Tableau; did you mean "${near}"?`;
}

/** Whether a pattern fits no event that we know of. Tableau may add events, so that is no error. */
export const isUnknown = (pattern: string): boolean => !isKnown(pattern);

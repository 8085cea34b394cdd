import { editDistance } from '../config/misspelt.js';
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

/**
 * What is wrong with an event pattern of a route, or null. Tableau may add events, so an unknown plain name is
 * accepted, unless it is nearly a known one: with a typing error there nobody would be paged. A wildcard that fits no known event is
 * a typing error, too.
 */
export function misspelt(pattern: string): string | null {
  if (knownEvents.some((name) => matchesEvent(pattern, name))) return null;
  if (pattern.includes('*')) return `"${pattern}" fits no event of Tableau.`;
  const near = knownEvents.find((name) => editDistance(pattern.toLowerCase(), name.toLowerCase()) <= 2);
  return near === undefined ? null : `"${pattern}" is no event of Tableau; did you mean "${near}"?`;
}

/** The ids of incidents, and what Temporal shows of them from their start. Pure. */
import { createHash } from 'node:crypto';
import { publicName, type TableauEvent } from '../workflows/contract.js';
import { asMarkdown } from '../workflows/names.js';
import { flowRunFailed, flowRunSucceeded } from '../workflows/flows-contract.js';
import { refreshMissing } from '../workflows/freshness-contract.js';
import { oneLine } from './one-line.js';

/** `WorkbookRefreshFailed` → Workbook, RefreshFailed; null for names that are not built like that. */
export function partsOf(eventType: string): { object: string; action: string } | null {
  const [, object, action] =
    /^(\w+?)(RefreshStarted|RefreshSucceeded|RefreshFailed|Created|Updated|Deleted|Promoted|Demoted)$/.exec(
      eventType,
    ) ?? [];
  return object === undefined || action === undefined ? null : { object: object.toLowerCase(), action };
}

const wordsOf = (eventType: string): string[] =>
  eventType
    .replaceAll(/([\p{Ll}\p{N}])(?=\p{Lu})/gu, '$1 ')
    .replaceAll(/(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$1 ')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

/** The family of events that share one incident per item: `refresh`, `workbook`, `admin`, `flow-run`, …. */
export function familyOf(eventType: string): string {
  if (eventType === refreshMissing) return 'refresh';
  if (eventType === flowRunFailed || eventType === flowRunSucceeded) return 'flow-run';
  const parts = partsOf(eventType);
  if (parts !== null) return parts.action.startsWith('Refresh') ? 'refresh' : parts.object;
  return wordsOf(eventType).join('-') || 'event';
}

/** Temporal takes workflow ids of at most 1,000 bytes. */
const maxPartBytes = 256;
// Half a surrogate pair has no UTF-8.
export const asIdPart = (part: string): string =>
  Buffer.byteLength(part) <= maxPartBytes && !/\p{Cs}/u.test(part)
    ? part
    : `sha256-${createHash('sha256').update(part).digest('hex')}`;

/** The id of the incident that an event belongs to: `refresh:<site_luid or ->:<resource_luid>`. */
export function incidentIdFor(event: TableauEvent): string {
  return [familyOf(event.type), event.item.site, event.item.luid].map(asIdPart).join(':');
}

/** The line that Temporal's Web UI lists, at most 200 bytes: `Workbook refresh failed: Sales`. */
export function summaryOf(event: TableauEvent): string {
  const words = wordsOf(event.type).join(' ') || event.type;
  return oneLine(`${words.charAt(0).toUpperCase()}${words.slice(1)}: ${asMarkdown(publicName(event.item))}`, 200);
}

/** The page of an incident. @param publicUrl without a trailing slash */
const pageOf = (incident: string, publicUrl: string): string =>
  `${publicUrl}/incidents/${encodeURIComponent(incident)}`;

/** Where the state of an incident is: the Web UI shows the input of a workflow first. */
export const aboutText = (incident: string, publicUrl: string): string =>
  `State, cause, who was paged and what comes next: tab "User Metadata", and ${pageOf(incident, publicUrl)}`;

/** The same where the Web UI shows the state itself, as Markdown. */
export const detailsOf = (incident: string, publicUrl: string): string =>
  `State, cause, who was paged and what comes next: **Current Details**, on this page.\n\n` +
  `The same with buttons: ${pageOf(incident, publicUrl)}`;

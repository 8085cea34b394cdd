/** What the label of a data source says to readers, as a function of the incident's state: it names no person unless that is wanted. */
import type { Labelling } from '../contract.js';
import { labelMarker } from '../label-contract.js';
import { holderOf, type Incident } from './state.js';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** "30 Nov", UTC. */
const dayOf = (at: number): string => {
  const date = new Date(at);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ''}`;
};
/** "05:10", UTC. */
const timeOf = (at: number): string => new Date(at).toISOString().slice(11, 16);

/** "Stale since 05:10. Somebody has it since 05:14. Next run 07:00. Times in UTC, 30 Nov 2026. (Tableau Webhooks)" */
export function labelText(incident: Incident, { who }: Labelling): string {
  const { firstFailedAt, lastFailedAt, detail, state } = incident;
  const first = dayOf(firstFailedAt);
  /** With the day, where it is not that of the first time. */
  const shown = (at: number): string => (dayOf(at) === first ? timeOf(at) : `${dayOf(at)} ${timeOf(at)}`);
  const nextRunAt = detail?.nextRunAt;
  const isTaken = state === 'acknowledged' || state === 'snoozed';
  const holder = holderOf(incident);
  const name = (who ? holder?.contact : null) ?? 'Somebody';
  return [
    `Stale since ${timeOf(firstFailedAt)}.`,
    ...(isTaken ? [`${name} has it${holder === null ? '' : ` since ${shown(holder.at)}`}.`] : []),
    // One that has failed meanwhile is not the next.
    ...(nextRunAt !== undefined && nextRunAt > lastFailedAt ? [`Next run ${shown(nextRunAt)}.`] : []),
    `Times in UTC, ${first} ${new Date(firstFailedAt).getUTCFullYear()}.`,
    labelMarker,
  ].join(' ');
}

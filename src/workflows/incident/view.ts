/**
 * How an incident reads: as a row for scripts, and as Markdown for the Temporal Web UI. More people can read memo and current details
 * than are on call, so neither holds a phone number or a person's name.
 */
import { asMarkdown, publicName, searchAttributes, type IncidentRow, type IncidentView } from '../contract.js';
import { nextStepText } from './escalation.js';
import { isOpen, type Incident, type Page } from './state.js';
import { unreachable } from './unreached.js';
import { channelName } from '../channels.js';
import { fit, kindName, roleOnly, utc } from '../words.js';

const iso = (at: number): string => new Date(at).toISOString();

function nextOf({ state, next }: Incident): IncidentRow['next'] {
  return state === null || next === null || next.at === null ? null : { at: iso(next.at), what: next.what };
}

export function viewOf(incident: Incident): IncidentView {
  return {
    id: incident.id,
    state: incident.state ?? 'triggered',
    item: incident.item,
    event: incident.event,
    failures: incident.failures,
    firstFailedAt: iso(incident.firstFailedAt),
    lastFailedAt: iso(incident.lastFailedAt),
    acknowledgedBy: incident.acknowledgedBy,
    policy: incident.policy?.name ?? '',
    step: Math.min(incident.escalation.step + 1, incident.policy?.steps.length ?? 0),
    next: nextOf(incident),
    detail: incident.detail,
    timeline: incident.timeline,
  };
}

/** The memo: the view without what only the bearer of the token may read. */
export function rowOf(incident: Incident): IncidentRow {
  const { detail: _detail, timeline: _timeline, ...row } = viewOf(incident);
  return {
    ...row,
    item: { ...row.item, name: publicName(row.item) },
    acknowledgedBy: row.acknowledgedBy === null ? null : roleOnly(row.acknowledgedBy),
  };
}

/** What the incident is found by in the Web UI. */
export const searchValues = ({ item, event, state }: Incident): Record<string, string> => ({
  [searchAttributes.state]: state ?? 'triggered',
  [searchAttributes.item]: publicName(item),
  [searchAttributes.event]: event,
});

const cell = (text: string): string => asMarkdown(fit(text, 80));

/** A list, for the Web UI shows tables without space between their cells. */
const pageLine =
  (incident: Incident) =>
  (page: Page): string => {
    const status = statusText(incident, page);
    return `- ${utc(page.sentAt ?? page.requestedAt)} · ${page.contact} · ${channelName(page.channel)} · ${cell(status)}`;
  };

function statusText({ state }: Incident, { status, why, quietUntil }: Page): string {
  if (status === 'failed') return `failed (${why ?? 'unknown'})`;
  if (status !== 'held' || quietUntil === undefined) return status;
  const isWanted = state === 'triggered' || state === 'unacknowledged';
  return isWanted ? `held until ${utc(quietUntil)}, quiet hours` : 'not sent';
}

function nextText(incident: Incident): string {
  const { state, next } = incident;
  if (next === null) return state === 'triggered' ? nextStepText(incident) : 'Nothing planned';
  return next.at === null ? next.what : `${next.what} at ${utc(next.at)}`;
}

/** How the episode ended. A script may have named a person in an answer. */
function endedText({ timeline }: Incident): string {
  const last = timeline.findLast(({ type }) => endTypes.has(type));
  return last === undefined || last.type === 'resolved' ? 'By an answer' : asMarkdown(last.text);
}
const endTypes = new Set(['recovered', 'deleted', 'resolved', 'ignored', 'forgotten']);

/** Markdown for `setCurrentDetails`: state, cause, who was paged and when, what comes next. */
export function detailsOf(incident: Incident): string {
  if (incident.state === null) return 'Waiting for the first event.';
  const name = cell(publicName({ ...incident.item, name: incident.detail?.name ?? incident.item.name }));
  const by = incident.acknowledgedBy === null ? null : roleOnly(incident.acknowledgedBy);
  const problems = incident.detail?.problems ?? [];
  return [
    `**${incident.state}**${by ? ` by ${by}` : ''} · ${kindName(incident.item.kind)} **${name}**`,
    '',
    `- Project: ${incident.detail?.project ? cell(incident.detail.project) : 'not known'}`,
    `- Event: ${cell(incident.event)}, ${incident.failures === 1 ? '1 failure' : `${incident.failures} failures`} since ${utc(incident.firstFailedAt)}`,
    `- Cause: ${incident.detail?.cause ? cell(incident.detail.cause) : 'not known'}`,
    ...problems.map((problem) => `- Not known: ${cell(problem)}`),
    ...(incident.detail?.url ? [`- In Tableau: ${incident.detail.url}`] : []),
    `- Policy: ${incident.policy?.name ?? 'none'}`,
    isOpen(incident) ? `- Next: ${nextText(incident)}` : `- Ended: ${endedText(incident)}`,
    ...unreachable(incident).map(
      ({ contact, since }) => `- The pager of ${contact} cannot be signalled since ${utc(since)}`,
    ),
    '',
    ...(incident.pages.length > 0
      ? ['Paged, and when:', '', ...incident.pages.slice(-20).map(pageLine(incident))]
      : ['Nobody was paged.']),
  ].join('\n');
}

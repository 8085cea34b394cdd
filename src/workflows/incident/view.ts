/**
 * How an incident reads: as a row for scripts, and as Markdown for the Temporal Web UI. Memo and current details are read by
 * people who are not on the list, so neither holds a number or a person's name.
 */
import { publicName, type IncidentRow, type IncidentView } from '../contract.js';
import { nextStepText } from './escalation.js';
import { roleOnly } from '../roles.js';
import type { Decision, Page, Incident } from './state.js';
import { channelName, fit, kindName } from '../words.js';

const iso = (at: number): string => new Date(at).toISOString();

function nextOf(incident: Incident, decision: Decision): IncidentRow['next'] {
  if (incident.state === null || decision.do !== 'wait' || decision.until === null) return null;
  return { at: iso(decision.until), what: decision.what };
}

/** What happens after a `step` decision is not known before it is taken: rows are made of `wait` decisions. */
export function viewOf(incident: Incident, decision: Decision): IncidentView {
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
    next: nextOf(incident, decision),
    detail: incident.detail,
    timeline: incident.timeline,
  };
}

/** The memo: the view without what only the bearer of the token may read. */
export function rowOf(incident: Incident, decision: Decision): IncidentRow {
  const { detail: _detail, timeline: _timeline, ...row } = viewOf(incident, decision);
  return {
    ...row,
    item: { ...row.item, name: publicName(row.item) },
    acknowledgedBy: row.acknowledgedBy === null ? null : roleOnly(row.acknowledgedBy),
  };
}

const cell = (text: string): string => fit(text, 80).replaceAll('|', '\\|');

/** A list, for the Web UI shows tables without space between their cells. */
function pageLine(page: Page): string {
  const status = page.status === 'failed' ? `failed (${page.why ?? 'unknown'})` : page.status;
  return `- ${clock(page.sentAt ?? page.requestedAt)} · ${page.contact} · ${channelName[page.channel]} · ${cell(status)}`;
}

/** `2026-03-01 03:00:07 UTC` */
const clock = (at: number): string => `${iso(at).slice(0, 19).replace('T', ' ')} UTC`;

/** Markdown for `setCurrentDetails`: state, cause, who was told and when, what comes next. */
export function detailsOf(incident: Incident, decision: Decision): string {
  if (incident.state === null) return 'Waiting for the first event.';
  const name = cell(publicName({ ...incident.item, name: incident.detail?.name ?? incident.item.name }));
  const by = incident.acknowledgedBy === null ? null : roleOnly(incident.acknowledgedBy);
  const next = nextOf(incident, decision);
  const problems = incident.detail?.problems ?? [];
  return [
    `**${incident.state}**${by ? ` by ${by}` : ''} · ${kindName(incident.item.kind)} **${name}**`,
    '',
    `- Project: ${incident.detail?.project ? cell(incident.detail.project) : 'not known'}`,
    `- Event: ${incident.event}, ${incident.failures === 1 ? '1 failure' : `${incident.failures} failures`} since ${clock(incident.firstFailedAt)}`,
    `- Cause: ${incident.detail?.cause ? cell(incident.detail.cause) : 'not known'}`,
    ...problems.map((problem) => `- Not learnt: ${cell(problem)}`),
    ...(incident.detail?.url ? [`- In Tableau: ${incident.detail.url}`] : []),
    `- Policy: ${incident.policy?.name ?? 'none'}`,
    `- Next: ${next ? `${next.what} at ${clock(Date.parse(next.at))}` : incident.state === 'triggered' ? nextStepText(incident) : 'nothing planned'}`,
    '',
    ...(incident.pages.length > 0
      ? ['Told, and when:', '', ...incident.pages.slice(-20).map(pageLine)]
      : ['Nobody was paged.']),
  ].join('\n');
}

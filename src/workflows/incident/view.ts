/**
 * How an incident reads: as a row for scripts, and as Markdown for the Temporal Web UI. Memo and current details are read by
 * people who are not on the list, so neither holds a number or a person's name.
 */
import { publicName, type IncidentRow, type IncidentView } from '../contract.js';
import { nextStepText } from './escalation.js';
import { roleOnly } from '../roles.js';
import type { Decision, Page, Story } from './state.js';
import { channelName, fit, kindName } from '../words.js';

const iso = (at: number): string => new Date(at).toISOString();

function nextOf(story: Story, decision: Decision): IncidentRow['next'] {
  if (story.state === null || decision.do !== 'wait' || decision.until === null) return null;
  return { at: iso(decision.until), what: decision.what };
}

/** What happens after a `step` decision is not known before it is taken: rows are made of `wait` decisions. */
export function viewOf(story: Story, decision: Decision): IncidentView {
  return {
    id: story.id,
    state: story.state ?? 'triggered',
    item: story.item,
    event: story.event,
    failures: story.failures,
    firstFailedAt: iso(story.firstFailedAt),
    lastFailedAt: iso(story.lastFailedAt),
    acknowledgedBy: story.acknowledgedBy,
    policy: story.policy?.name ?? '',
    step: Math.min(story.ladder.step + 1, story.policy?.steps.length ?? 0),
    next: nextOf(story, decision),
    detail: story.detail,
    timeline: story.timeline,
  };
}

/** The memo: the view without what only the bearer of the token may read. */
export function rowOf(story: Story, decision: Decision): IncidentRow {
  const { detail: _detail, timeline: _timeline, ...row } = viewOf(story, decision);
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
  return `- ${clock(page.sentAt ?? page.askedAt)} · ${page.contact} · ${channelName[page.channel]} · ${cell(status)}`;
}

/** `2026-03-01 03:00:07 UTC` */
const clock = (at: number): string => `${iso(at).slice(0, 19).replace('T', ' ')} UTC`;

/** Markdown for `setCurrentDetails`: state, cause, who was told and when, what comes next. */
export function detailsOf(story: Story, decision: Decision): string {
  if (story.state === null) return 'Waiting for the first event.';
  const name = cell(publicName({ ...story.item, name: story.detail?.name ?? story.item.name }));
  const by = story.acknowledgedBy === null ? null : roleOnly(story.acknowledgedBy);
  const next = nextOf(story, decision);
  const problems = story.detail?.problems ?? [];
  return [
    `**${story.state}**${by ? ` by ${by}` : ''} · ${kindName(story.item.kind)} **${name}**`,
    '',
    `- Project: ${story.detail?.project ? cell(story.detail.project) : 'not known'}`,
    `- Event: ${story.event}, ${story.failures === 1 ? '1 failure' : `${story.failures} failures`} since ${clock(story.firstFailedAt)}`,
    `- Cause: ${story.detail?.cause ? cell(story.detail.cause) : 'not known'}`,
    ...problems.map((problem) => `- Not learnt: ${cell(problem)}`),
    ...(story.detail?.url ? [`- In Tableau: ${story.detail.url}`] : []),
    `- Policy: ${story.policy?.name ?? 'none'}`,
    `- Next: ${next ? `${next.what} at ${clock(Date.parse(next.at))}` : story.state === 'triggered' ? nextStepText(story) : 'nothing planned'}`,
    '',
    ...(story.pages.length > 0
      ? ['Told, and when:', '', ...story.pages.slice(-20).map(pageLine)]
      : ['Nobody was paged.']),
  ].join('\n');
}

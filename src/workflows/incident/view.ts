/**
 * How an incident reads: for the memo, from which scripts and pages read it, and as Markdown for the Temporal Web UI. More people can read both
 * than are on call, so neither holds a phone number, an owner's name or a name that somebody gave.
 */
import { publicName, searchAttributes, type ItemDetail } from '../contract.js';
import { asMarkdown } from '../names.js';
import { nextStep } from './escalation.js';
import type { Page } from './escalation-state.js';
import { holderOf, isOpen, type Incident } from './state.js';
import { unreachable } from './unreached.js';
import { channelName } from '../channels.js';
import type { IncidentDetail, IncidentRow, PageView } from '../view-contract.js';
import { fit, kindName, roleOnly, utc } from '../words.js';

/** Longer texts lose their middle: all of it has to fit in a memo. */
const maxText = 300;
const maxTags = 20;

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null | undefined): string | null => (at === null || at === undefined ? null : iso(at));
const roleOrNull = (by: string | undefined | null): string | null =>
  by === undefined || by === null ? null : roleOnly(by);
const textOrNull = (text: string | undefined): string | null => (text === undefined ? null : fit(text, maxText));

/** @param next what comes next; by default what the incident waits for */
export function rowOf(incident: Incident, next = incident.next): IncidentRow {
  const { item, detail, policy, escalation, state } = incident;
  const snoozed = state === 'snoozed' ? incident.snoozed : null;
  return {
    id: incident.id,
    episode: incident.episode,
    state: state ?? 'triggered',
    item: { ...item, name: publicName(item) },
    event: incident.event,
    cause: textOrNull(detail?.cause),
    project: textOrNull(detail?.project),
    ownerRole: detail?.ownerRole ?? null,
    failures: incident.failures,
    firstFailedAt: iso(incident.firstFailedAt),
    lastFailedAt: iso(incident.lastFailedAt),
    acknowledgedBy: roleOrNull(incident.acknowledgedBy),
    acknowledgedAt: isoOrNull(incident.acknowledgedAt),
    snoozedBy: roleOrNull(snoozed?.by),
    snoozedUntil: isoOrNull(snoozed?.until),
    endedAt: isoOrNull(incident.overAt),
    policy: policy?.name ?? '',
    step: Math.min(escalation.step + 1, policy?.steps.length ?? 0),
    round: incident.rounds,
    pages: incident.lastPage,
    next:
      state === null || next === null || next.at === null
        ? null
        : { at: iso(next.shownAt ?? next.at), code: next.code, what: next.what },
  };
}

/** Without the owner's name: it is asked for when somebody looks. */
export function detailOf({ detail }: Incident): IncidentDetail | null {
  if (detail === null) return null;
  const { cause, project, tags, problems, lastGoodAt, nextRunAt } = detail;
  return {
    ...(project !== undefined && { project: fit(project, maxText) }),
    ...(detail.url !== undefined && { url: detail.url }),
    ...(tags !== undefined && { tags: tags.slice(0, maxTags).map((tag) => fit(tag, maxText)) }),
    ...(cause !== undefined && { cause: fit(cause, maxText) }),
    problems: problems.map((problem) => fit(problem, maxText)),
    ...counted(detail),
    ...(lastGoodAt !== undefined && { lastGoodAt: iso(lastGoodAt) }),
    ...(nextRunAt !== undefined && { nextRunAt: iso(nextRunAt) }),
    ...(detail.unknownItem && { unknownItem: true }),
  };
}

const counted = ({ consecutiveFailures, downstreamWorkbooks }: ItemDetail): Partial<IncidentDetail> => ({
  ...(consecutiveFailures !== undefined && { consecutiveFailures }),
  ...(downstreamWorkbooks !== undefined && { downstreamWorkbooks }),
});

/** One page as it stands. What has not left when somebody answered, or when it works again, does not leave any more. */
export function pageOf({ state, cancelling }: Incident, page: Page): PageView {
  const { n, contact, channel, step = null, requestedAt, sentAt, readAt, heldUntil } = page;
  const isHeld = page.status === 'held';
  const isPending = isHeld || page.status === 'requested';
  const isSettled = isPending && (cancelling || (state !== 'triggered' && state !== 'unacknowledged'));
  const view = {
    n,
    contact,
    channel,
    step,
    requestedAt: iso(requestedAt),
    sentAt: isoOrNull(sentAt),
    readAt: isoOrNull(readAt),
    heldUntil: isHeld && !isSettled ? isoOrNull(heldUntil) : null,
  };
  if (isSettled) return { ...view, status: 'withdrawn', why: 'nobody needs it any more' };
  if (page.status !== 'failed')
    return { ...view, status: readAt === undefined ? page.status : 'read', why: isHeld ? textOrNull(page.why) : null };
  if (page.why === 'silenced') return { ...view, status: 'withdrawn', why: 'a silence covers the item' };
  const isWithdrawn = page.why === 'withdrawn';
  return {
    ...view,
    status: isWithdrawn ? 'withdrawn' : 'failed',
    why: textOrNull(isWithdrawn ? page.withdrawnFor : page.why),
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
  if (next === null) return state === 'triggered' ? nextStep(incident).what : 'Nothing planned';
  return next.at === null || next.shownAt !== undefined ? next.what : `${next.what} at ${utc(next.at)}`;
}

/** How the episode ended. */
function endedText({ timeline }: Incident): string {
  const last = timeline.findLast(({ type }) => endTypes.has(type));
  return last === undefined || last.type === 'resolved' ? 'By an answer' : asMarkdown(last.text);
}
const endTypes = new Set(['recovered', 'deleted', 'not-promised', 'resolved', 'ignored', 'forgotten']);

/** Markdown for `setCurrentDetails`: state, cause, who was paged and when, what comes next. */
export function detailsOf(incident: Incident): string {
  if (incident.state === null) return 'Waiting for the first event.';
  const name = cell(publicName({ ...incident.item, name: incident.detail?.name ?? incident.item.name }));
  const holder = holderOf(incident);
  const by = holder === null ? null : roleOnly(holder.by);
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

/** What pagers report on the pages of an incident. */
import type { FailedSignal, HeldSignal, SentSignal } from '../contract.js';
import { channelName } from '../channels.js';
import { tryNextChannel } from './escalation-end.js';
import type { Page } from './escalation-state.js';
import type { Incident } from './state.js';
import { record } from './timeline.js';

/** The page that a pager reports on, unless it is of an episode that is over. */
function pageOf(incident: Incident, pageId: string): Page | undefined {
  const dot = pageId.lastIndexOf('.');
  if (pageId.slice(0, dot) !== incident.episode) return undefined;
  return incident.pages.find(({ n }) => n === Number(pageId.slice(dot + 1)));
}

export function applySent(incident: Incident, { pageId, at, read }: SentSignal, now: number): void {
  const page = pageOf(incident, pageId);
  if (page && read && page.readAt === undefined) {
    page.readAt = at;
    record(incident, now, 'read', `${channelName(page.channel)} to ${page.contact} was read`);
  }
  if (!page || page.sentAt !== undefined) return;
  page.sentAt = at;
  incident.escalation.accepted ||= page.n >= incident.escalation.firstPage;
  // A delivery receipt can arrive before the report that it was sent, and a withdrawal after it.
  if (page.status !== 'failed') page.status = 'sent';
  record(incident, now, 'sent', `${channelName(page.channel)} to ${page.contact}`);
}

export function applyHeld(incident: Incident, { pageId, until, why, isQuiet }: HeldSignal, now: number): void {
  const page = pageOf(incident, pageId);
  if (!page || (page.status !== 'requested' && page.status !== 'held')) return;
  if (page.why !== why) record(incident, now, 'held', `${channelName(page.channel)} to ${page.contact}: ${why}`);
  page.status = 'held';
  page.heldUntil = until;
  if (isQuiet) page.quietUntil = until;
  page.why = why;
}

export function applyFailed(incident: Incident, { pageId, code, outage }: FailedSignal, now: number): void {
  const page = pageOf(incident, pageId);
  if (!page || page.status === 'failed') return;
  page.status = 'failed';
  page.why = code;
  if (outage) page.outage = true;
  record(incident, now, 'undelivered', `${channelName(page.channel)} to ${page.contact}: ${code}`);
  tryNextChannel(incident, page, now);
}

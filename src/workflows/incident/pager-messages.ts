/** Signals to pagers: queued in the state, and handed over in batches by one activity at a time. */
import type { LookUpRequest, PagerMessage, PagingActivities, SignallingResult } from '../activity-contract.js';
import type { Facts, NoticeKind, Settlement } from '../pager-contract.js';
import { channelName, type TextChannel } from '../channels.js';
import { factCause, factName, withDetail, withLearnt } from '../facts.js';
import type { SilenceSubject } from '../on-call-contract.js';
import type { InFlight } from './request-state.js';
import { holderOf, isOpen, nextId, informedBefore, informedContacts, type Incident } from './state.js';
import { dropUnreachedPages, isPage, queueBehind, restoreRetry } from './unreached.js';
import { roleOnly } from '../words.js';

export type PagingCall = { activity: 'signalPagers'; input: Parameters<PagingActivities['signalPagers']>[0] };

/** How many messages one activity hands over; more wait for the next. */
const batchSize = 20;

/** The next batch waits for this, so that a pager receives its signals in order. */
export const isSignalling = ({ inFlight }: Incident): boolean =>
  inFlight.some(({ activity }) => activity === 'signalPagers');

/**
 * Hands over the next batch. What is for a contact whose pager cannot be signalled waits behind what that pager has not taken.
 * @param lookUp what to ask Tableau first, so that the pages of the batch say it
 */
export function beginSignalling(incident: Incident, now: number, lookUp: LookUpRequest | null) {
  incident.outgoing = incident.outgoing.filter((message) => !queueBehind(incident, message, now));
  const messages = incident.outgoing.splice(0, batchSize);
  if (messages.length === 0) return [];
  const id = nextId(incident, 'signal-pagers');
  const began = { id, activity: 'signalPagers', messages, episode: incident.episode } as const;
  const input = {
    messages,
    dueAt: incident.escalation.dueAt,
    paged: informedBefore(incident),
    ...(messages.some(isPage) && { subject: subjectOf(incident) }),
  };
  const summary = summaryOf(messages);
  if (lookUp === null || !messages.some(isPage)) {
    incident.inFlight.push(began);
    return [{ type: 'activity', id, call: { activity: 'signalPagers', input }, summary }] as const;
  }
  incident.lookUp = { phase: 'requesting', turn: 0, parts: lookUp.parts };
  incident.inFlight.push({ ...began, looksUp: true });
  const call = { activity: 'signalPagers', input: { ...input, lookUp } } as const;
  return [{ type: 'activity', id, call, summary: `Ask Tableau what broke, then ${summary}` }] as const;
}

/** What is known of the item, for silences. */
export function subjectOf({ item, event, detail }: Incident): SilenceSubject {
  return {
    name: detail?.name ?? item.name,
    site: item.site,
    event,
    ...(detail?.project !== undefined && !detail.isProjectName && { project: detail.project }),
    ...(detail?.tags !== undefined && { tags: detail.tags }),
  };
}

/**
 * Somebody answered before its pages were handed over, which takes long where a process died or Temporal was unavailable. The
 * incident does not wait for it: pagers ignore pages whose withdrawal came first, and copies of the other signals.
 */
export function cancelSuperseded(incident: Incident, now: number) {
  const superseded = incident.inFlight.filter((one) => isSuperseded(incident, one));
  incident.inFlight = incident.inFlight.filter((one) => !superseded.includes(one));
  for (const one of superseded) {
    if (one.activity === 'retryPager') restoreRetry(incident, one, now);
    if (one.activity !== 'signalPagers') continue;
    incident.outgoing.unshift(...one.messages.filter((message) => !isPage(message)));
    if (one.looksUp && one.episode === incident.episode) lookUpAnew(incident, now);
  }
  return superseded.map(({ id }) => ({ type: 'cancel', id }) as const);
}

/** The look-up was cancelled with the pages that it was for. */
function lookUpAnew(incident: Incident, now: number): void {
  const { lookUp } = incident;
  if (lookUp?.phase === 'requesting')
    incident.lookUp = isOpen(incident) ? { ...lookUp, phase: 'waiting', at: now } : { phase: 'done' };
}

function isSuperseded(incident: Incident, one: InFlight): boolean {
  if (one.activity !== 'signalPagers' && one.activity !== 'retryPager') return false;
  const isPaging = !incident.cancelling && (incident.state === 'triggered' || incident.state === 'unacknowledged');
  return one.messages.some(isPage) && (!isPaging || incident.episode !== one.episode);
}

/** The activity failed for good, which its options do not provide for: each of its contacts is tried again by itself. */
export function allUnreached(messages: readonly PagerMessage[], why: string): SignallingResult {
  const contacts = new Set(messages.map(({ contact }) => contact));
  return { unreached: [...contacts].map((contact) => ({ contact, why })) };
}

function summaryOf(messages: readonly PagerMessage[]): string {
  return messages.map(messageText).join(', ').slice(0, 200);
}

/** What happened, or who is told what: "WhatsApp to ana", "ben is told: acknowledged by ana". */
function messageText({ contact, ...message }: PagerMessage): string {
  switch (message.signal) {
    case 'page':
      return `${channelName(message.payload.channel)} to ${contact}`;
    case 'withdraw': {
      const { settled } = message.payload;
      return settled ? `${contact} is told: ${settled.how}${byText(settled.by)}` : `a page to ${contact} is taken back`;
    }
    case 'notice': {
      const { payload } = message;
      return `notice to ${contact}: ${payload.kind}${'by' in payload ? byText(payload.by) : ''}`;
    }
  }
}

/** A script may have named a person. */
const byText = (by: string | null): string => (by === null ? '' : ` by ${roleOnly(by)}`);

export const withdrawal = (incident: Incident, upTo: number) => ({
  incident: incident.id,
  episode: incident.episode ?? '',
  upTo,
});

/** Settles every page of the episode with everybody who knows of it, except one whose pager settles them by the outcome. */
export function settleAll(incident: Incident, how: Settlement, by: string | null, except?: string): void {
  incident.outgoing = incident.outgoing.filter((message) => !isPage(message));
  dropUnreachedPages(incident);
  for (const contact of informedContacts(incident)) {
    if (contact === except) continue;
    const payload = { ...withdrawal(incident, incident.lastPage), settled: { how, by } };
    incident.outgoing.push({ contact, signal: 'withdraw', payload });
  }
}

/** Notifies everybody who knows of the episode, except one, that there is nothing to do. */
export function noticeAll(
  incident: Incident,
  kind: NoticeKind,
  by: string | null,
  except?: string,
  why?: string,
): void {
  noticeTo(
    incident,
    informedContacts(incident).filter((contact) => contact !== except),
    kind,
    by,
    why,
  );
}

export function nextNoticeId(incident: Incident): string {
  incident.lastNotice += 1;
  return `${incident.episode ?? ''}:${incident.lastNotice}`;
}

export const keepsQuietHours = ({ policy }: Incident): boolean => policy?.severity === 'low';

/**
 * Queues a notice, which asks for nothing, to some contacts.
 * @param channel for contacts who were not paged
 */
export function noticeTo(
  incident: Incident,
  contacts: readonly string[],
  kind: NoticeKind,
  by: string | null,
  why?: string,
  channel?: TextChannel,
): void {
  const episode = incident.episode ?? '';
  // What was requested is awaited.
  const keeps = kind !== 'not-rerun' && keepsQuietHours(incident);
  const payload = {
    noticeId: nextNoticeId(incident),
    kind,
    incident: incident.id,
    episode,
    facts: factsOf(incident),
    by,
    ...(why ? { why } : {}),
    ...(keeps ? { keepsQuietHours: true as const } : {}),
  };
  for (const contact of contacts) {
    const theirs = channel ?? incident.notified.find((one) => one.contact === contact)?.channel;
    incident.outgoing.push({ contact, signal: 'notice', payload: { ...payload, ...(theirs && { channel: theirs }) } });
  }
}

/** Says to whoever asked for it that a refresh is not run again, and who has the incident, where that is somebody else. */
export function noticeNotRerun(incident: Incident, contact: string, why: string): void {
  const holder = holderOf(incident);
  const other = holder === null || (holder.contact ?? holder.by) === contact ? null : holder.by;
  noticeTo(incident, [contact], 'not-rerun', other, why);
}

/**
 * The content of this incident's pages with what is known now.
 * @param contact who reads it
 */
export function factsOf(incident: Incident, contact?: string): Facts {
  const { detail, failedRerun } = incident;
  const facts = {
    kind: incident.item.kind,
    name: factName(incident.item.name),
    event: incident.event,
    failures: incident.failures,
    since: incident.firstFailedAt,
    ...(failedRerun ? { rerunFailed: factCause(failedRerun.cause) } : {}),
    ...(failedRerun && failedRerun.by === contact ? { rerunIsYours: true as const } : {}),
  };
  return withDetail(facts, detail);
}

/** Adds what was learnt since they were queued to the pages that still have to be signalled. */
export function informPages(incident: Incident): void {
  const informed = (message: PagerMessage): PagerMessage => withLearnt(message, incident.detail);
  incident.outgoing = incident.outgoing.map(informed);
  for (const one of incident.unreached) one.messages = one.messages.map(informed);
}

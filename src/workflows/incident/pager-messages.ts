/** Signals to pagers: queued in the state, and handed over in batches by one activity at a time. */
import type { PagerMessage, PagingActivities, SignallingResult } from '../activity-contract.js';
import type { Facts, NoticeKind, Settlement } from '../contract.js';
import { channelName, type TextChannel } from '../channels.js';
import { fit } from '../words.js';
import { nextId, pagedBefore, pagedContacts, type Incident, type InFlight } from './state.js';
import { dropUnreachedPages, isPage, queueBehind, restoreRetry } from './unreached.js';

export type PagingCall = { activity: 'signalPagers'; input: Parameters<PagingActivities['signalPagers']>[0] };

/** How many messages one activity hands over; more wait for the next. */
const batchSize = 20;

/** The next batch waits for this, so that a pager receives its signals in order. */
export const isSignalling = ({ inFlight }: Incident): boolean =>
  inFlight.some(({ activity }) => activity === 'signalPagers');

/** Hands over the next batch. What is for a contact whose pager cannot be signalled waits behind what that pager has not taken. */
export function beginSignalling(incident: Incident, now: number) {
  incident.outgoing = incident.outgoing.filter((message) => !queueBehind(incident, message, now));
  const messages = incident.outgoing.splice(0, batchSize);
  if (messages.length === 0) return [];
  const id = nextId(incident, 'signal-pagers');
  incident.inFlight.push({ id, activity: 'signalPagers', messages, episode: incident.episode });
  const input = { messages, dueAt: incident.escalation.dueAt, paged: pagedBefore(incident) };
  return [{ type: 'activity', id, call: { activity: 'signalPagers', input }, summary: summaryOf(messages) }] as const;
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
    if (one.activity === 'signalPagers')
      incident.outgoing.unshift(...one.messages.filter((message) => !isPage(message)));
  }
  return superseded.map(({ id }) => ({ type: 'cancel', id }) as const);
}

function isSuperseded(incident: Incident, one: InFlight): boolean {
  if (one.activity !== 'signalPagers' && one.activity !== 'retryPager') return false;
  const isPaging = incident.state === 'triggered' || incident.state === 'unacknowledged';
  return one.messages.some(isPage) && (!isPaging || incident.episode !== one.episode);
}

/** The activity failed for good, which its options do not provide for: each of its contacts is tried again by itself. */
export function allUnreached(messages: readonly PagerMessage[], why: string): SignallingResult {
  const contacts = new Set(messages.map(({ contact }) => contact));
  return { unreached: [...contacts].map((contact) => ({ contact, why })) };
}

function summaryOf(messages: readonly PagerMessage[]): string {
  const parts = messages.map((message) =>
    message.signal === 'page'
      ? `${channelName(message.payload.channel)} to ${message.contact}`
      : `${message.signal} to ${message.contact}`,
  );
  return parts.join(', ').slice(0, 200);
}

export const withdrawal = (incident: Incident, upTo: number) => ({
  incident: incident.id,
  episode: incident.episode ?? '',
  upTo,
});

/** Settles every page of the episode with everybody who was paged, except one whose pager settles them by the outcome. */
export function settleAll(incident: Incident, how: Settlement, by: string | null, except?: string): void {
  incident.outgoing = incident.outgoing.filter((message) => !isPage(message));
  dropUnreachedPages(incident);
  for (const contact of pagedContacts(incident)) {
    if (contact === except) continue;
    const payload = { ...withdrawal(incident, incident.lastPage), settled: { how, by } };
    incident.outgoing.push({ contact, signal: 'withdraw', payload });
  }
}

/** Notifies everybody who was paged, except one, that there is nothing to do. */
export function noticeAll(
  incident: Incident,
  kind: NoticeKind,
  by: string | null,
  except?: string,
  why?: string,
): void {
  noticeTo(
    incident,
    pagedContacts(incident).filter((contact) => contact !== except),
    kind,
    by,
    why,
  );
}

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
  incident.lastNotice += 1;
  const noticeId = `${episode}:${incident.lastNotice}`;
  const payload = {
    noticeId,
    kind,
    incident: incident.id,
    episode,
    facts: factsOf(incident),
    by,
    ...(why ? { why } : {}),
    ...(channel ? { channel } : {}),
  };
  for (const contact of contacts) incident.outgoing.push({ contact, signal: 'notice', payload });
}

/**
 * The content of this incident's pages, kept small: a storm of them must fit in the pager's state.
 * @param contact who reads it
 */
export function factsOf(incident: Incident, contact?: string): Facts {
  const { detail, failedRerun } = incident;
  return {
    kind: incident.item.kind,
    name: fit(detail?.name ?? incident.item.name, 80),
    event: incident.event,
    failures: incident.failures,
    since: incident.firstFailedAt,
    ...(detail?.project ? { project: fit(detail.project, 40) } : {}),
    ...(detail?.owner ? { owner: fit(detail.owner, 40) } : {}),
    ...(detail?.cause ? { cause: fit(detail.cause, 120) } : {}),
    ...(failedRerun ? { rerunFailed: fit(failedRerun.cause, 120) } : {}),
    ...(failedRerun && failedRerun.by === contact ? { rerunIsYours: true } : {}),
    ...(detail?.url && detail.url.length <= 120 ? { url: detail.url } : {}),
    ...(detail?.consecutiveFailures ? { inARow: detail.consecutiveFailures } : {}),
    ...(detail?.lastGoodAt ? { lastGoodAt: detail.lastGoodAt } : {}),
    ...(detail?.nextRunAt ? { nextRunAt: detail.nextRunAt } : {}),
    ...(detail?.downstreamWorkbooks ? { downstreamWorkbooks: detail.downstreamWorkbooks } : {}),
    ...(detail?.unknownItem ? { unknownItem: true } : {}),
  };
}

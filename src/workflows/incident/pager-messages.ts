/** Signals to pagers: queued in the state, and handed over in batches by one activity at a time. */
import type { PagerMessage, PagingActivities } from '../activity-contract.js';
import type { Facts, NoticeKind, Settlement } from '../contract.js';
import type { Failure } from '../machine.js';
import { channelName, type TextChannel } from '../channels.js';
import { fit } from '../words.js';
import { nextId, pagedBefore, pagedContacts, type Incident, type InFlight } from './state.js';

export type PagingCall = { activity: 'signalPagers'; input: Parameters<PagingActivities['signalPagers']>[0] };
type Signalling = Extract<InFlight, { activity: 'signalPagers' }>;

/** How many messages one activity hands over; more wait for the next. */
const batchSize = 20;

const signallingOf = ({ inFlight }: Incident): Signalling | undefined =>
  inFlight.find((one): one is Signalling => one.activity === 'signalPagers');

/** The next batch waits for this, so that a pager receives its signals in order. */
export const isSignalling = (incident: Incident): boolean => signallingOf(incident) !== undefined;

export function beginSignalling(incident: Incident) {
  const messages = incident.outgoing.splice(0, batchSize);
  const id = nextId(incident, 'signal-pagers');
  incident.inFlight.push({ id, activity: 'signalPagers', messages, episode: incident.episode });
  const input = { messages, dueAt: incident.escalation.dueAt, paged: pagedBefore(incident) };
  return [{ type: 'activity', id, call: { activity: 'signalPagers', input }, summary: summaryOf(messages) }] as const;
}

const isPage = ({ signal }: PagerMessage): boolean => signal === 'page';

/**
 * Somebody answered before its pages were handed over, which takes long where a process died or Temporal was unavailable. The
 * incident does not wait for it: pagers ignore pages whose withdrawal came first, and copies of the other signals.
 */
export function cancelSuperseded(incident: Incident) {
  const signalling = signallingOf(incident);
  if (!signalling?.messages.some(isPage)) return [];
  const isPaging = incident.state === 'triggered' || incident.state === 'unacknowledged';
  if (isPaging && incident.episode === signalling.episode) return [];
  incident.inFlight = incident.inFlight.filter((one) => one !== signalling);
  incident.outgoing.unshift(...signalling.messages.filter((message) => !isPage(message)));
  return [{ type: 'cancel', id: signalling.id }] as const;
}

/** The activity failed for good, which its options do not provide for: the next one gets the same batch. */
export function restoreBatch(incident: Incident, { messages }: Signalling, failure: Failure): void {
  incident.outgoing.unshift(...messages);
  const about = { type: failure.type, error: failure.message };
  incident.logLines.push({ level: 'error', message: 'pagers could not be signalled', about });
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
  incident.outgoing = incident.outgoing.filter(({ signal }) => signal !== 'page');
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

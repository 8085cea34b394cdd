/**
 * What an incident has its pagers told: queued in the incident, handed over by the workflow. Pure.
 */
import type { Facts, NoticeKind, Settlement } from '../contract.js';
import { pagedContacts, type Incident } from './state.js';
import { fit } from '../words.js';

export const withdrawal = (incident: Incident, upTo: number) => ({
  incident: incident.id,
  episode: incident.episode ?? '',
  upTo,
});

/** Settles every page of the episode with everybody who was paged, but for one whom the outcome of their answer tells. */
export function settleAll(incident: Incident, how: Settlement, by: string | null, except?: string): void {
  incident.outgoing = incident.outgoing.filter(({ signal }) => signal !== 'page');
  for (const contact of pagedContacts(incident)) {
    if (contact === except) continue;
    const payload = { ...withdrawal(incident, incident.lastPage), settled: { how, by } };
    incident.outgoing.push({ contact, signal: 'withdraw', payload });
  }
}

/** Tells everybody who was paged, but for one, that there is nothing to do. */
export function noticeAll(incident: Incident, kind: NoticeKind, by: string | null, except?: string): void {
  noticeTo(
    incident,
    pagedContacts(incident).filter((contact) => contact !== except),
    kind,
    by,
  );
}

/** Tells some contacts something that asks for nothing; who said STOP hears no more. */
export function noticeTo(
  incident: Incident,
  contacts: readonly string[],
  kind: NoticeKind,
  by: string | null,
  why?: string,
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
  };
  for (const contact of contacts) {
    if (!incident.stopped.includes(contact)) incident.outgoing.push({ contact, signal: 'notice', payload });
  }
}

/** What the pages of this incident say, kept small: a storm of them must fit in the pager's state. */
export function factsOf(incident: Incident): Facts {
  const { detail } = incident;
  return {
    kind: incident.item.kind,
    name: fit(detail?.name ?? incident.item.name, 80),
    event: incident.event,
    failures: incident.failures,
    since: incident.firstFailedAt,
    ...(detail?.project ? { project: fit(detail.project, 40) } : {}),
    ...(detail?.owner ? { owner: fit(detail.owner, 40) } : {}),
    ...(detail?.cause ? { cause: fit(detail.cause, 120) } : {}),
    ...(detail?.url && detail.url.length <= 120 ? { url: detail.url } : {}),
    ...(detail?.consecutiveFailures ? { inARow: detail.consecutiveFailures } : {}),
    ...(detail?.lastGoodAt ? { lastGoodAt: detail.lastGoodAt } : {}),
    ...(detail?.nextRunAt ? { nextRunAt: detail.nextRunAt } : {}),
    ...(detail?.downstreamWorkbooks ? { downstreamWorkbooks: detail.downstreamWorkbooks } : {}),
  };
}

/**
 * What an incident has its pagers told: queued in the story, handed over by the workflow. Pure.
 */
import type { Facts, NoticeKind, Settling } from '../contract.js';
import { pagedContacts, type Story } from './state.js';
import { fit } from '../words.js';

export const withdrawal = (story: Story, upTo: number) => ({
  incident: story.id,
  episode: story.episode ?? '',
  upTo,
});

/** Settles every page of the episode with everybody who was paged, but for one whom the outcome of their answer tells. */
export function settleAll(story: Story, how: Settling, by: string | null, except?: string): void {
  story.outgoing = story.outgoing.filter(({ signal }) => signal !== 'page');
  for (const contact of pagedContacts(story)) {
    if (contact === except) continue;
    const payload = { ...withdrawal(story, story.lastPage), settled: { how, by } };
    story.outgoing.push({ contact, signal: 'withdraw', payload });
  }
}

/** Tells everybody who was paged, but for one, that there is nothing to do. */
export function noticeAll(story: Story, kind: NoticeKind, by: string | null, except?: string): void {
  noticeTo(
    story,
    pagedContacts(story).filter((contact) => contact !== except),
    kind,
    by,
  );
}

/** Tells some contacts something that asks for nothing; who said STOP hears no more. */
export function noticeTo(
  story: Story,
  contacts: readonly string[],
  kind: NoticeKind,
  by: string | null,
  why?: string,
): void {
  const incident = story.id;
  const episode = story.episode ?? '';
  story.lastNotice += 1;
  const noticeId = `${episode}:${story.lastNotice}`;
  const payload = { noticeId, kind, incident, episode, facts: factsOf(story), by, ...(why ? { why } : {}) };
  for (const contact of contacts) {
    if (!story.stopped.includes(contact)) story.outgoing.push({ contact, signal: 'notice', payload });
  }
}

/** What the pages of this incident say, kept small: a storm of them must fit in the pager's state. */
export function factsOf(story: Story): Facts {
  const { detail } = story;
  return {
    kind: story.item.kind,
    name: fit(detail?.name ?? story.item.name, 80),
    event: story.event,
    failures: story.failures,
    since: story.firstFailedAt,
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

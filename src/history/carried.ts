/** An incident whose first runs are not kept any more: its reading begins with what they handed over. */
import type { Carried } from './incident-facts.js';
import { learn, open, type Reading } from './reading.js';
import type { RecordedEpisode } from './recorded.js';

export function seedFrom(reading: Reading, carried: Carried): void {
  reading.seen = new Set(carried.seen);
  reading.lastFailedAt = carried.lastFailedAt;
  reading.lastSucceededAt = carried.lastSucceededAt;
  const { state, item, event, openedAt, policy, detail } = carried;
  if (state === null || state === 'resolved' || state === 'forgotten') return;
  const { incident } = reading;
  const episode = open(reading, {
    incident,
    item,
    event,
    at: openedAt,
    deliveredAt: openedAt,
    policy: policy?.name ?? '',
    hasRerun: policy?.rerun !== undefined,
  });
  reading.openId = carried.episode;
  reading.isPaused = state !== 'triggered';
  episode.reported = carried.timeline.filter(({ type }) => type === 'failed').length;
  episode.pages = pagesOf(carried);
  episode.answers = answersOf(carried);
  if (detail) learn(episode, detail);
}

/** All of them in one round: where an escalation began again is not handed over. */
const pagesOf = ({ pages, episode }: Carried): RecordedEpisode['pages'] =>
  pages.flatMap(({ n, contact, channel, requestedAt, sentAt, why }) =>
    why === 'silenced'
      ? []
      : [{ id: `${episode}.${n}`, contact, by: channel, requestedAt, sentAt: sentAt ?? null, round: 0 }],
  );

function answersOf({
  state,
  openedAt,
  timeline,
  acknowledgedBy,
  acknowledgedContact,
}: Carried): RecordedEpisode['answers'] {
  if (state !== 'acknowledged' && state !== 'snoozed') return [];
  const taken = timeline.findLast(({ type }) => type === 'acknowledged' || type === 'snoozed');
  const at = Date.parse(taken?.at ?? '');
  const by = acknowledgedBy ?? acknowledgedContact;
  return at >= openedAt ? [{ at, contact: acknowledgedContact, round: 0, ...(by !== null && { by }) }] : [];
}

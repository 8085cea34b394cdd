/** How far the reading of the history of one incident has come. */
import type { Fact } from './incident-facts.js';
import type { RecordedEpisode } from './recorded.js';

export interface Reading {
  incident: string;
  episodes: RecordedEpisode[];
  /** The last one, while it is not over. */
  open: RecordedEpisode | null;
  /** The id of the open episode, once a page has shown it. */
  openId: string | null;
  seen: Set<string>;
  lastFailedAt: number;
  lastSucceededAt: number | null;
  /** Nobody is paged for the time being: the next page begins a round. */
  isPaused: boolean;
  /** Pages by the activity that was to signal them. */
  signalled: Map<string, string[]>;
}

export const newReading = (incident: string): Reading => ({
  incident,
  episodes: [],
  open: null,
  openId: null,
  seen: new Set(),
  lastFailedAt: 0,
  lastSucceededAt: null,
  isPaused: false,
  signalled: new Map(),
});

type Begun = Pick<RecordedEpisode, 'incident' | 'item' | 'event' | 'at' | 'policy' | 'hasRerun'>;

/** Begins an episode. @param deliveredAt when the incident got its first failure */
export function open(reading: Reading, { deliveredAt, ...begun }: Begun & { deliveredAt: number }): RecordedEpisode {
  const round = { at: deliveredAt, silencedAt: null };
  const episode: RecordedEpisode = { ...begun, rounds: [round], pages: [], answers: [], end: null, reported: 0 };
  reading.episodes.push(episode);
  reading.open = episode;
  reading.openId = null;
  reading.isPaused = false;
  return episode;
}

/** What Tableau told first counts: that was nearest to the failure. */
export function learn(episode: RecordedEpisode, detail: Extract<Fact, { type: 'learnt' }>['detail']): void {
  const { project, url, tags, consecutiveFailures, cause, owner, ownerRole } = detail;
  if (project !== undefined) episode.project ??= project;
  // An item that Tableau showed without tags has none.
  const isShown = project !== undefined || url !== undefined;
  if (tags ?? isShown) episode.tags ??= tags ?? [];
  if (consecutiveFailures !== undefined) episode.failures ??= consecutiveFailures;
  if (cause !== undefined) episode.cause ??= cause;
  if (owner !== undefined) episode.ownerName ??= owner;
  if (ownerRole !== undefined) episode.ownerRole ??= ownerRole;
}

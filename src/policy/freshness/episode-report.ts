/** What was paged for lack of data, or would have been: how often, and how much of it was really late. Pure. */
import type { FreshnessView } from '../../workflows/freshness-contract.js';
import { minute } from '../../workflows/contract.js';
import type { Episode } from './episodes.js';
import { episodesIn } from './memory.js';

/** Data that comes within this time after a learned deadline was about in time. */
export const reallyLateAfterMs = 60 * minute;

/** As a duration: how far back a report goes that names no other time. */
export const defaultSince = '30d';

export type PromiseEpisodes = ReturnType<typeof episodesOf>;

/** Of a site, the promises with most episodes first. @param since deadlines from then on count, for at most 35 days */
export function episodeReportOf(site: string, { memory, lookedAt }: FreshnessView, since: number, now: number) {
  const byPromise = new Map<string, Episode[]>();
  for (const episode of episodesIn(memory)) {
    if (episode.deadline < since) continue;
    byPromise.set(episode.promise, [...(byPromise.get(episode.promise) ?? []), episode]);
  }
  return {
    site,
    lookedAt: lookedAt === null ? null : new Date(lookedAt).toISOString(),
    since: new Date(since).toISOString(),
    promises: [...byPromise]
      .map(([promise, episodes]) => episodesOf(promise, episodes, now))
      .toSorted((one, other) => other.late - one.late || one.promise.localeCompare(other.promise)),
  };
}
export type EpisodeReport = ReturnType<typeof episodeReportOf>;

function episodesOf(promise: string, episodes: readonly Episode[], now: number) {
  const learned = episodes.some((episode) => episode.learned);
  const shadow = episodes.filter((episode) => episode.shadow).length;
  return {
    promise,
    learned,
    late: episodes.length,
    paged: episodes.length - shadow,
    shadow,
    open: episodes.filter(({ freshAt, withdrawn }) => freshAt === undefined && !withdrawn).length,
    /** From the deadline until the time of the new data; null where none has come. */
    medianLatenessMinutes: medianOf(
      episodes.flatMap(({ freshAt, deadline }) =>
        freshAt === undefined ? [] : [Math.round((freshAt - deadline) / minute)],
      ),
    ),
    precision: learned ? precisionOf(episodes, now) : null,
  };
}

function precisionOf(episodes: readonly Episode[], now: number) {
  const decided = episodes.flatMap((episode) => isReallyLate(episode, now) ?? []);
  const reallyLate = decided.filter(Boolean).length;
  return { reallyLate, of: decided.length, value: decided.length === 0 ? null : reallyLate / decided.length };
}

/** Null: not known yet, or nothing is promised of the item any more. */
function isReallyLate({ deadline, nextDeadline, freshAt, withdrawn }: Episode, now: number): boolean | null {
  if (withdrawn) return null;
  const isLateAt = (at: number): boolean =>
    at > deadline + reallyLateAfterMs || (nextDeadline !== undefined && at >= nextDeadline);
  if (freshAt !== undefined) return isLateAt(freshAt);
  return isLateAt(now) ? true : null;
}

function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return low === undefined || high === undefined ? null : Math.round((low + high) / 2);
}

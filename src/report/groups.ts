/** Episodes by project, owner, cause and policy, and by day and hour on a clock. */
import { hour as hourMs } from '../workflows/contract.js';
import { createLocalClock } from './local-clock.js';
import type { Period } from './periods.js';
import type { Group, ReportView } from './schema.js';
import { isIgnored, toAcknowledge, toRecover, type Counted, type Recorded } from './totals.js';

export type Of = (counted: Counted) => string | null;

export const groupings = {
  projects: ({ episode }) => episode.project ?? null,
  /** The contact whom the escalation file knows as the owner, else the name in Tableau. */
  owners: ({ episode }) => episode.ownerRole ?? episode.ownerName ?? null,
  causes: ({ episode }) => episode.cause ?? null,
  policies: ({ episode }) => episode.policy || null,
} satisfies Record<string, Of>;

/** The most frequent first. @param before null where what was before is not known */
export function groupsOf(of: Of, now: Recorded, before: Recorded | null): Group[] {
  const [present, earlier] = [byName(of, now), before && byName(of, before)];
  const names = new Set([...present.keys(), ...(earlier?.keys() ?? [])]);
  return [...names]
    .map((name): Group => {
      const episodes = present.get(name) ?? [];
      return {
        name,
        episodes: episodes.length,
        before: earlier && (earlier.get(name)?.length ?? 0),
        acknowledged: episodes.filter(({ acknowledgedMs }) => acknowledgedMs !== null).length,
        failedAgain: episodes.filter(({ againAt }) => againAt !== null).length,
        toAcknowledge: toAcknowledge(episodes),
        toRecover: toRecover(episodes),
      };
    })
    .toSorted(
      (a, b) => b.episodes - a.episodes || (b.before ?? 0) - (a.before ?? 0) || inOrder(a.name ?? '', b.name ?? ''),
    );
}

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function byName(of: Of, { episodes }: Recorded): Map<string | null, Counted[]> {
  const groups = new Map<string | null, Counted[]>();
  for (const one of episodes.filter((each) => !isIgnored(each))) {
    const name = of(one);
    const known = groups.get(name);
    if (known) known.push(one);
    else groups.set(name, [one]);
  }
  return groups;
}

/** When what counts by a clock happened: episodes, and messages and calls that woke somebody. */
const timesOf = ({ episodes, messages }: Recorded): { episodes: number[]; wakings: number[] } => ({
  episodes: episodes.filter((one) => !isIgnored(one)).map(({ episode }) => episode.at),
  wakings: messages.filter(({ isWaking }) => isWaking).map(({ message }) => message.at),
});

type ByClock = Pick<ReportView, 'days' | 'hours'>;

/**
 * All 24 hours, and the days of the period, also those without any: but those of which not all is there only where something is known of them.
 * @param wholeFrom what ended before is not there; null: not known
 */
export function byClock(recorded: Recorded, { from, to }: Period, zone: string, wholeFrom: number | null): ByClock {
  const clock = createLocalClock(zone);
  const hours = Array.from({ length: 24 }, (_, hour) => ({ hour, episodes: 0, wakings: 0 }));
  const days = new Map<string, ByClock['days'][number]>();
  // Shorter than any day.
  const stepMs = 12 * hourMs;
  for (let at = from; at < to + stepMs; at += stepMs) {
    const { date } = clock(Math.min(at, to - 1));
    days.set(date, { date, episodes: 0, wakings: 0 });
  }
  const times = timesOf(recorded);
  for (const what of ['episodes', 'wakings'] as const)
    for (const at of times[what]) {
      const local = clock(at);
      for (const part of [hours[local.hour], days.get(local.date)]) if (part) part[what] += 1;
    }
  const lastGone = wholeFrom === null || wholeFrom <= from ? '' : clock(Math.min(wholeFrom, to) - 1).date;
  const isKnown = ({ date, episodes, wakings }: ByClock['days'][number]): boolean =>
    date > lastGone || episodes + wakings > 0;
  return { days: [...days.values()].filter(isKnown), hours };
}

/** Episodes by project, owner, cause and policy, and by day and hour on a clock. */
import { Temporal } from 'temporal-polyfill';
import type { RecordedMessage } from '../history/recorded-message.js';
import { localTimeAt } from '../policy/local-time.js';
import type { Period } from './periods.js';
import type { Group, ReportView } from './schema.js';
import { isIgnored, isWaking, toAcknowledge, toRecover, type Counted, type Recorded } from './totals.js';

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
        failedAgain: episodes.filter(({ isAgain }) => isAgain).length,
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
function timesOf({ escalation, episodes, messages }: Recorded): { episodes: number[]; wakings: number[] } {
  const wakes = (message: RecordedMessage): boolean => isWaking(escalation, message);
  return {
    episodes: episodes.filter((one) => !isIgnored(one)).map(({ episode }) => episode.at),
    wakings: messages.filter(wakes).map(({ at }) => at),
  };
}

/** All 24. */
export function hoursOf(recorded: Recorded, zone: string): ReportView['hours'] {
  const times = timesOf(recorded);
  const hours = Array.from({ length: 24 }, (_, hour) => ({ hour, episodes: 0, wakings: 0 }));
  for (const what of ['episodes', 'wakings'] as const)
    for (const at of times[what]) {
      const hour = hours[localTimeAt(at, zone).hour];
      if (hour) hour[what] += 1;
    }
  return hours;
}

const dateAt = (at: number, zone: string): Temporal.PlainDate => localTimeAt(at, zone).toPlainDate();

/** All days of the period, also those without any. */
export function daysOf(recorded: Recorded, period: Period, zone: string): ReportView['days'] {
  const times = timesOf(recorded);
  const days = new Map<string, ReportView['days'][number]>();
  const last = dateAt(period.to - 1, zone);
  for (let date = dateAt(period.from, zone); Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 }))
    days.set(date.toString(), { date: date.toString(), episodes: 0, wakings: 0 });
  for (const what of ['episodes', 'wakings'] as const)
    for (const at of times[what]) {
      const day = days.get(dateAt(at, zone).toString());
      if (day) day[what] += 1;
    }
  return [...days.values()];
}

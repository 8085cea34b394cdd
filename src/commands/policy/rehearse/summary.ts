/** All that a rehearsal found, as `--json` prints it. Pure. */
import type { Escalation } from '../../../policy/route.js';
import { timezoneOf } from '../../../policy/timezone-of.js';
import { publicName } from '../../../workflows/contract.js';
import { isAsleep } from '../../../report/asleep.js';
import { bundled, countsOf, leavingTimes, messagesOf, type Counts, type Prices } from './count.js';
import type { RecordedEpisode } from '../../../history/recorded.js';
import {
  assumptions,
  reallyHappened,
  rehearseEpisode,
  type Assumption,
  type Delivery,
  type Rehearsed,
  type Taken,
} from './simulate.js';

export interface Side extends Counts {
  /** Episodes for which somebody was paged, and for which nobody was. */
  paged: number;
  unpaged: number;
}

export interface Person {
  contact: string;
  timezone: string;
  before: Counts;
  after: Counts;
}

/** An episode that the file treats in another way. */
export interface Changed {
  incident: string;
  item: string;
  event: string;
  /** ISO 8601, UTC. */
  at: string;
  /** Null: a route ignored it. */
  policyBefore: string | null;
  policyAfter: string | null;
  /** Why it is ignored, as the route says. */
  ignore?: string;
}

export interface Rehearsal {
  episodes: number;
  before: Side;
  after: Side;
  people: Person[];
  /** Episodes for which something was assumed. */
  assumed: Record<Assumption, number>;
  /** `ignored`: was paged, and would not be by a route. `unpaged`: has a policy that would page nobody. */
  changed: Record<'ignored' | 'policy' | 'unpaged', Changed[]>;
}

interface Pair {
  episode: RecordedEpisode;
  before: Pick<Rehearsed, 'pages' | 'taken'>;
  after: Rehearsed;
}

/** @param now until when episodes that are not over are looked at */
export function rehearse(
  escalation: Escalation,
  episodes: readonly RecordedEpisode[],
  { now, prices }: { now: number; prices: Prices },
): Rehearsal {
  const inOrder = episodes.toSorted((a, b) => a.at - b.at);
  // Answers come after the messages, and whatever is bundled depends on all episodes: their pages are planned first.
  const planned = inOrder.flatMap((episode) => rehearseEpisode(escalation, episode, now).pages);
  const leaves = leavingTimes(planned, escalation.settings);
  const pairs = inOrder.map((episode): Pair => ({
    episode,
    before: reallyHappened(episode),
    after: rehearseEpisode(escalation, episode, now, leaves),
  }));
  const sides = {
    before: allOf(pairs, 'before', messagesOf),
    after: allOf(pairs, 'after', (pages) => bundled(pages, escalation.settings)),
  };
  const isWaking = ({ contact, at }: Delivery): boolean => isAsleep(escalation, contact, at);
  const counts = ({ messages, taken }: All): Counts => countsOf(messages, taken, prices, isWaking);
  const of = (contact: string, { messages, taken }: All): Counts =>
    counts({
      messages: messages.filter((one) => one.contact === contact),
      taken: taken.filter((one) => one.contact === contact),
    });
  return {
    episodes: pairs.length,
    before: { ...counts(sides.before), ...pagedIn(pairs, 'before') },
    after: { ...counts(sides.after), ...pagedIn(pairs, 'after') },
    people: peopleIn([sides.before, sides.after]).map((contact) => ({
      contact,
      timezone: timezoneOf(escalation, contact),
      before: of(contact, sides.before),
      after: of(contact, sides.after),
    })),
    assumed: assumedIn(pairs),
    changed: changedIn(pairs),
  };
}

interface All {
  messages: Delivery[];
  taken: Taken[];
}

const allOf = (
  pairs: readonly Pair[],
  side: 'before' | 'after',
  asMessages: (pages: Delivery[]) => Delivery[],
): All => ({
  messages: asMessages(pairs.flatMap((pair) => pair[side].pages)),
  taken: pairs.flatMap((pair) => pair[side].taken),
});

function pagedIn(pairs: readonly Pair[], side: 'before' | 'after'): Pick<Side, 'paged' | 'unpaged'> {
  const paged = pairs.filter((pair) => pair[side].pages.length > 0).length;
  return { paged, unpaged: pairs.length - paged };
}

const peopleIn = (sides: readonly All[]): string[] =>
  [
    ...new Set(sides.flatMap(({ messages, taken }) => [...messages, ...taken].flatMap(({ contact }) => contact ?? []))),
  ].toSorted();

function assumedIn(pairs: readonly Pair[]): Rehearsal['assumed'] {
  const counts: Rehearsal['assumed'] = { undecided: 0, otherPeople: 0, owner: 0, rerun: 0, end: 0 };
  for (const each of assumptions) counts[each] = pairs.filter(({ after }) => after.assumed.includes(each)).length;
  return counts;
}

function changedIn(pairs: readonly Pair[]): Rehearsal['changed'] {
  const changed: Rehearsal['changed'] = { ignored: [], policy: [], unpaged: [] };
  for (const { episode, before, after } of pairs) {
    const [was, is] = [policyBefore(episode), after.policy];
    if (is === null && was !== null) changed.ignored.push(changeOf(episode, after));
    else if (is !== was) changed.policy.push(changeOf(episode, after));
    if (is !== null && after.pages.length === 0 && before.pages.length > 0)
      changed.unpaged.push(changeOf(episode, after));
  }
  return changed;
}

const policyBefore = ({ end, policy }: RecordedEpisode): string | null => (end?.how === 'ignored' ? null : policy);

const changeOf = (episode: RecordedEpisode, { policy, ignore }: Rehearsed): Changed => ({
  incident: episode.incident,
  item: publicName(episode.item),
  event: episode.event,
  at: new Date(episode.at).toISOString(),
  policyBefore: policyBefore(episode),
  policyAfter: policy,
  ...(ignore !== undefined && { ignore }),
});

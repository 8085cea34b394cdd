/** What one escalation file would have done in an episode that really happened. Pure. */
import type { FailureFacts } from '../../../policy/conditions.js';
import { plannedPages, type PlannedPage } from '../../../policy/explain.js';
import { decideRoute, type Escalation } from '../../../policy/route.js';
import { canBeRefreshed, second, type Channel, type Policy } from '../../../workflows/contract.js';
import { ownerReference } from '../../../workflows/references.js';
import type { RecordedAnswer, RecordedEpisode } from '../../../history/recorded.js';

/** A page that is sent, or would be. */
export interface Delivery {
  contact: string;
  by: Channel;
  at: number;
  /** It waits until then for the end of quiet hours. */
  wasQuiet?: true;
}

/** Somebody took the episode. */
export interface Taken {
  /** Null: by a script. */
  contact: string | null;
  /** Since the escalation began. */
  afterMs: number;
}

/** What cannot be known, and what was assumed in its place. */
export const assumptions = [
  /** A route depends on what is not in the history: the one counts that would have paged until Tableau told. */
  'undecided',
  /** Whoever answered would not have been paged: nobody answers. */
  'otherPeople',
  /** Whom `owner` means: the fallback. */
  'owner',
  /** The file runs the refresh again first: it fails at once. */
  'rerun',
  /** A route ignored it, so that it is not known when it ended: it does not end. */
  'end',
] as const;
export type Assumption = (typeof assumptions)[number];

export interface Rehearsed {
  /** Null: nobody is paged. */
  policy: string | null;
  /** Why nobody is, as the route says; empty where no route fits. */
  ignore?: string;
  pages: Delivery[];
  taken: Taken[];
  assumed: Assumption[];
}

/** When a page leaves, alone or in a bundle. */
export type Leaves = (page: Delivery) => number;

/**
 * @param now until when is looked, where the episode is not over
 * @param leaves whoever answers does so after that; by default each page leaves at once
 */
export function rehearseEpisode(
  escalation: Escalation,
  episode: RecordedEpisode,
  now: number,
  leaves: Leaves = ({ at }) => at,
): Rehearsed {
  const { policy, ignore = '', isCertain } = decideRoute(escalation, factsOf(episode));
  const undecided = isCertain ? [] : ['undecided' as const];
  if (!policy) return { policy: null, ignore, pages: [], taken: [], assumed: undecided };
  const pagesOwner = policy.steps.some(({ page }) => page.includes(ownerReference));
  const rounds = episode.rounds.map((_, index) => rehearseRound({ escalation, policy, episode, index, now, leaves }));
  const assumed: Assumption[] = [
    ...undecided,
    ...(rounds.some(({ isOtherPerson }) => isOtherPerson) ? ['otherPeople' as const] : []),
    ...(pagesOwner && episode.owner === undefined ? ['owner' as const] : []),
    ...(policy.rerun && canBeRefreshed(episode.item) && !episode.hasRerun ? ['rerun' as const] : []),
    ...(episode.end?.how === 'ignored' ? ['end' as const] : []),
  ];
  return {
    policy: policy.name,
    pages: rounds.flatMap(({ pages }) =>
      pages.map(({ contact, by, at, wasQuiet }) => ({ contact, by, at, ...(wasQuiet && { wasQuiet }) })),
    ),
    taken: rounds.flatMap(({ taken }) => (taken ? [taken] : [])),
    assumed,
  };
}

/** What the history knows of the failure. User names of owners and names of sites are in none. */
export function factsOf(episode: RecordedEpisode): FailureFacts {
  const { event, at, item, project, tags, failures } = episode;
  const known = { event, at, item: item.name, site: item.site };
  // Tableau has no project, tag, owner or refresh of a user or a site.
  if (!canBeRefreshed(item)) return { ...known, project: '', tags: [], owner: [], failures: 1 };
  return {
    ...known,
    ...(project !== undefined && { project }),
    ...(tags !== undefined && { tags }),
    ...(failures !== undefined && { failures: Math.max(failures, 1) }),
  };
}

interface RehearsedRound {
  pages: PlannedPage[];
  taken: Taken | null;
  isOtherPerson: boolean;
}

/** A step really begins a little later than planned, so that a silence is noticed that much later. */
const noticedLateMs = 5 * second;
/** For so long an incident asks Tableau whether a failure that arrived late is over, before it pages anybody. */
const recoveryCheckMs = 5 * second;

const nothing: RehearsedRound = { pages: [], taken: null, isOtherPerson: false };

interface Rehearsing {
  escalation: Escalation;
  policy: Policy;
  episode: RecordedEpisode;
  /** Of the round. */
  index: number;
  now: number;
  leaves: Leaves;
}

function rehearseRound({ escalation, policy, episode, index, now, leaves }: Rehearsing): RehearsedRound {
  const round = episode.rounds[index];
  const real = episode.pages.filter((page) => page.round === index);
  // A silence held all of it back, and would again.
  if (!round || (round.silencedAt !== null && real.length === 0)) return nothing;
  if (index === 0 && wasOverBefore(episode)) return nothing;
  const begin = begunAt(episode, index, policy.rerun !== undefined && episode.hasRerun);
  if (begin === null) return nothing;
  const answer = episode.answers.find((one) => one.round === index);
  const until = Math.min(
    now,
    endOf(episode, answer) ?? now,
    round.silencedAt === null ? now : round.silencedAt - noticedLateMs,
    episode.rounds[index + 1]?.at ?? now,
  );
  const owner = namesOf(escalation, episode.owner);
  const pages = plannedPages(escalation, policy, { at: begin, owner }).filter(({ at }) => at < until);
  if (!answer) return { ...nothing, pages };
  const at = answeredAt(episode, answer, pages, leaves);
  if (at === null) return { ...nothing, pages, isOtherPerson: true };
  // It was over before whoever would have answered did.
  if (at >= until) return { ...nothing, pages };
  const taken = { contact: answer.contact, afterMs: Math.max(0, at - begin) };
  return { pages: pages.filter((page) => page.at < at), taken, isOtherPerson: false };
}

/** Nobody would be paged under any file. */
const wasOverBefore = ({ at, rounds, end, pages }: RecordedEpisode): boolean =>
  pages.length === 0 && end?.how === 'recovered' && end.at - (rounds[0]?.at ?? at) <= recoveryCheckMs;

/**
 * When the escalation of a round began. After a rerun that was done that is when the first page was requested; null where the rerun made pages
 * needless.
 */
function begunAt({ item, rounds, pages }: RecordedEpisode, index: number, isAfterRerun: boolean): number | null {
  const at = rounds[index]?.at ?? null;
  return index === 0 && isAfterRerun && canBeRefreshed(item) ? (pages[0]?.requestedAt ?? null) : at;
}

/** When it ended whatever people did; null where it was an answer that ended it, or that is not known. */
function endOf({ end, answers }: RecordedEpisode, answer: RecordedAnswer | undefined): number | null {
  if (end === null || end.how === 'ignored') return null;
  return end.byAnswer && answer !== undefined && answer === answers.at(-1) ? null : end.at;
}

/**
 * When the same person would have answered: as long after their first page as they did. A script, and whoever answered without having been
 * paged, answers when it did. Null: they would not have been paged.
 */
function answeredAt(
  episode: RecordedEpisode,
  { contact, at, round }: RecordedAnswer,
  planned: readonly PlannedPage[],
  leaves: Leaves,
): number | null {
  if (contact === null) return at;
  const real = episode.pages.filter((page) => page.contact === contact && page.requestedAt <= at);
  const first = real.find((page) => page.round === round) ?? real[0];
  if (!first) return at;
  const would = planned.find((page) => page.contact === contact);
  return would ? leaves(would) + Math.max(0, at - (first.sentAt ?? first.requestedAt)) : null;
}

/** Names by which the file knows the owner, so that `owner` means the same contact, where it is one in this file too. */
const namesOf = ({ owners = {} }: Escalation, owner: string | undefined): string[] =>
  Object.entries(owners).flatMap(([name, contact]) => (contact === owner ? [name] : []));

/** What really was sent, and who answered when. */
export const reallyHappened = (episode: RecordedEpisode): Pick<Rehearsed, 'pages' | 'taken'> => ({
  pages: episode.pages.flatMap(({ contact, by, sentAt }) => (sentAt === null ? [] : [{ contact, by, at: sentAt }])),
  taken: episode.answers.flatMap(({ contact, at, round }) => {
    const begun = begunAt(episode, round, episode.hasRerun);
    return begun === null ? [] : [{ contact, afterMs: Math.max(0, at - begun) }];
  }),
});

/** What must hold in every night, by what the simulator itself saw: never by what a machine says of itself. */
import type { Channel } from '../../src/workflows/contract.js';
import type { Input } from '../../src/workflows/pager/machine.js';
import type { Outgoing } from '../../src/workflows/pager/message-state.js';
import type { Pager } from '../../src/workflows/pager/state.js';
import type { IncidentActor } from './incidents.js';
import type { PagerActor } from './pagers.js';
import type { Accepted } from './twilio.js';

/** A page: `<incident> <episode>` and its number. */
type Ref = { item: string; n: number };

export interface Watch {
  /** A pager takes an input. */
  onInput: (contact: string, input: Input, state: Pager, now: number) => void;
  /** A pager asks for a message. */
  onSend: (contact: string, out: Outgoing, state: Pager, now: number) => void;
  /** Twilio accepted a message; `pagers` are the states of all. */
  onAccepted: (message: Accepted, pagers: readonly Pager[]) => void;
  /** Nobody can signal the pager of a contact, from when until when. */
  onUnreachable: (contact: string, from: number, until: number) => void;
  /** An episode takes a step that pages these contacts. @returns what to judge it by, and when */
  onStep: (episode: string, contacts: readonly string[], now: number) => { afterMs: number; of: () => void }[];
  /** A contact comes on call for an open episode. @returns what to judge it by, and when */
  onHandOver: (episode: string, contact: string, now: number) => { afterMs: number; of: () => void };
  /** The pages of the present step are not needed any more. */
  onStepOver: (episode: string) => void;
  /** Pages of a policy of low severity. */
  onLowPages: (episode: string, pages: readonly { n: number }[]) => void;
  /** An escalation ends, or begins anew since nobody was reached. */
  onNobodyReached: (episode: string) => void;
  /** The quiet hours of a contact have ended some time ago; undefined: nobody ever signalled the pager. */
  judgeQuietEnd: (contact: string, state: Pager | undefined) => void;
  /** Faults have stopped long ago: nothing may be left to do. */
  judgeEnd: (incidents: readonly IncidentActor[], pagers: readonly PagerActor[]) => void;
  /** What was violated, in order. */
  violations: string[];
  /** Episodes of which Twilio accepted a page. */
  pagedEpisodes: Set<string>;
}

/** A person has answered, or a step is over: nothing that this is true of is sent later than this. */
const graceMs = 2_000;
/** A pager that could be signalled from `tried` on has its page by `paged`, before a step without an answer is over. */
const stepMs = { tried: 20_000, paged: 110_000 };
/** A step of which no pager took a page is over after 5 min; workers that died may take it a minute later. */
const silentStepMs = 6 * 60_000;
/** A page goes when an answer of somebody else has been on its way for so long: see docs/decisions, 3. */
const answerWaitMs = 15_000;

/** @param quietUntil when the quiet hours end in which a contact is now; null where it is in none */
export function createWatch(quietUntil: (contact: string) => number | null): Watch {
  const violations: string[] = [];
  const pagedEpisodes = new Set<string>();
  /** By contact and item: up to which page, and since when. */
  const over = new Map<string, { upTo: number; at: number }[]>();
  const carried = new Map<string, Ref[]>();
  const acceptedRefs = new Map<string, string>();
  const repliedAt = new Map<string, number>();
  /** Messages that have waited for the answers of others for as long as they may. */
  const unchecked = new Set<string>();

  const lowPages = new Set<string>();
  /** Pages of low severity that pagers took in quiet hours. */
  let quietPages: { contact: string; channel: Channel; ref: Ref }[] = [];
  /** `<contact> <item> <n>` of pages that a pager has requested a message for. */
  const requested = new Set<string>();

  const steps = new Map<string, { at: number; contacts: readonly string[] }>();
  /** When a pager last took a page of an episode. */
  const pageTakenAt = new Map<string, number>();
  /** When a pager last took a notice that its contact is on call now, for an episode. */
  const cameOnCallAt = new Map<string, number>();
  const unreachable: { contact: string; from: number; until: number }[] = [];

  const itemOf = (incident: string, episode: string): string => `${incident} ${episode}`;
  const add = (contact: string, item: string, upTo: number, at: number): void => {
    const key = `${contact} ${item}`;
    over.set(key, [...(over.get(key) ?? []), { upTo, at }]);
  };
  /** Since when a page is over for a contact; null while it is not. */
  const overSince = (contact: string, { item, n }: Ref): number | null => {
    const times = (over.get(`${contact} ${item}`) ?? []).flatMap(({ upTo, at }) => (n <= upTo ? [at] : []));
    return times.length > 0 ? Math.min(...times) : null;
  };

  function onInput(contact: string, input: Input, state: Pager, now: number): void {
    if (input.type === 'withdraw') {
      const { incident, episode, upTo } = input.withdrawal;
      add(contact, itemOf(incident, episode), upTo, now);
    }
    if (input.type === 'page') {
      const { incident, pageId } = input.page;
      const item = itemOf(incident, pageId.slice(0, pageId.lastIndexOf('.')));
      pageTakenAt.set(`${contact} ${item}`, now);
      const n = Number(pageId.slice(pageId.lastIndexOf('.') + 1));
      const { channel } = input.page;
      if (lowPages.has(`${item} ${n}`) && quietUntil(contact) !== null && !state.stopped.includes(channel))
        quietPages.push({ contact, channel, ref: { item, n } });
    }
    if (input.type === 'notice' && 'schedule' in input.notice && input.notice.kind === 'on-call')
      cameOnCallAt.set(`${contact} ${itemOf(input.notice.incident, input.notice.episode)}`, now);
    // Pages by that channel fail at once.
    if (input.type === 'reply' && input.reply.command.verb === 'stop')
      quietPages = quietPages.filter((page) => page.contact !== contact || page.channel !== input.reply.channel);
    if (input.type === 'reply' && !repliedAt.has(input.reply.replyId)) repliedAt.set(input.reply.replyId, now);
    if (input.type !== 'completed' || input.result.activity !== 'answerIncidents') return;
    for (const [answerId, outcome] of Object.entries(input.result.result.outcomes)) {
      const item = state.byKey.get(Number(answerId.split('#').at(-1)));
      if (item) add(contact, itemOf(item.incident, item.episode), outcome?.upTo ?? 0, now);
    }
  }

  function onSend(contact: string, out: Outgoing, state: Pager, now: number): void {
    if (now - (out.staleSince ?? now) >= answerWaitMs) unchecked.add(out.attempt);
    const refs = out.pages.flatMap(([key, n]) => {
      const item = state.byKey.get(key);
      return item ? [{ item: itemOf(item.incident, item.episode), n }] : [];
    });
    carried.set(out.attempt, refs);
    for (const { item, n } of refs) requested.add(`${contact} ${item} ${n}`);
    // A try that looks for an earlier one sends nothing.
    if (out.uncertain) return;
    for (const ref of refs)
      if (overSince(contact, ref) !== null)
        violations.push(`a message to ${contact} names ${ref.item} page ${ref.n}, which is over`);
  }

  /**
   * Since when a pager has an answer for it, which Temporal shows until the pager has the outcome.
   */
  function answeredSince(pagers: readonly Pager[], { item }: Ref): number | null {
    const times = pagers.flatMap(({ replies, byKey }) =>
      replies.flatMap(({ replyId, verb, waiting }) => {
        if (verb === 'stop') return [];
        return waiting.flatMap((key) => {
          const one = byKey.get(key);
          if (one === undefined || itemOf(one.incident, one.episode) !== item) return [];
          return [repliedAt.get(replyId) ?? Number.POSITIVE_INFINITY];
        });
      }),
    );
    return times.length > 0 ? Math.min(...times) : null;
  }

  function onAccepted(message: Accepted, pagers: readonly Pager[]): void {
    const refs = carried.get(message.attempt) ?? [];
    for (const ref of refs) {
      pagedEpisodes.add(ref.item);
      const key = `${message.contact} ${ref.item} ${ref.n}`;
      if (lowPages.has(`${ref.item} ${ref.n}`) && quietUntil(message.contact) !== null)
        violations.push(`${message.contact} was paged by ${message.sid} in quiet hours`);
      const before = acceptedRefs.get(key);
      if (before !== undefined)
        violations.push(`${message.contact} got ${ref.item} page ${ref.n} twice: ${before} and ${message.sid}`);
      acceptedRefs.set(key, message.sid);
    }
    const answered = unchecked.has(message.attempt) ? [] : pagers;
    const since = refs.map((ref) => overSince(message.contact, ref) ?? answeredSince(answered, ref));
    const last = since.reduce<number | null>(
      (latest, time) => (latest === null || time === null ? null : Math.max(latest, time)),
      Number.NEGATIVE_INFINITY,
    );
    if (refs.length > 0 && last !== null && message.at - last > graceMs)
      violations.push(
        `${message.contact} was paged by ${message.sid} ${message.at - last} ms after all of it was answered or over`,
      );
  }

  /** Whether the pager of a contact could be signalled by what began then. */
  const isReachable = (contact: string, at: number): boolean =>
    !unreachable.some(
      (one) => one.contact === contact && one.from < at + stepMs.paged && one.until > at + stepMs.tried,
    );

  function onHandOver(episode: string, contact: string, at: number): ReturnType<Watch['onHandOver']> {
    const key = `${contact} ${episode}`;
    return {
      afterMs: stepMs.paged,
      of: () => {
        if ((cameOnCallAt.get(key) ?? 0) < at && isReachable(contact, at))
          violations.push(`${contact} got no notice of ${episode} when coming on call`);
      },
    };
  }

  /** Whether a page waits for the end of quiet hours, or has waited for it in vain. */
  const isWaiting = ({ contact, ref }: (typeof quietPages)[number]): boolean =>
    overSince(contact, ref) === null && !requested.has(`${contact} ${ref.item} ${ref.n}`);

  function onNobodyReached(episode: string): void {
    const waiting = quietPages.find((page) => page.ref.item === episode && isWaiting(page));
    if (waiting && quietUntil(waiting.contact) !== null && !pagedEpisodes.has(episode))
      violations.push(`${episode} did not wait for the end of the quiet hours of ${waiting.contact}`);
  }

  function judgeQuietEnd(contact: string, state: Pager | undefined): void {
    const answering = new Set(state?.replies.flatMap(({ waiting }) => waiting));
    const isAnswered = ({ item }: Ref): boolean =>
      state?.items.some((one) => itemOf(one.incident, one.episode) === item && answering.has(one.key)) === true;
    for (const page of quietPages) {
      if (page.contact === contact && isWaiting(page) && !isAnswered(page.ref))
        violations.push(`${contact} was not paged for ${page.ref.item} when the quiet hours ended`);
    }
  }

  function onStep(episode: string, contacts: readonly string[], at: number): ReturnType<Watch['onStep']> {
    const step = { at, contacts };
    steps.set(episode, step);
    const isPresent = (): boolean => steps.get(episode) === step;
    const hasPage = (contact: string): boolean => (pageTakenAt.get(`${contact} ${episode}`) ?? 0) >= at;
    return [
      {
        afterMs: stepMs.paged,
        of: () => {
          const missing = isPresent()
            ? contacts.filter((contact) => isReachable(contact, at) && !hasPage(contact))
            : [];
          for (const contact of missing)
            violations.push(`${contact} did not get the page of ${episode}, although its pager could be signalled`);
        },
      },
      {
        afterMs: silentStepMs,
        of: () => {
          if (isPresent() && !contacts.some(hasPage))
            violations.push(`${episode} is stuck behind a pager that cannot be signalled`);
        },
      },
    ];
  }

  function judgeEnd(incidents: readonly IncidentActor[], pagers: readonly PagerActor[]): void {
    for (const actor of incidents)
      if (!actor.hasEnded()) violations.push(`${actor.id} is stuck: ${JSON.stringify(actor.state().next)}`);
    for (const actor of pagers) {
      const {
        outbox,
        sending,
        held,
        answers,
        answersInFlight,
        reports,
        signalsInFlight,
        replies,
        pendingNotices,
        handOvers,
      } = actor.state();
      const answering = answersInFlight?.answers ?? [];
      const left = { outbox, sending, held, answers, answering, reports, signalsInFlight, pendingNotices, handOvers };
      for (const [what, list] of Object.entries(left))
        if (list.length > 0) violations.push(`${actor.id} is stuck with ${what}: ${JSON.stringify(list[0])}`);
      for (const { replyId, waiting } of replies)
        if (waiting.length > 0) violations.push(`${actor.id}: an answer of ${replyId} never reached its incident`);
    }
  }

  return {
    onInput,
    onSend,
    onAccepted,
    onUnreachable: (contact, from, until) => void unreachable.push({ contact, from, until }),
    onStep,
    onHandOver,
    onStepOver: (episode) => void steps.delete(episode),
    onLowPages: (episode, pages) => {
      for (const { n } of pages) lowPages.add(`${episode} ${n}`);
    },
    onNobodyReached,
    judgeQuietEnd,
    judgeEnd,
    violations,
    pagedEpisodes,
  };
}

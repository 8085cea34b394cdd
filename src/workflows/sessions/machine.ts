/** Remembers which sessions were ended, until they would have ended by themselves. Readers find it in the memo, so that none needs a worker. */
import type { DriverInput, Effect, Env, Machine, Wake } from '../machine.js';
import { mostEnded, nothingEnded, sessionMs, type EndedSessions, type EndSignal } from '../sessions-contract.js';

/** Plain data, so that it survives continue-as-new. */
export interface Sessions {
  version: 1;
  ended: EndedSessions;
  /** The memo as it was last written; empty: not by this run. */
  published: string;
  cancelling: boolean;
}

export type Input = { type: 'end'; signal: EndSignal } | DriverInput<never>;
type SessionsEffect = Effect<never>;

export const newSessions = (): Sessions => ({ version: 1, ended: nothingEnded, published: '', cancelling: false });

/** The state that an earlier run handed over; what it did not know yet has its default. The memo is written anew. */
export const restoreSessions = (carried: Partial<Sessions>): Sessions => ({
  ...newSessions(),
  ...carried,
  version: 1,
  published: '',
});

function handle(state: Sessions, input: Input): void {
  if (input.type === 'end') state.ended = bounded(withEnded(state.ended, input.signal));
  else if (input.type === 'cancel-requested') state.cancelling = true;
}

/** A copy of a signal changes nothing. */
function withEnded(ended: EndedSessions, signal: EndSignal): EndedSessions {
  if (signal.what === 'session') {
    const others = ended.sessions.filter(({ id }) => id !== signal.id);
    return { ...ended, sessions: [...others, { id: signal.id, until: signal.until }] };
  }
  const { person } = signal;
  const known = ended.people.find((one) => one.person === person)?.before ?? 0;
  const others = ended.people.filter((one) => one.person !== person);
  return { ...ended, people: [...others, { person, before: Math.max(known, signal.before) }] };
}

/** What is too much is not forgotten: all sessions end that have begun as early as those that the list has no room for. */
function bounded({ sessions, people, allBefore }: EndedSessions): EndedSessions {
  const bySession = sessions.toSorted((one, other) => other.until - one.until);
  const byPerson = people.toSorted((one, other) => other.before - one.before);
  const dropped = [
    ...bySession.slice(mostEnded.sessions).map(({ until }) => until - sessionMs),
    ...byPerson.slice(mostEnded.people).map(({ before }) => before),
  ];
  return {
    sessions: bySession.slice(0, mostEnded.sessions),
    people: byPerson.slice(0, mostEnded.people),
    allBefore: Math.max(allBefore, ...dropped),
  };
}

/** Without what is over by itself. */
const present = ({ sessions, people, allBefore }: EndedSessions, now: number): EndedSessions => ({
  sessions: sessions.filter(({ until }) => until > now),
  people: people.filter(({ before }) => before + sessionMs > now),
  allBefore: allBefore + sessionMs > now ? allBefore : 0,
});

const timesOf = ({ sessions, people, allBefore }: EndedSessions): number[] => [
  ...sessions.map(({ until }) => until),
  ...people.map(({ before }) => before + sessionMs),
  ...(allBefore > 0 ? [allBefore + sessionMs] : []),
];

function advance(state: Sessions, { now }: Env): SessionsEffect[] {
  state.ended = present(state.ended, now);
  const effects: SessionsEffect[] = [];
  const text = JSON.stringify(state.ended);
  if (text !== state.published) effects.push({ type: 'memo', memo: { ended: state.ended } });
  state.published = text;
  if (state.cancelling || timesOf(state.ended).length === 0) effects.push({ type: 'end', cancelled: state.cancelling });
  return effects;
}

function wakeAt({ ended }: Sessions): Wake | null {
  const times = timesOf(ended);
  return times.length === 0 ? null : { at: Math.min(...times), why: 'Forget what is over by itself' };
}

/** For the Web UI, in Markdown. */
export function detailsOf({ ended: { sessions, people, allBefore } }: Sessions): string {
  const lines = [`${sessions.length} sessions were ended before their time, and those of ${people.length} people.`];
  if (allBefore > 0) lines.push('There were so many that all sessions of their time have ended with them.');
  return lines.join('\n\n');
}

export const sessionsMachine: Machine<Sessions, Input, SessionsEffect, typeof detailsOf> = {
  handle,
  advance,
  wakeAt,
  view: detailsOf,
  hasInFlight: () => false,
};

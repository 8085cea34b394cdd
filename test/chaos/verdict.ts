/** Compares what was accepted with what arrived, and says which promise was broken for whom. */
import type { Case, Ledger } from './ledger.js';
import type { Struck } from './strikes.js';

/** A page may be later than an answer by as much: it was on its way. */
export const grace = 2_000;
/** Twilio's lists may be behind by as much: what was accepted earlier than that before another try can be known. */
export const listDelay = 3_000;
/** Milliseconds: what became of a send is known by then, `startToCloseTimeout` in src/workflows/twilio-talk.ts. */
const sendLimit = 20_000;

export interface Finding {
  promise: 'lost' | 'answer lost' | 'page after an answer' | 'told twice' | 'not loud' | 'not in time';
  name: string;
  why: string;
}

export interface Verdict {
  accepted: number;
  refused: number;
  ended: Record<string, number>;
  answers: number;
  lost: number;
  answersLost: number;
  /** Pages that came later than an answer or a recovery: how many, how late, and how many later than the grace. */
  after: { pages: number; latest: number; beyond: number; inFlight: number };
  doubles: { known: number; unknowable: number; pages: number; texts: number };
  firstPage: { median: number; p95: number; slowest: number };
  findings: Finding[];
}

export function judge({ cases, posts, attemptOf }: Ledger, struck: readonly Struck[]): Verdict {
  const all = [...cases.values()];
  const accepted = all.filter(({ acceptedAt }) => acceptedAt !== null);
  const findings: Finding[] = accepted.flatMap((one) => [...fateOf(one), ...extraPages(one, attemptOf)]);
  const frozen = struck.filter(({ way, target }) => way === 'freeze' && target === 'front');
  const after = accepted.flatMap((one) => pagesAfter(one, frozen));
  for (const { subject, late, inFlight } of after) {
    if (late > grace && !inFlight)
      findings.push({ promise: 'page after an answer', name: subject.name, why: `a page came ${late} ms later` });
  }
  const twice = doublesIn(posts, attemptOf);
  const namesOf = (sid: string): Case[] => all.filter(({ pages }) => pages.some((page) => page.sid === sid));
  for (const { sid, gap } of twice.filter((double) => double.gap >= listDelay)) {
    const name =
      namesOf(sid)
        .map((one) => one.name)
        .join(', ') || sid;
    findings.push({ promise: 'told twice', name, why: `the same was sent again after ${gap} ms` });
  }
  const known = findings.filter(({ promise }) => promise === 'told twice').length;
  const firsts = accepted.flatMap(({ acceptedAt, pages }) => {
    const at = Math.min(...pages.map((page) => page.at));
    return pages.length > 0 ? [at - (acceptedAt ?? at)] : [];
  });
  const beyond = after.filter(({ late, inFlight }) => late > grace && !inFlight);
  const paged = twice.filter(({ sid }) => namesOf(sid).length > 0);
  return {
    accepted: accepted.length,
    refused: all.length - accepted.length,
    ended: countBy(accepted.map(({ state }) => state ?? 'unknown')),
    answers: all.reduce((sum, { claims }) => sum + claims.length, 0),
    lost: findings.filter(({ promise }) => promise === 'lost' || promise === 'not loud').length,
    answersLost: findings.filter(({ promise }) => promise === 'answer lost').length,
    after: {
      pages: after.length,
      latest: Math.max(0, ...after.map(({ late }) => late)),
      beyond: beyond.length,
      inFlight: after.filter(({ late, inFlight }) => late > grace && inFlight).length,
    },
    doubles: {
      known,
      unknowable: twice.filter(({ gap }) => gap < listDelay).length,
      pages: paged.length,
      texts: twice.length - paged.length,
    },
    firstPage: { median: quantile(firsts, 0.5), p95: quantile(firsts, 0.95), slowest: quantile(firsts, 1) },
    findings,
  };
}

function fateOf(one: Case): Finding[] {
  const { name, state, allowed, claims, pages, recoveredAt, tried, loud } = one;
  const answered = claims.length > 0;
  const promise = answered ? 'answer lost' : 'lost';
  if (state === null) return [{ promise, name, why: 'our doors never said how it stands' }];
  if (!allowed.includes(state)) return [{ promise, name, why: `it is ${state}, not ${allowed.join(' or ')}` }];
  if (pages.length === 0 && !answered && recoveredAt === null && tried.length === 0)
    return [{ promise: 'lost', name, why: 'nobody was told of it' }];
  if (state === 'unacknowledged' && !loud)
    return [{ promise: 'not loud', name, why: 'no alarm says that nobody answered' }];
  return [];
}

/**
 * The clock begins when our door has answered 200 to the answer, or the person was confirmed. A page counts when it came to the
 * phone later. It was in flight when the way to Twilio was frozen while the answer was taken: it had been handed over before.
 */
function pagesAfter(one: Case, frozen: readonly Struck[]): { subject: Case; late: number; inFlight: boolean }[] {
  const { claims, recoveredAt, pages, timeline } = one;
  // A refresh that was run again and failed starts the ladder again.
  if (timeline.some(({ type, text }) => type === 'rerun' && text.endsWith('failed'))) return [];
  const ends = [...claims.map(({ at }) => at), ...(recoveredAt === null ? [] : [recoveredAt])];
  const end = Math.min(...ends);
  return pages.flatMap(({ at }) => {
    if (at <= end) return [];
    const inFlight = frozen.some((strike) => end >= strike.at && end <= strike.until && at <= strike.until + grace);
    return [{ subject: one, late: at - end, inFlight }];
  });
}

/** The address for receipts holds the try: two messages with the same one say the same thing to the same person. */
function doublesIn(posts: Ledger['posts'], attemptOf: Ledger['attemptOf']): { sid: string; gap: number }[] {
  const byAttempt = new Map<string, { sid: string; at: number }[]>();
  for (const [sid, { at }] of posts) {
    const attempt = attemptOf(sid);
    if (attempt !== null) byAttempt.set(attempt, [...(byAttempt.get(attempt) ?? []), { sid, at }]);
  }
  return [...byAttempt.values()].flatMap((made) => {
    const [first, ...more] = made.toSorted((a, b) => a.at - b.at);
    return first ? more.map(({ sid, at }) => ({ sid, gap: at - first.at })) : [];
  });
}

/** How a message or call failed that Twilio had accepted. */
const afterAcceptance = /: (30003|63003|busy|no-answer|failed|canceled)$/;

/** Pages that came by different tries, though the incident asked for fewer. Of each it says that it was sent or was not. */
function extraPages(subject: Case, attemptOf: Ledger['attemptOf']): Finding[] {
  const { name, lane, pages, timeline } = subject;
  const words = { whatsapp: 'WhatsApp', sms: 'SMS', call: 'Call' } as const;
  const contacts = [
    [lane.key, lane.number],
    [`${lane.key}-deputy`, lane.deputy],
  ] as const;
  return contacts.flatMap(([key, phone]) =>
    (['whatsapp', 'sms', 'call'] as const).flatMap((channel): Finding[] => {
      const came = pages.filter((page) => page.channel === channel && page.phone === phone);
      const tries = new Set(came.map(({ sid }) => attemptOf(sid) ?? sid)).size;
      const about = `${words[channel]} to ${key}`;
      const said = timeline.filter(
        ({ type, text }) =>
          (type === 'sent' && text === about) ||
          // It gave up on a try of unknown outcome, or its step was over before anything was heard of it.
          (type === 'undelivered' && text.startsWith(`${about}: `) && !afterAcceptance.test(text)) ||
          (type === 'skipped' && text.startsWith(`${about}: `)),
      );
      const known = Math.max(1, said.length + (isLastUnheard(subject, came, said) ? 1 : 0));
      if (timeline.length === 0 || tries <= known) return [];
      return [
        { promise: 'told twice', name, why: `${tries} pages by ${channel} to ${key}, and it knows of ${said.length}` },
      ];
    }),
  );
}

/**
 * An answer may be faster than the word that the last page was sent, by as long as Temporal waits for a worker that died with it: then
 * nobody noted it. It is a page of its own, and no copy, when it came no sooner than a round of the ladder after the one before.
 */
function isLastUnheard(
  { claims, recoveredAt, lane }: Case,
  came: readonly Case['pages'][number][],
  said: Case['timeline'],
): boolean {
  const [last, before] = came.toSorted((one, other) => other.at - one.at);
  if (!last || !before || said.some(({ at }) => Date.parse(at) >= last.at)) return false;
  const overAt = Math.min(recoveredAt ?? Infinity, ...claims.map(({ at }) => at));
  return last.at <= overAt && overAt - last.at < sendLimit && last.at - before.at >= 3 * lane.wait;
}

function countBy(list: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of list) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}

function quantile(list: readonly number[], part: number): number {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

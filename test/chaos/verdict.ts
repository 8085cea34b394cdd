/** Compares what was accepted with what arrived, and finds broken promises. */
import type { Case, Ledger } from './ledger.js';
import type { InjectedFault } from './process-faults.js';

/** A page may come so much later than an answer: it was under way. */
const graceMs = 2_000;
/** How far Twilio's lists may lag: what was accepted earlier than that before a second attempt could be known. */
const listDelayMs = 3_000;
/** The outcome of a send is known by then: `startToCloseTimeout` in src/workflows/pager/send.ts. */
const sendLimitMs = 20_000;

export interface Finding {
  promise:
    | 'lost'
    | 'answer lost'
    | 'page after an answer'
    | 'sent twice'
    | 'no alarm'
    | 'label left'
    | 'label of a person changed';
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
  /** Pages after an answer or a recovery: how many, by how many ms at most, and how many after the grace time. */
  after: { pages: number; latest: number; beyond: number; inFlight: number };
  doubles: { known: number; unknowable: number; pages: number; texts: number };
  firstPage: { median: number; p95: number; slowest: number };
  findings: Finding[];
}

export function judge(ledger: Ledger, faults: readonly InjectedFault[]): Verdict {
  const all = [...ledger.cases.values()];
  const accepted = all.filter(({ acceptedAt }) => acceptedAt !== null);
  const frozen = faults.filter(({ kind, target }) => kind === 'freeze' && target === 'front');
  const after = accepted.flatMap((one) => pagesAfter(one, frozen));
  const doubles = doublesIn(ledger);
  const findings = [
    ...accepted.flatMap((one) => [...outcomeFindings(one), ...extraPages(one, ledger.attemptOf, frozen)]),
    ...after.filter(isTooLate).map(lateFinding),
    ...doubles.filter(({ gapMs }) => gapMs >= listDelayMs).map(doubleFinding),
  ];
  const countOf = (...promises: Finding['promise'][]): number =>
    findings.filter(({ promise }) => promises.includes(promise)).length;
  const paged = doubles.filter(({ cases }) => cases.length > 0).length;
  const firsts = accepted.flatMap(({ acceptedAt, pages }) => {
    const at = Math.min(...pages.map((page) => page.at));
    return pages.length > 0 ? [at - (acceptedAt ?? at)] : [];
  });
  return {
    accepted: accepted.length,
    refused: all.length - accepted.length,
    ended: countBy(accepted.map(({ state }) => state ?? 'unknown')),
    answers: all.reduce((sum, { answers }) => sum + answers.length, 0),
    lost: countOf('lost', 'no alarm'),
    answersLost: countOf('answer lost'),
    after: {
      pages: after.length,
      latest: Math.max(0, ...after.map(({ delayMs }) => delayMs)),
      beyond: after.filter(isTooLate).length,
      inFlight: after.filter(({ delayMs, inFlight }) => delayMs > graceMs && inFlight).length,
    },
    doubles: {
      known: countOf('sent twice'),
      unknowable: doubles.filter(({ gapMs }) => gapMs < listDelayMs).length,
      pages: paged,
      texts: doubles.length - paged,
    },
    firstPage: { median: quantile(firsts, 0.5), p95: quantile(firsts, 0.95), slowest: quantile(firsts, 1) },
    findings,
  };
}

interface PageAfter {
  subject: Case;
  delayMs: number;
  inFlight: boolean;
}

const isTooLate = ({ delayMs, inFlight }: PageAfter): boolean => delayMs > graceMs && !inFlight;

const lateFinding = ({ subject, delayMs }: PageAfter): Finding => ({
  promise: 'page after an answer',
  name: subject.name,
  why: `a page came ${delayMs} ms later`,
});

const doubleFinding = ({ sid, gapMs, cases }: Double): Finding => ({
  promise: 'sent twice',
  name: cases.map(({ name }) => name).join(', ') || sid,
  why: `the same attempt was sent again after ${gapMs} ms`,
});

function outcomeFindings(one: Case): Finding[] {
  const { name, state, allowed, answers, pages, recoveredAt, attempted, alarmShown } = one;
  const answered = answers.length > 0;
  const promise = answered ? 'answer lost' : 'lost';
  if (state === null) return [{ promise, name, why: 'the api never answered with its state' }];
  if (!allowed.includes(state)) return [{ promise, name, why: `its state is ${state}, not ${allowed.join(' or ')}` }];
  if (pages.length === 0 && !answered && recoveredAt === null && attempted.length === 0)
    return [{ promise: 'lost', name, why: 'nobody was paged for it' }];
  if (state === 'unacknowledged' && !alarmShown)
    return [{ promise: 'no alarm', name, why: 'no alarm shows that nobody answered' }];
  return [];
}

/**
 * The time counts from the 200 to the answer, or from the confirmation. A page was in flight when the front was frozen while the
 * answer was accepted: the service had sent it before.
 */
function pagesAfter(one: Case, frozen: readonly InjectedFault[]): PageAfter[] {
  const { answers, recoveredAt, pages, timeline } = one;
  // A rerun that fails starts the escalation again.
  if (timeline.some(({ type, text }) => type === 'rerun' && text.endsWith('failed'))) return [];
  const ends = [...answers.map(({ at }) => at), ...(recoveredAt === null ? [] : [recoveredAt])];
  const end = Math.min(...ends);
  return pages.flatMap(({ at }) => {
    if (at <= end) return [];
    return [{ subject: one, delayMs: at - end, inFlight: wasInFlight(frozen, end, at) }];
  });
}

/** Whether a page that arrived after the end had left before: the front was frozen at the end, and let it through when it went on. */
const wasInFlight = (frozen: readonly InjectedFault[], end: number, at: number): boolean =>
  frozen.some((fault) => end >= fault.at && end <= fault.until && at <= fault.until + graceMs);

interface Double {
  sid: string;
  /** Since the first message or call of the attempt. */
  gapMs: number;
  /** The incidents that it pages; none for a notice. */
  cases: Case[];
}

/** The address for receipts contains the attempt id: two messages with the same one are copies. */
function doublesIn({ cases, posts, attemptOf }: Ledger): Double[] {
  const byAttempt = new Map<string, { sid: string; at: number }[]>();
  for (const [sid, { at }] of posts) {
    const attempt = attemptOf(sid);
    if (attempt !== null) byAttempt.set(attempt, [...(byAttempt.get(attempt) ?? []), { sid, at }]);
  }
  const casesOf = (sid: string): Case[] =>
    [...cases.values()].filter(({ pages }) => pages.some((page) => page.sid === sid));
  return [...byAttempt.values()].flatMap((made) => {
    const [first, ...more] = made.toSorted((a, b) => a.at - b.at);
    return first ? more.map(({ sid, at }) => ({ sid, gapMs: at - first.at, cases: casesOf(sid) })) : [];
  });
}

/** Failures of messages and calls that Twilio had accepted. */
const afterAcceptance = /: (30003|63003|busy|no-answer|failed|canceled)$/;

/** More pages by different attempts than the incident requested. Its timeline records the outcome of each request. */
function extraPages(subject: Case, attemptOf: Ledger['attemptOf'], frozen: readonly InjectedFault[]): Finding[] {
  const { name, lane, pages, timeline } = subject;
  const channelNames = { whatsapp: 'WhatsApp', sms: 'SMS', call: 'Call' } as const;
  const contacts = [
    [lane.key, lane.number],
    [`${lane.key}-deputy`, lane.deputy],
  ] as const;
  return contacts.flatMap(([key, phone]) =>
    (['whatsapp', 'sms', 'call'] as const).flatMap((channel): Finding[] => {
      const arrived = pages.filter((page) => page.channel === channel && page.phone === phone);
      const tries = new Set(arrived.map(({ sid }) => attemptOf(sid) ?? sid)).size;
      const about = `${channelNames[channel]} to ${key}`;
      const recorded = timeline.filter(
        ({ type, text }) =>
          (type === 'sent' && text === about) ||
          // An attempt of unknown outcome, or one without a report before its step was over.
          (type === 'undelivered' && text.startsWith(`${about}: `) && !afterAcceptance.test(text)) ||
          (type === 'skipped' && text.startsWith(`${about}: `)),
      );
      const known = Math.max(1, recorded.length + (isLastUnreported(subject, arrived, recorded, frozen) ? 1 : 0));
      if (timeline.length === 0 || tries <= known) return [];
      return [
        {
          promise: 'sent twice',
          name,
          why: `${tries} pages by ${channel} to ${key}, ${recorded.length} in its timeline`,
        },
      ];
    }),
  );
}

/**
 * An answer may arrive before the report that the last page was sent, by as long as Temporal waits for a worker that died with
 * it: then the timeline lacks it, as it lacks a page that a frozen front let through afterwards. Such a page is no copy when it came at
 * least one round of the escalation after the one before.
 */
function isLastUnreported(
  { answers, recoveredAt, lane }: Case,
  arrived: readonly Case['pages'][number][],
  recorded: Case['timeline'],
  frozen: readonly InjectedFault[],
): boolean {
  const [last, before] = arrived.toSorted((one, other) => other.at - one.at);
  if (!last || !before || recorded.some(({ at }) => Date.parse(at) >= last.at)) return false;
  const overAt = Math.min(recoveredAt ?? Infinity, ...answers.map(({ at }) => at));
  const isBefore = last.at <= overAt && overAt - last.at < sendLimitMs;
  return (isBefore || wasInFlight(frozen, overAt, last.at)) && last.at - before.at >= 3 * lane.waitMs;
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

/** Silences: what they match, and how a request for one is read. Pure. */
import { day, minute } from '../workflows/contract.js';
import {
  silenceEnds,
  silenceKeys,
  timesProblem,
  type Silence,
  type Silenced,
  type SilenceKey,
  type SilenceMatch,
  type SilenceSubject,
} from '../workflows/on-call-contract.js';
import { authorProblem, textProblem } from './author.js';
import { parseDuration } from './duration.js';
import { plainDashes } from '../workflows/names.js';
import { matchesName, matchesPath } from './glob.js';
import { instantRule, parseInstant } from './local-time.js';
import { matchesEvent } from './route.js';

/**
 * Whether every pattern fits. What is not known of the item fits none.
 * @param siteName the site of this service, which every item without another luid is of
 */
export function isMatch(match: SilenceMatch, subject: SilenceSubject, siteName: string): boolean {
  const fits: Record<SilenceKey, (pattern: string) => boolean> = {
    // Texts show dashes of every kind as one sign.
    item: (pattern) => matchesName(plainDashes(pattern), plainDashes(subject.name)),
    project: (pattern) =>
      subject.project !== undefined && matchesPath(plainDashes(pattern), plainDashes(subject.project)),
    tag: (pattern) => (subject.tags ?? []).some((tag) => matchesName(pattern, tag)),
    site: (pattern) => matchesName(pattern, subject.site) || (siteName !== '' && matchesName(pattern, siteName)),
    event: (pattern) => matchesEvent(pattern, subject.event),
  };
  return silenceKeys.every((key) => {
    const pattern = match[key];
    return pattern === undefined || fits[key](pattern);
  });
}

/** The silence that covers an item now, of several the one that ends last; null: none. */
export function silenceOf(
  silences: readonly Silence[],
  subject: SilenceSubject,
  siteName: string,
  now: number,
): Silenced | null {
  const [last] = silences
    .filter(({ from, to, match }) => from <= now && now < to && isMatch(match, subject, siteName))
    .toSorted((one, other) => other.to - one.to);
  return last ? { id: last.id, until: last.to, by: last.by, reason: last.reason } : null;
}

/** What somebody asks for: `for` (a duration from now on), or `start` and `end`, texts in ISO 8601 with an offset. */
export interface SilenceFields {
  match: Readonly<Record<string, unknown>>;
  for?: string | undefined;
  start?: string | undefined;
  end?: string | undefined;
  reason: string;
  by?: string | undefined;
}

/** The field that is wrong, and a sentence that says what is allowed. */
export interface SilenceProblem {
  field: 'match' | 'for' | 'start' | 'end' | 'reason' | 'by';
  message: string;
}

type Read<T> = { problem: SilenceProblem } | { value: T };

const wrong = (field: SilenceProblem['field'], message: string): { problem: SilenceProblem } => ({
  problem: { field, message },
});

/** Reads a request for a silence. @param id a uuid */
export function readSilence(
  { match: patterns, reason: why, by = 'api', ...times }: SilenceFields,
  { id, now }: { id: string; now: number },
): Read<Silence> {
  const match = readMatch(patterns);
  if ('problem' in match) return match;
  const span = readSpan(times, now);
  if ('problem' in span) return span;
  const reason = why.trim();
  const unfitReason = textProblem('reason', reason, 200);
  if (unfitReason !== null) return wrong('reason', unfitReason);
  const author = by.trim();
  const unfitAuthor = authorProblem(author);
  if (unfitAuthor !== null) return wrong('by', unfitAuthor);
  return { value: { id, match: match.value, ...span.value, reason, by: author } };
}

const isKey = (key: string): key is SilenceKey => silenceKeys.some((one) => one === key);
const keysText = silenceKeys.join(', ');

function readMatch(patterns: Readonly<Record<string, unknown>>): Read<SilenceMatch> {
  const match: SilenceMatch = {};
  for (const [key, pattern] of Object.entries(patterns)) {
    if (!isKey(key)) return wrong('match', `match has a key that is not known; it must have some of ${keysText}.`);
    const name = `match.${key}`;
    if (typeof pattern !== 'string') return wrong('match', `${name} must be a text, in which * stands for anything.`);
    const unfit = textProblem(name, pattern, 128);
    if (unfit !== null) return wrong('match', unfit);
    // It is shown in Temporal, where no phone number may be.
    if (/\+\d(?:[\s().-]*\d){6,}/.test(pattern)) return wrong('match', `${name} must not hold a phone number.`);
    match[key] = pattern;
  }
  return Object.keys(match).length > 0
    ? { value: match }
    : wrong('match', `match must have at least one of ${keysText}; {"item":"*"} matches everything.`);
}

function readSpan(
  { for: length, start, end }: Pick<SilenceFields, 'for' | 'start' | 'end'>,
  now: number,
): Read<{ from: number; to: number }> {
  if (length !== undefined) {
    if (start !== undefined || end !== undefined) return wrong('for', 'for cannot go with start or end.');
    const lengthMs = parseDuration(length.trim());
    return lengthMs !== null && lengthMs >= minute && lengthMs <= 90 * day
      ? { value: { from: now, to: now + lengthMs } }
      : wrong('for', 'for must be a time from 1m to 90d, such as 30m, 2h or 1d12h.');
  }
  if (end === undefined) return wrong('end', 'end is missing: give either for, or end and perhaps start.');
  const from = start === undefined ? now : parseInstant(start);
  if (from === null) return wrong('start', `start must be ${instantRule}.`);
  const to = parseInstant(end);
  if (to === null) return wrong('end', `end must be ${instantRule}.`);
  const refusal = timesProblem({ from, to }, now, silenceEnds);
  return refusal === null
    ? { value: { from, to } }
    : wrong(refusal.field === 'from' ? 'start' : 'end', refusal.message);
}

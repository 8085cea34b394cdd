/** Times in replies about schedules and silences: `tonight`, `18:00-09:00`, `until 09:00`, `1h30m`. */
import type { DutyTime } from './pager-contract.js';
import { plainDashes } from './names.js';
import { lengthAtEnd } from './reply-lengths.js';

const timeOfDay = /^(?:[01]?[0-9]|2[0-3]):[0-5][0-9]$/;
const polite = new Set(['please', 'pls', 'thanks']);
const isPolite = (word: string): boolean => polite.has(word.toLowerCase());

/** A sentence with one of these may mean the opposite. */
export const refusals: ReadonlySet<string> = new Set(['not', 'no', 'never', 'dont', "don't", 'don\u2019t']);

/** What stands between white space, without what is only polite at both ends, and without the full stop. */
export function tokensOf(text: string): string[] {
  const words = plainDashes(text)
    .split(/\s+/u)
    .filter((word) => word !== '');
  while (isPolite(words[0] ?? '')) words.shift();
  const last = words.pop() ?? '';
  const bare = /[.!]$/u.test(last) ? last.slice(0, -1) : last;
  if (bare !== '' && !isPolite(bare)) words.push(bare);
  const end = words.at(-1);
  if (end?.endsWith(',')) words.splice(-1, 1, end.slice(0, -1));
  return words;
}

/** In lower case; `1h30m` is four words, and a name with digits stays whole. */
export const splitNumbers = (tokens: readonly string[]): string[] =>
  tokens.flatMap((token) => {
    const word = token.toLowerCase();
    return /^[0-9]/u.test(word) ? (word.match(/[0-9:.,-]+|[^0-9:.,-]+/gu) ?? []) : [word];
  });

/** The time at the end, and of how many words it consists. */
export function timeAtEnd(words: readonly string[]): { time: DutyTime; words: number } | null {
  const [third = '', second = '', last = ''] = ['', '', '', ...words].slice(-3);
  if (last === 'tonight') return { time: { kind: 'tonight' }, words: 1 };
  if ((second === 'until' || second === 'till') && timeOfDay.test(last))
    return { time: { kind: 'until', to: minutesOf(last) }, words: 2 };
  const [from = '', to = '', ...more] = last.split('-');
  if (more.length === 0 && timeOfDay.test(from) && timeOfDay.test(to)) return { time: hours(from, to), words: 1 };
  if ((second === '-' || second === 'to') && timeOfDay.test(third) && timeOfDay.test(last))
    return { time: hours(third, last), words: words.at(-4) === 'from' ? 4 : 3 };
  const length = lengthAtEnd(words);
  return length === null ? null : { time: { kind: 'for', ms: length.ms }, words: length.words };
}

const hours = (from: string, to: string): DutyTime => ({ kind: 'hours', from: minutesOf(from), to: minutesOf(to) });

function minutesOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return hour * 60 + minute;
}

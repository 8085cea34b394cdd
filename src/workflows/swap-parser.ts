/** Replies by which a contact gives duty to another: `SWAP ben tonight`. Contacts and schedules are keys of the escalation file. */
import type { Command, DutyTime } from './contract.js';
import { lengthAtEnd } from './reply-lengths.js';

/** Two keys of 32 characters and a time. */
const maxLength = 160;
const key = /^[a-z][a-z0-9-]{0,31}$/;
const timeOfDay = /^(?:[01]?[0-9]|2[0-3]):[0-5][0-9]$/;
const polite = new Set(['please', 'pls', 'thanks']);

/**
 * `SWAP ben tonight`, `SWAP data ben 18:00-09:00`, `swap ben until 9:00`, `swap with ben 1h30m`.
 * @param text in compatibility form (NFKC), without invisible characters
 * @returns null where not all of it is understood
 */
export function swapCommand(text: string): Command | null {
  if (text.length > maxLength) return null;
  const [verb, ...rest] = wordsOf(text);
  if (verb !== 'swap') return null;
  const [first, ...others] = rest;
  const words = first === 'with' ? others : rest;
  const end = timeAtEnd(words);
  if (end === null) return null;
  const names = words.slice(0, -end.words);
  const [one, two] = names;
  if (one === undefined || names.length > 2 || !names.every((name) => key.test(name))) return null;
  const { time } = end;
  return two === undefined ? { verb: 'swap', contact: one, time } : { verb: 'swap', schedule: one, contact: two, time };
}

/** Lower case, without what is only polite. `1h30m` is four words; names with digits stay whole. */
function wordsOf(text: string): string[] {
  const words = text
    .toLowerCase()
    .replace(/[\u2010-\u2014]/gu, '-')
    .split(/\s+/u)
    .filter((word) => word !== '');
  while (polite.has(words[0] ?? '')) words.shift();
  const last = words.pop() ?? '';
  const bare = last.endsWith('.') || last.endsWith('!') ? last.slice(0, -1) : last;
  if (bare !== '' && !polite.has(bare)) words.push(bare);
  return words.flatMap((word) => (/^[0-9]/u.test(word) ? (word.match(/[0-9:.,-]+|[^0-9:.,-]+/gu) ?? []) : [word]));
}

/** The time at the end, and of how many words it consists. */
function timeAtEnd(words: readonly string[]): { time: DutyTime; words: number } | null {
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

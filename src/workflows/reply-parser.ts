/**
 * What a person meant: words, buttons, reactions and keys become commands. Pure, and total: any string gives a command, in time
 * that grows with its length alone.
 */
import { hour, minute } from './contract.js';
import { type Command } from './pager-contract.js';
import { muteCommand } from './mute-parser.js';
import { lengthAtEnd } from './reply-lengths.js';
import { commandOfReaction } from './reactions.js';
import {
  keywords,
  longestPhrase,
  meanings,
  snoozeFillers,
  snoozeWords,
  type ItemVerb,
  type Meaning,
} from './reply-phrases.js';
import { swapCommand } from './swap-parser.js';

/** The length of a snooze that names none, and the longest. */
export const defaultSnoozeMs = hour;
export const longestSnoozeMs = 24 * hour;

/** Twilio cuts a message at 1,600 characters. */
const maxLength = 2_000;
const maxNumbers = 20;
/** Stands for what is in no table. */
const other = '\uFFFD';
const unknown: Command = { verb: 'unknown' };

/** The value of a digit of any script: digits stand in runs of ten. */
function digitValue(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
  return String(value);
}

const withoutInvisible = (text: string): string => text.replace(/[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, '');

/** `ack-2 !` → ['ack', '2'], `I'll take 2a` → ['ill', 'take', '2', 'a'], `1.5h` → ['1.5', 'h'], `1-3` → ['1-3'] */
function wordsOf(text: string): string[] {
  const spaced = text
    .replace(/\p{Nd}/gu, digitValue)
    .toLowerCase()
    .replace(/['\u2018\u2019`\u00B4\u02BC]/gu, '')
    .replace(/[\u20E3\p{Emoji_Modifier}]/gu, ' ')
    // A digit that is no number of an item: <3, +1, $2, 50%, 3:30, -1.
    .replace(/[<>=:;$%@^+]\d|\d[%$=]|\d:(?=\d)|^\s*-\d/gu, ` ${other} `)
    .replace(/\?+/gu, ' ? ')
    .replace(/(?<=\d)\s*-\s*(?=\d)/gu, '-')
    .replace(/[\p{Extended_Pictographic}\p{RI}]/gu, ' $& ')
    .replace(/(?<!\d)[.,-]|[.,-](?!\d)|[^\p{L}\p{M}\p{N}\p{Extended_Pictographic}\p{RI}?.,\uFFFD-]/gu, ' ')
    .replace(/(\p{L})(\p{N})/gu, '$1 $2')
    .replace(/(\p{N})(\p{L})/gu, '$1 $2')
    .trim();
  return spaced === '' ? [] : spaced.split(/ +/u);
}

/** The reply numbers that a word names: `2`, `1,2`, `1-3`; a reply number counts 1 to 99. */
function numbersIn(word: string): number[] | null {
  if (!/^[\d,-]+$/u.test(word)) return null;
  const parts = word.split(',').map(rangeOf);
  return parts.every((part) => part !== null) ? parts.flat() : null;
}

function rangeOf(text: string): number[] | null {
  const [first, last = first, ...more] = text.split('-').map(numberOf);
  if (first === undefined || first === null || last === undefined || last === null || more.length > 0) return null;
  const length = last - first + 1;
  return length < 1 || length > maxNumbers ? null : Array.from({ length }, (_, n) => first + n);
}

const numberOf = (word: string): number | null => (/^0*[1-9][0-9]?$/u.test(word) ? Number(word) : null);

/** A text by what its phrases mean, the longest first; null where a word is in no table. */
function readPhrases(words: readonly string[]): { meanings: Meaning[]; numbers: number[] } | null {
  const read: { meanings: Meaning[]; numbers: number[] } = { meanings: [], numbers: [] };
  for (let at = 0; at < words.length;) {
    const numbers = numbersIn(words[at] ?? '');
    if (numbers) {
      read.numbers.push(...numbers);
      at += 1;
      continue;
    }
    const length = phraseLength(words, at);
    const meaning = meanings.get(words.slice(at, at + length).join(' '));
    if (meaning === undefined) return null;
    // After a number "ok" is no longer the beginning of another command.
    read.meanings.push(meaning === 'assent' && read.numbers.length > 0 ? 'acknowledge' : meaning);
    at += length;
  }
  return read;
}

function phraseLength(words: readonly string[], at: number): number {
  for (let length = Math.min(longestPhrase, words.length - at); length > 1; length -= 1) {
    if (meanings.has(words.slice(at, at + length).join(' '))) return length;
  }
  return 1;
}

const isItemVerb = (meaning: Meaning): meaning is ItemVerb =>
  meaning === 'acknowledge' || meaning === 'resolve' || meaning === 'rerun';

/** Everything that is said must fit together, else nothing is done. */
function commandOf(words: readonly string[]): Command {
  const read = readPhrases(words);
  if (read === null) return unknown;
  const said = read.meanings.filter((meaning) => meaning !== 'courtesy');
  const numbers = [...new Set(read.numbers)];
  if (numbers.length > maxNumbers || (said.includes('and') && numbers.length < 2)) return unknown;
  // "ok, retry" is a retry; "retry, ok" may be a statement.
  const first = said.findIndex((meaning) => meaning !== 'assent');
  const verbs = new Set(said.filter((meaning) => meaning !== 'assent' && meaning !== 'and'));
  if (said.includes('assent') && (first === -1 || said.lastIndexOf('assent') > first)) verbs.add('acknowledge');
  if (verbs.has('all')) {
    verbs.delete('acknowledge');
    return verbs.size === 1 && numbers.length === 0 ? { verb: 'acknowledge', all: true } : unknown;
  }
  if (verbs.has('list')) return verbs.size === 1 && numbers.length === 0 ? { verb: 'list', page: 1 } : unknown;
  if (verbs.has('who')) return verbs.size === 1 && numbers.length === 0 ? { verb: 'who' } : unknown;
  if (verbs.has('rerun')) verbs.delete('again');
  if (verbs.size === 0 && numbers.length > 0) verbs.add('acknowledge');
  const [verb, ...others] = verbs;
  if (verb === undefined || others.length > 0 || !isItemVerb(verb)) return unknown;
  const [only] = numbers;
  if (only === undefined) return { verb };
  return numbers.length === 1 ? { verb, number: only } : { verb, numbers };
}

/** `?`, `LIST 2`, `? 2`: pages count to 999. Null where it is no list, or one in other words. */
function listCommand(words: readonly string[]): Command | null {
  const [first, second, ...more] = words;
  if (words.every((word) => word === '?')) return { verb: 'list', page: 1 };
  const isPage = (first === 'list' || first === '?') && second !== undefined && /^0*[1-9][0-9]{0,2}$/u.test(second);
  return isPage && more.every((word) => word === '?') ? { verb: 'list', page: Number(second) } : null;
}

/** `SNOOZE 2 1h`, `Z 30m`, `2 Z 1h`, `snooze for 1h 30m`: an item and a length, both optional; null when it is no snooze. */
function snoozeCommand(words: readonly string[]): Command | null {
  const at = words.findIndex((word) => snoozeWords.has(word));
  if (at < 0) return null;
  const before = words.slice(0, at).filter((word) => !isPolite(word));
  const rest = words.slice(at + 1).filter((word) => !isPolite(word) && !snoozeFillers.has(word));
  const length = lengthAtEnd(rest);
  const left = length ? rest.slice(0, -length.words) : rest;
  const numbers = [...before, ...left].map(numberOf);
  const [number] = numbers;
  if (length) {
    const durationMs = Math.min(length.ms, longestSnoozeMs);
    if (numbers.length === 0) return { verb: 'snooze', durationMs };
    return numbers.length === 1 && number ? { verb: 'snooze', number, durationMs } : unknown;
  }
  const [word, ...more] = left;
  if (numbers.length === 0) return { verb: 'snooze', durationMs: defaultSnoozeMs };
  if (before.length > 0 || word === undefined || more.length > 0)
    return numbers.length === 1 && number ? { verb: 'snooze', number, durationMs: defaultSnoozeMs } : unknown;
  if (!/^0*[1-9][0-9]{0,3}$/u.test(word)) return unknown;
  const minutesMs = Math.min(Number(word) * minute, longestSnoozeMs);
  return number
    ? { verb: 'snooze', number, durationMs: defaultSnoozeMs, minutesMs }
    : { verb: 'snooze', durationMs: minutesMs };
}

function isPolite(word: string): boolean {
  const meaning = meanings.get(word);
  return meaning === 'courtesy' || meaning === 'assent';
}

/** Twilio's own words, which nothing else may mean. */
function keyword(word: string): Command | null {
  const isOne = (words: readonly string[]): boolean => words.includes(word);
  if (isOne(keywords.stop)) return { verb: 'stop' };
  if (isOne(keywords.start)) return { verb: 'start', word: 'start' };
  if (isOne(keywords.yes)) return { verb: 'start', word: 'yes' };
  return isOne(keywords.help) ? { verb: 'help' } : null;
}

/** A code never begins with 0, so that it is no number of an item: those have two digits, and zeros before them. */
const codeIn = (word: string): Command | null => (/^[1-9][0-9]{3}$/u.test(word) ? { verb: 'code', code: word } : null);

/**
 * Reads a text message, or the payload or title of a WhatsApp button, which use the same words.
 * @param text the raw `Body`, `ButtonPayload` or `ButtonText`
 * @returns null for what asks for nothing: a reaction that was taken back, or one to a confirmation
 */
export function parseReply(text: string): Command | null {
  // Cut, a refusal could look like an approval.
  if (text.length > maxLength) return unknown;
  const visible = withoutInvisible(text.normalize('NFKC'));
  if (visible.length > 2 * maxLength) return unknown;
  const reaction = commandOfReaction(visible);
  if (reaction !== undefined) return reaction;
  const words = wordsOf(visible);
  const [first] = words;
  if (first === undefined) return unknown;
  const whole = words.length === 1 ? (keyword(first) ?? codeIn(first)) : null;
  return (
    whole ??
    swapCommand(visible) ??
    muteCommand(visible) ??
    listCommand(words) ??
    snoozeCommand(words) ??
    commandOf(withoutQuestion(words))
  );
}

/** A question mark after what only asks is none: "what's open?", "who is on call?" */
function withoutQuestion(words: readonly string[]): readonly string[] {
  const rest = words.filter((word) => word !== '?');
  if (rest.length === words.length) return words;
  const { verb } = commandOf(rest);
  return verb === 'list' || verb === 'who' ? rest : words;
}

/** Reads the key pressed in a call: 1 acknowledges, 2 runs the refresh again, 3 resolves; null for any other, and for none. */
export function parseKey(digits: string): Command | null {
  if (digits === '1') return { verb: 'acknowledge' };
  if (digits === '2') return { verb: 'rerun' };
  if (digits === '3') return { verb: 'resolve' };
  return null;
}

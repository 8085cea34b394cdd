/**
 * What a person meant: words, buttons and keys become commands. Pure, and total: any string gives a command.
 */
import { hour, minute, type Command } from './contract.js';

type ItemVerb = 'acknowledge' | 'resolve' | 'rerun';

const itemVerbs: Readonly<Record<string, ItemVerb>> = {
  A: 'acknowledge',
  ACK: 'acknowledge',
  OK: 'acknowledge',
  ACKNOWLEDGE: 'acknowledge',
  D: 'resolve',
  DONE: 'resolve',
  RESOLVE: 'resolve',
  R: 'rerun',
  RERUN: 'rerun',
};
// Twilio's opt-out, help and opt-in words (https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out): only as the whole text.
const stop = new Set(['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT']);
const help = new Set(['HELP', 'INFO']);
const start = new Set(['START', 'UNSTOP']);

const units: Readonly<Record<string, number>> = {
  M: minute,
  MIN: minute,
  MINS: minute,
  MINUTE: minute,
  MINUTES: minute,
  H: hour,
  HR: hour,
  HRS: hour,
  HOUR: hour,
  HOURS: hour,
};
/** The length of a snooze that names none, and the longest. */
export const defaultSnoozeMs = hour;
export const longestSnoozeMs = 24 * hour;

const thumbsUp = /\u{1F44D}[\u{1F3FB}-\u{1F3FF}]?\uFE0F?/gu;

/** `ack-2 !` → ['ACK', '2'], `2a` → ['2', 'A'] */
function wordsOf(text: string): string[] {
  const spaced = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(thumbsUp, ' ACK ')
    .replace(/\?+/g, ' ? ')
    .replace(/[^\p{L}\p{N}?]+/gu, ' ')
    .replace(/(\p{L})(\p{N})/gu, '$1 $2')
    .replace(/(\p{N})(\p{L})/gu, '$1 $2')
    .trim();
  return spaced === '' ? [] : spaced.split(' ').filter((word) => word !== '');
}

const verbOf = (word: string): ItemVerb | null => (Object.hasOwn(itemVerbs, word) ? (itemVerbs[word] ?? null) : null);

/** A reply number counts 1 to 99. */
const numberOf = (word: string): number | null => (/^0*[1-9][0-9]?$/.test(word) ? Number(word) : null);

function single(word: string): Command {
  if (stop.has(word)) return { verb: 'stop' };
  if (start.has(word)) return { verb: 'start', word: 'start' };
  if (word === 'YES') return { verb: 'start', word: 'yes' };
  if (help.has(word)) return { verb: 'help' };
  if (word === '?' || word === 'LIST') return { verb: 'list', page: 1 };
  if (word === 'ALL') return { verb: 'acknowledge', all: true };
  const verb = verbOf(word);
  if (verb) return { verb };
  const number = numberOf(word);
  return number === null ? { verb: 'unknown' } : { verb: 'acknowledge', number };
}

function pair(first: string, second: string): Command {
  const verb = verbOf(first);
  if (verb === 'acknowledge' && second === 'ALL') return { verb, all: true };
  // "ACK ACK", for instance two thumbs up, means it once.
  if (verb && verbOf(second) === verb) return { verb };
  if (first === 'LIST' || first === '?') {
    return /^0*[1-9][0-9]{0,2}$/.test(second) ? { verb: 'list', page: Number(second) } : { verb: 'unknown' };
  }
  const number = numberOf(verb ? second : first);
  const named = verb ?? verbOf(second);
  return named && number !== null ? { verb: named, number } : { verb: 'unknown' };
}

const isSnooze = (word: string | undefined): boolean => word === 'SNOOZE' || word === 'Z';

/** `SNOOZE 2 1h`, `Z 30m`, `Z 2`, `2 Z 1h`: an item and a length, both optional; null when it is no snooze. */
function snooze(words: string[]): Command | null {
  const [first, second] = words;
  if (!isSnooze(first) && !isSnooze(second)) return null;
  const rest = isSnooze(first) ? words.slice(1) : words.slice(2);
  const before = isSnooze(first) ? undefined : first;
  const length = durationAtEnd(rest);
  const left = [...(before === undefined ? [] : [before]), ...(length ? rest.slice(0, -2) : rest)];
  const duration = Math.min(length ?? defaultSnoozeMs, longestSnoozeMs);
  if (left.length === 0) return { verb: 'snooze', durationMs: duration };
  const number = left.length === 1 && left[0] !== undefined ? numberOf(left[0]) : null;
  return number === null ? { verb: 'unknown' } : { verb: 'snooze', number, durationMs: duration };
}

function durationAtEnd(words: string[]): number | null {
  const [count, unit] = words.slice(-2);
  if (count === undefined || unit === undefined || !/^0*[1-9][0-9]{0,3}$/.test(count)) return null;
  const size = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return size === undefined ? null : Number(count) * size;
}

/** Twilio delivers at most 1,600 characters, and no command has more words. */
const maxReplyLength = 1_600;

/**
 * Reads a text message, or the payload of a WhatsApp button, which uses the same words.
 * @param text the raw `Body` or `ButtonPayload`
 */
export function parseReply(text: string): Command {
  const words = wordsOf(text.slice(0, maxReplyLength));
  const [first, second, ...rest] = words;
  if (first === undefined) return { verb: 'unknown' };
  const snoozing = snooze(words);
  if (snoozing) return snoozing;
  if (second === undefined) return single(first);
  return rest.length === 0 ? pair(first, second) : { verb: 'unknown' };
}

/** Reads the key pressed in a call: 1 acknowledges, 2 runs the refresh again, 3 resolves; null for any other, and for none. */
export function parseKey(digits: string): Command | null {
  if (digits === '1') return { verb: 'acknowledge' };
  if (digits === '2') return { verb: 'rerun' };
  if (digits === '3') return { verb: 'resolve' };
  return null;
}

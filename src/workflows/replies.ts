/**
 * What a person meant: words, buttons and keys become commands. Pure, and total: any string gives a command.
 */
import type { Command } from './contract.js';

const acknowledge = new Set(['A', 'ACK', 'OK', 'ACKNOWLEDGE']);
const resolve = new Set(['D', 'DONE', 'RESOLVE']);
const rerun = new Set(['R', 'RERUN']);
// Twilio's opt-out, help and opt-in words (https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out): only as the whole text.
const stop = new Set(['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT']);
const help = new Set(['HELP', 'INFO', '?']);
const start = new Set(['START', 'UNSTOP']);

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

function verbOf(word: string): 'acknowledge' | 'resolve' | 'rerun' | null {
  if (acknowledge.has(word)) return 'acknowledge';
  if (resolve.has(word)) return 'resolve';
  if (rerun.has(word)) return 'rerun';
  return null;
}

/** A reply number counts 1 to 99. */
function numberOf(word: string): number | null {
  if (!/^0*[1-9][0-9]?$/.test(word)) return null;
  return Number(word);
}

function single(word: string): Command {
  if (stop.has(word)) return { verb: 'stop' };
  if (start.has(word)) return { verb: 'start', word: 'start' };
  if (word === 'YES') return { verb: 'start', word: 'yes' };
  if (help.has(word)) return { verb: 'help' };
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
  const number = numberOf(verb ? second : first);
  const named = verb ?? verbOf(second);
  return named && number !== null ? { verb: named, number } : { verb: 'unknown' };
}

/**
 * Reads a text message, or the payload of a WhatsApp button, which uses the same words.
 * @param text the raw `Body` or `ButtonPayload`
 */
export function parseReply(text: string): Command {
  const [first, second, ...rest] = wordsOf(text);
  if (first === undefined) return { verb: 'unknown' };
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

/** Replies that silence a project or an item: `MUTE Finance 2h`, `MUTE "Sales EU" until 06:00`. */
import type { Command, MuteTime } from './contract.js';
import { refusals, splitNumbers, timeAtEnd, tokensOf } from './reply-times.js';

const maxLength = 200;
const mostTimeWords = 5;
/** Two that belong together, or none. */
const quotes = new Map([
  ['"', '"'],
  ["'", "'"],
  ['\u201C', '\u201D'],
  ['\u201E', '\u201C'],
  ['\u00AB', '\u00BB'],
]);
const quoteSign = /["\u201C-\u201E\u00AB\u00BB]/u;
/** No name: what would be silenced has to be named. */
const vague = new Set(['all', 'everything', 'it', 'this', 'that', 'them']);
/** A message with one goes into no history. */
const phoneNumber = /\+[0-9]|[0-9](?:[ ().-]?[0-9]){8}/u;

/**
 * @param text in compatibility form (NFKC), without invisible characters
 * @returns null where not all of it is understood
 */
export function muteCommand(text: string): Command | null {
  if (text.length > maxLength) return null;
  const [verb = '', ...rest] = tokensOf(text);
  if (verb.toLowerCase() !== 'mute') return null;
  for (let count = Math.min(mostTimeWords, rest.length - 1); count > 0; count -= 1) {
    const time = wholeTime(rest.slice(-count));
    const name = time === null ? null : nameIn(rest.slice(0, -count).join(' '));
    if (time !== null) return name === null ? null : { verb: 'mute', name, time };
  }
  return null;
}

/** Null where some of the words belong to no time. */
function wholeTime(tokens: readonly string[]): MuteTime | null {
  const words = splitNumbers(tokens);
  const end = timeAtEnd(words);
  if (end === null || end.words !== words.length) return null;
  return end.time.kind === 'for' || end.time.kind === 'until' ? end.time : null;
}

function nameIn(text: string): string | null {
  const close = quotes.get(text.charAt(0));
  const isQuoted = close !== undefined && text.length > 2 && text.endsWith(close);
  const name = isQuoted ? text.slice(1, -1).trim() : text;
  const bare = name.endsWith('/**') ? name.slice(0, -3) : name;
  const isPlain = !quoteSign.test(name) && !name.split(' ').some((word) => refusals.has(word.toLowerCase()));
  const isName = bare !== '' && !bare.includes('*') && (isQuoted || isPlain);
  return isName && !vague.has(bare.toLowerCase()) && !phoneNumber.test(name) ? name : null;
}

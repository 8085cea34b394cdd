/** Replies that silence a project or an item: `MUTE Finance 2h`, `MUTE "Sales EU" until 06:00`, `MUTE 2 30m`. */
import type { Command, MuteTime } from './pager-contract.js';
import { mayHoldPhoneNumber } from './names.js';
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
/** The number of an item, as messages show it or bare. */
const itemNumber = /^(?:#|\[)?0*([1-9][0-9]?)\]?$/u;

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
    if (time === null) continue;
    const named = rest.slice(0, -count);
    const number = itemNumber.exec(named.join(' '))?.[1];
    if (number !== undefined) return { verb: 'mute', number: Number(number), time };
    const name = nameIn(named.join(' '));
    // `mute 1h 30m` names nothing.
    return name === null || wholeTime(named) !== null ? null : { verb: 'mute', name, time };
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
  // A message with a phone number goes into no history.
  return isName && !vague.has(bare.toLowerCase()) && !mayHoldPhoneNumber(name) ? name : null;
}

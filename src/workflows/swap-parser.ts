/** Replies by which a contact gives duty to another: `SWAP ben tonight`. Contacts and schedules are keys of the escalation file. */
import type { Command } from './pager-contract.js';
import { refusals, splitNumbers, timeAtEnd, tokensOf } from './reply-times.js';

/** Two keys of 32 characters and a time. */
const maxLength = 160;
const key = /^[a-z][a-z0-9-]{0,31}$/;

/**
 * `SWAP ben tonight`, `SWAP data ben 18:00-09:00`, `swap ben until 9:00`, `swap with ben 1h30m`.
 * @param text in compatibility form (NFKC), without invisible characters
 * @returns null where not all of it is understood
 */
export function swapCommand(text: string): Command | null {
  if (text.length > maxLength) return null;
  const [verb, ...rest] = splitNumbers(tokensOf(text));
  if (verb !== 'swap') return null;
  const [first, ...others] = rest;
  const words = first === 'with' ? others : rest;
  const end = timeAtEnd(words);
  if (end === null) return null;
  const names = words.slice(0, -end.words);
  const [one, two] = names;
  if (one === undefined || names.length > 2 || !names.every((name) => key.test(name) && !refusals.has(name)))
    return null;
  const { time } = end;
  return two === undefined ? { verb: 'swap', contact: one, time } : { verb: 'swap', schedule: one, contact: two, time };
}

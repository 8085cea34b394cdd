/**
 * Reactions to a message, which arrive by SMS as a text that quotes it: `Liked “[7] Workbook …”` from an iPhone,
 * `👍 to “[7] Workbook …”` from Android.
 */
import type { Command } from './pager-contract.js';
import { approvingSigns } from './reply-phrases.js';

const quote = String.raw`["'\u2018\u201C\u201E\u00AB]`;
const removal = new RegExp(
  String.raw`^(?:removed (?:an? )?[^"'\u201C]{1,40} from|[^"'\u201C]{1,12} removed from) ?${quote}`,
  'iu',
);
const word = new RegExp(
  String.raw`^(liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|gef\u00E4llt|a aim\u00E9|le gust\u00F3|curtiu) ?${quote}`,
  'iu',
);
const sign = new RegExp(
  String.raw`^(?:reacted )?((?:\p{Extended_Pictographic}|\p{RI}|\p{Emoji_Modifier}){1,8}) to ?${quote}`,
  'iu',
);
const refusals = new Set(['disliked', 'laughed at', 'emphasized', 'emphasised', 'questioned']);

/**
 * @param text without invisible characters
 * @returns undefined where the text is no reaction, null where the reaction asks for nothing
 */
export function commandOfReaction(text: string): Command | null | undefined {
  const start = text.trimStart();
  if (removal.test(start)) return null;
  const byWord = word.exec(start);
  const bySign = byWord ? null : sign.exec(start);
  const found = byWord ?? bySign;
  if (!found) return undefined;
  const how = (found[1] ?? '').toLowerCase();
  const approves = byWord ? !refusals.has(how) : approvingSigns.has(how.replace(/\p{Emoji_Modifier}/gu, ''));
  return approves ? approvalOf(start.slice(found[0].length).trimStart()) : { verb: 'unknown' };
}

/** Names in our texts hold no brackets, so that a number in brackets is ours. */
const number = /\[(\d{1,2})\]/g;

/** Approval acknowledges what the quoted message carries. One that asks for nothing, such as a confirmation, needs no approval. */
function approvalOf(message: string): Command | null {
  const numbers = [...new Set([...message.matchAll(number)].map(([, digits]) => Number(digits)))];
  if (/(?<!\d)\d{1,6} (?:failed refreshes|alerts) open\b/.test(message)) {
    return numbers.length > 0 ? { verb: 'acknowledge', numbers, inMessage: true } : { verb: 'unknown' };
  }
  if (/^\d+ (?:open|yours)\b/.test(message)) return null;
  const page = /^\[(\d{1,2})\] /m.exec(message) ?? /Reply ACK or (\d{1,2})\b/.exec(message);
  return page ? { verb: 'acknowledge', number: Number(page[1]) } : null;
}

/**
 * The pieces that texts are made of. Times are relative, since contacts have no zone; names are cut in the middle.
 */
import { SegmentedMessage } from 'sms-segments-calculator';
import { channelTraits, type TextChannel } from './channels.js';
import { minute, type ItemKind } from './contract.js';
import { type Facts } from './pager-contract.js';
import { flowRunFailed } from './flows-contract.js';
import { refreshMissing } from './freshness-contract.js';

const kindNames: Record<ItemKind, string> = {
  workbook: 'Workbook',
  datasource: 'Data source',
  user: 'User',
  site: 'Site',
  view: 'View',
  label: 'Label',
  item: 'Item',
  flow: 'Flow',
};

export const kindName = (kind: ItemKind): string => kindNames[kind];

/** Of a longer text only the beginning and the end are read. */
const maxReadLength = 4_096;

/** What "fit" leaves as it is. */
const oneLine = /^[!-~]+(?: [!-~]+)*$/;

/** Cuts the middle out of what is longer than `max` characters and folds white space, so that it fits in one line. */
export function fit(text: string, max: number): string {
  if (text.length <= max && oneLine.test(text)) return text;
  const read =
    text.length <= maxReadLength ? text : `${text.slice(0, maxReadLength / 2)} ${text.slice(-maxReadLength / 2)}`;
  const characters = Array.from(read.replace(/\s+/gu, ' ').trim());
  if (characters.length <= max) return characters.join('');
  const head = Math.ceil((max - 2) / 2);
  return `${characters.slice(0, head).join('')}..${characters.slice(characters.length - (max - 2 - head)).join('')}`;
}

/** Whether `fit` may have cut a name to one of these lengths: those that the facts of a page have (`facts.ts`), and what is kept of many. */
export const isCut = (name: string): boolean =>
  [80, 40].some((max) => {
    const characters = Array.from(name);
    const head = Math.ceil((max - 2) / 2);
    return characters.length === max && characters.slice(head, head + 2).join('') === '..';
  });

/** `WorkbookRefreshFailed` → "refresh failed"; other events in their own words: `AdminPromoted` → "admin promoted". */
export function whatHappened(event: string): string {
  if (event.endsWith('RefreshFailed')) return 'refresh failed';
  if (isMissing({ event })) return 'has no new data';
  return fit(event, 60)
    .replace(/([a-z0-9])(?=[A-Z])/g, '$1 ')
    .replace(/[^\p{L}\p{N} ]+/gu, ' ')
    .toLowerCase();
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** "42 min", "3 h", "2 days"; at least "1 min". */
export function duration(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / minute));
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

/** "12 minutes", "3 hours", "2 days", as a call says it. */
export function spokenDuration(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / minute));
  if (minutes < 120) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}

export const ago = (since: number, now: number): string =>
  now - since < minute ? 'just now' : `${duration(now - since)} ago`;

export const ordinal = (n: number): string => {
  const last = n % 100 >= 11 && n % 100 <= 13 ? 0 : n % 10;
  return `${n}${['th', 'st', 'nd', 'rd'][last] ?? 'th'}`;
};

export { canBeRefreshed } from './contract.js';

/** A refresh that failed. */
export const isFailedRefresh = ({ event }: Pick<Facts, 'event'>): boolean => event.endsWith('RefreshFailed');
/** No new data by the time that was promised. */
export const isMissing = ({ event }: Pick<Facts, 'event'>): boolean => event === refreshMissing;
/** Either of them: it is over when a refresh succeeds. */
export const isRefresh = (facts: Pick<Facts, 'event'>): boolean => isFailedRefresh(facts) || isMissing(facts);

/** A run of a flow that failed. */
export const isFailedRun = ({ event }: Pick<Facts, 'event'>): boolean => event === flowRunFailed;
/** Of what goes on and can fail again. */
export const isFailure = (facts: Pick<Facts, 'event'>): boolean => isRefresh(facts) || isFailedRun(facts);

// Typographic quotes and dashes would turn a GSM-7 text into UCS-2, which halves the length of a segment.
const plainer: Readonly<Record<string, string>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201C': '"',
  '\u201D': '"',
  '\u2013': '-',
  '\u2014': '-',
  '\u2026': '...',
  '\u00A0': ' ',
};
/** No message is nearly as long. */
const maxPlainLength = 20_000;
export const plain = (text: string): string =>
  text.slice(0, maxPlainLength).replace(/[\u2018\u2019\u201C\u201D\u2013\u2014\u2026\u00A0]/gu, (c) => plainer[c] ?? c);

/** Printable ASCII, all of which GSM-7 has but the backtick; the brackets and their like take two places. */
const asciiInGsm = /^[\n -_a-~]*$/;
const twoPlaces = /[[\\\]^{|}~]/g;
/** A character that makes Twilio send all of a text as UCS-2, in places of 16 bits. */
const beyondGsm = /[^\0-\u03a9\u20ac]/;

/** Whether a text fits in so many SMS segments: https://www.twilio.com/docs/glossary/what-sms-character-limit */
function fitsInSegments(text: string, segments: number): boolean {
  // The library takes milliseconds. Most texts are so plain and so far from the limit that counting their places is enough; at the end
  // of each segment one place may stay empty.
  if (asciiInGsm.test(text)) {
    const places = text.length + (text.match(twoPlaces)?.length ?? 0);
    if (places <= 152 * segments) return true;
    if (places > Math.max(160, 153 * segments)) return false;
  }
  const most = beyondGsm.test(text) ? Math.max(70, 67 * segments) : Math.max(160, 153 * segments);
  if (text.length > most) return false;
  return new SegmentedMessage(text).segmentsCount <= segments;
}

/** Whether a text is within the limit of its channel. */
export function fitsIn(text: string, channel: TextChannel): boolean {
  const { maxText } = channelTraits[channel];
  if (maxText === null) return true;
  return 'characters' in maxText ? text.length <= maxText.characters : fitsInSegments(text, maxText.segments);
}

/** In plain characters where the channel counts segments. */
function inAlphabetOf(channel: TextChannel, text: string): string {
  const { maxText } = channelTraits[channel];
  return maxText !== null && 'segments' in maxText ? plain(text) : text;
}

/** The first draft that fits, in plain characters; else the last one, cut in the middle until it does. */
export function firstThatFits(drafts: readonly string[], channel: TextChannel): string {
  const plainDrafts = drafts.map((draft) => inAlphabetOf(channel, draft));
  const found = plainDrafts.find((draft) => fitsIn(draft, channel));
  if (found !== undefined) return found;
  const last = plainDrafts.at(-1) ?? '';
  for (let room = 300; room > 20; room -= 10) {
    const cut = cutLines(last, room);
    if (fitsIn(cut, channel)) return cut;
  }
  return cutLines(last, 20);
}

/** Keeps the last line, which explains how to answer, and cuts the lines before it. */
function cutLines(text: string, room: number): string {
  const lines = text.split('\n');
  const tail = lines.pop() ?? '';
  return lines.length === 0 ? fit(tail, room) : `${fit(lines.join(' '), room)}\n${tail}`;
}

/** `2026-03-01 03:00:07 UTC` */
export const utc = (at: number): string => {
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
};

/** A role key is shown; the name that a script gives may be a person's, and only the api shows it. */
export const roleOnly = (by: string): string => (/^[a-z][a-z0-9-]{0,31}$/.test(by) ? by : 'api');

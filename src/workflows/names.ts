/**
 * Names and causes as a person reads and hears them. They come from outside: without care a name could pretend to be our own words,
 * lead to an address, or have another number than ours.
 */
import { fit, plain } from './words.js';

/** Longer texts lose their middle before any pattern sees them. */
const half = 200;
const bounded = (text: string): string =>
  text.length <= 2 * half ? text : `${text.slice(0, half)}..${text.slice(-half)}`;

const invisible = /(?!\uFE0F)[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}]/gu;
const address =
  /(?<![a-z0-9+.-])[a-z0-9+.-]*:\/\/\S+|\bwww\.\S+|(?<![\w.%+-])[\w.%+-]+@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}/giu;
const ipAddress = /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:\/\S*)?/gu;
const host =
  /(?=[\p{L}\p{N}_-])(?<![\p{L}\p{N}_-])[\p{L}\p{N}_-]{1,63}(?:\.[\p{L}\p{N}_-]{1,63}){0,8}\.(\p{L}{2,20})\b([:/?#]\S*)?/gu;
/** Phones make a link of a host that ends like this. */
const topLevel = new Set(
  'com net org info biz app dev xyz link site online top shop click live page cloud club icu vip work support'.split(
    ' ',
  ),
);
const digits = /(?<![\p{L}\p{N}]|[0-9a-f]{4}-)\+?\(?\d(?:[ ()./-]{0,3}\d){6,16}(?![\p{L}\p{N}])/gu;
const date = /(?:19|20)\d\d[./-]?\d\d[./-]?\d\d|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d/u;
/** `10-2026`, `2026` */
const monthOrYear = /(?<!\d)(?:(?:0?[1-9]|1[0-2])[./-])?(?:19|20)\d\d(?!\d)/gu;

/** A name with a dot, such as "sales.daily", stays; one that a phone would make a link of does not. */
function withoutHost(whole: string, end: string, path: string | undefined): string {
  if (!topLevel.has(end.toLowerCase()) && end.length > 2) return whole;
  return path !== undefined && end.length > 2 ? ' ' : whole.replaceAll('.', ' ');
}

function withoutPhoneNumber(whole: string): string {
  return whole.startsWith('+') || (countDigits(whole) >= 9 && !isDate(whole)) ? ' ' : whole;
}

const countDigits = (text: string): number => text.replace(/\D/gu, '').length;
/** One with a day, or months and years alone. */
const isDate = (text: string): boolean => date.test(text) || countDigits(text.replace(monthOrYear, '')) === 0;

const digitRun = /\d(?:[^\p{L}\p{N}]{0,3}\d){8,}/gu;
/** `Q3`, `W45` */
const quarterOrWeek = /(?<![\p{L}\p{N}])[QHW]\d{1,2}(?!\d)/giu;
const dates =
  /(?<!\d)(?:(?:19|20)\d\d[./-]\d\d[./-]\d\d|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d|(?:(?:0?[1-9]|1[0-2])[./-])?(?:19|20)\d\d)(?!\d)/gu;

/** Whether a text may hold a phone number: + and a digit, or nine digits in groups that are not all dates. */
export function mayHoldPhoneNumber(text: string): boolean {
  const runs = text.replace(quarterOrWeek, ' ').match(digitRun) ?? [];
  return /\+[^\p{L}\p{N}]{0,2}\d/u.test(text) || runs.some((run) => countDigits(run.replace(dates, '')) > 0);
}

/** The text in one line without invisible characters, addresses and phone numbers, and with no quotes or brackets like ours. */
function harmless(text: string): string {
  return bounded(text)
    .replace(invisible, '')
    .replace(/[\p{Cc}\p{Cs}]/gu, ' ')
    .replace(address, ' ')
    .replace(ipAddress, ' ')
    .replace(host, withoutHost)
    .replace(digits, withoutPhoneNumber)
    .replace(/["\u201C\u201D\u201E\u00AB\u00BB]/gu, "'")
    .replace(/[[\u3010\uFF3B]/gu, '(')
    .replace(/[\]\u3011\uFF3D]/gu, ')')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** Whether texts show all letters, digits and wildcards of a name, apart from the middle of a long one. */
export const isShownWhole = (name: string): boolean => lettersOf(harmless(name)) === lettersOf(name);
const lettersOf = (text: string): string => text.replace(/[^\p{L}\p{M}\p{N}*]/gu, '');

/** Dashes as phones write them, and as texts show them, are one sign. */
export const plainDashes = (text: string): string => text.replace(/[\u2010-\u2015\u2212]/gu, '-');

/** Names that a reader takes for the same are the same in this form: in any case, with any dashes and quotes. */
export const comparable = (name: string): string =>
  plain(plainDashes(harmless(name)))
    .normalize('NFKC')
    .toLowerCase();

/** A name as texts show it: in quotes, so that it is not taken for our own words. */
export const quoted = (name: string, max: number): string => `"${fit(harmless(name), max) || 'no name'}"`;

/** A name without quotes, as in a call: it ends no sentence, so that what follows is no sentence of its own. */
export const plainName = (name: string, max: number): string =>
  fit(harmless(name).replace(/(?<![.!?\u2026])[.!?\u2026]+(?=\s|$)/gu, ''), max) || 'no name';

/** Whoever answered: a role key, or the name that a script gave. */
export const nameOf = (by: string | null): string => (by === null ? 'somebody else' : plainName(by, 40));

/** "Sales", "HR" and 10 more: the first names, and how many are left out. */
export function listed(names: readonly string[], count = names.length, shown = 3, room = 40): string {
  return withRest(
    names.slice(0, shown).map((name) => quoted(name, room)),
    count,
  );
}

export const withRest = (names: readonly string[], count: number): string =>
  count > names.length ? `${names.join(', ')} and ${count - names.length} more` : names.join(', ');

/** A text from outside as one sentence of at most `max` characters: it begins with a capital and ends once. */
export function sentenceOf(text: string, max: number): string {
  const said = harmless(text)
    .replace(/([.!?\u2026])(?:\s?[.!?\u2026])+/gu, '$1')
    .replace(/(?<![\s.!?\u2026,;:])[\s.!?\u2026,;:]+$/u, '');
  if (said === '') return '';
  const whole = said.charAt(0).toUpperCase() + said.slice(1);
  const characters = Array.from(whole);
  if (characters.length < max) return `${whole}.`;
  const cut = characters.slice(0, max - 3).join('');
  // At a word, where the last one is not half of the text.
  const end = cut.lastIndexOf(' ');
  return `${(end > max / 2 ? cut.slice(0, end) : cut).replace(/(?<![\s.!?\u2026,;:])[\s.!?\u2026,;:]+$/u, '')}...`;
}

/** A text from outside as plain words in Markdown: no link, no picture that a browser would load, no table. */
export const asMarkdown = (text: string): string =>
  text
    .replace(/\p{Cf}/gu, '')
    .replace(/[\\`*_{}[\]<>|~#!&@$^]/gu, '\\$&')
    .replace(/:(?=\/\/)/gu, '\\:')
    .replace(/\bwww\./giu, 'www\\.');

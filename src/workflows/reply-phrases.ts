/**
 * What people write when they mean a command. A reply is understood only when every word of it is in these tables: what is not,
 * such as "not", "no" or "can't", makes it unknown, so that no complaint acknowledges.
 */
import { day, hour, minute } from './contract.js';

export type ItemVerb = 'acknowledge' | 'resolve' | 'rerun';

/**
 * `assent` acknowledges, and before another command only agrees: "ok, retry". `courtesy` means nothing. `again` belongs to "run 2
 * again": alone it is a complaint.
 */
const meaningNames = [
  'acknowledge',
  'resolve',
  'rerun',
  'assent',
  'all',
  'list',
  'who',
  'courtesy',
  'and',
  'again',
] as const;
export type Meaning = (typeof meaningNames)[number];

/** Twilio's opt-out, help and opt-in words (https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out): only as the whole text. */
export const keywords = {
  stop: ['stop', 'stopall', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'optout'],
  start: ['start', 'unstop'],
  yes: ['yes'],
  help: ['help', 'info'],
} as const;

const words = (text: string): string[] => text.split(', ');

/** Every first part with every second part; '' leaves a part out. */
const joined = (first: readonly string[], second: readonly string[]): string[] =>
  first.flatMap((one) => second.map((two) => `${one} ${two}`.trim()));

const it = ['', 'it', 'this', 'that', 'this one', 'that one', 'the refresh'] as const;
const thing = it.slice(1);
const i = ['i', 'ill', 'i ll', 'i will', 'i can', 'let me', 'lemme'] as const;
const am = ['', 'im', 'i m', 'i am', 'already', 'im already', 'i am already'] as const;
const is = ['', 'is', 'its', 'it s', 'it is', 'this is', 'that is', 'thats', 'already', 'is already'] as const;

const phrases: Readonly<Record<Meaning, readonly string[]>> = {
  acknowledge: [
    ...words('a, ack, acked, acking, acknowledge, acknowledged, acknowledging'),
    ...joined(['ack', 'acknowledge'], thing),
    ...joined(['take', 'taking', 'taken', 'claim', 'claiming'], it),
    ...joined(i, joined(['take', 'claim', 'acknowledge', 'ack', 'have', 'got', 'handle', 'do'], thing)),
    ...joined(i, joined(['take care of', 'look into', 'look at', 'check'], thing)),
    ...joined(i, ['take', 'got', 'look', 'check', 'take a look', 'have a look', 'look into']),
    ...joined(['will'], ['do', 'look', 'check', 'do it', 'take it', 'check it', 'look into it', 'handle it']),
    ...joined(['', 'i', 'ive', 'i ve', 'i have'], ['got it', 'got this', 'got that']),
    ...joined(am, joined(['on', 'working on', 'looking into', 'looking at', 'checking', 'handling'], thing)),
    ...joined(am, ['looking', 'checking', 'investigating', 'taking a look', 'having a look', 'on my way', 'omw']),
    ...joined(['', 'its', 'it s', 'it is', 'this is', 'that is', 'this ones', 'is'], ['mine']),
    ...words('roger, roger that, copy, copy that, wilco, understood, noted, affirmative, \u{1FAE1}'),
  ],
  resolve: [
    ...words('d, resolve, solve, close'),
    ...joined(['resolve', 'close'], thing),
    ...joined(is, ['done', 'fixed', 'resolved', 'solved', 'sorted', 'closed', 'repaired', 'fixed now']),
    ...joined(['', 'i', 'ive', 'i ve', 'i have'], joined(['fixed', 'resolved', 'solved', 'closed', 'repaired'], thing)),
    ...joined(['', 'it', 'this', 'that'], ['works again', 'works now', 'is working again', 'is working now']),
  ],
  rerun: [
    ...words('r, rerun, re run, retry, re try, refresh, run, \u{1F501}, \u{1F504}'),
    ...joined(['rerun', 're run', 'retry', 'refresh', 'run'], thing),
    ...joined(['run', 'try', 'refresh'], joined(it, ['again', 'once more', 'one more time'])),
  ],
  assent: [
    ...words('ok, okay, okey, okej, oke, okie, k, kk, o k, sure, sure thing, alright, all right'),
    ...words('yes, y, yep, yup, yeah, yea, ya, aye'),
    ...words('\u{1F44D}, \u{1F44C}, \u2705, \u2714, \u2611, \u{1F197}'),
    // Yes in German, French, Spanish, Italian, Portuguese, Polish, Czech, Russian, Hungarian, Finnish, Turkish, Greek, …
    ...words('ja, jo, jawohl, klar, oui, ouais, d accord, daccord, s\u00ED, si, vale, claro, va bene'),
    ...words('sim, tak, ano, \u00E1no, \u0434\u0430, \u0442\u0430\u043A, da, igen, joo, kyll\u00E4, jah, evet'),
    ...words(
      'tamam, \u03BD\u03B1\u03B9, \u05DB\u05DF, \u0646\u0639\u0645, \u062D\u0633\u0646\u0627, \u0628\u0644\u0647',
    ),
    // … Hindi, Chinese, Japanese, Korean, Vietnamese, Indonesian.
    ...words('\u0939\u093E\u0901, \u0939\u093E\u0902, haan, \u662F, \u662F\u7684, \u597D, \u597D\u7684, \u53EF\u4EE5'),
    ...words('\u306F\u3044, \u4E86\u89E3, \u4E86\u89E3\u3067\u3059, hai, \uB124, \uC608, v\u00E2ng, iya'),
  ],
  all: [
    ...words('all, all of them, all of it, everything, them all, take all, take them all, all mine'),
    ...words(
      'i take all, i take them all, i ll take all, ill take all, ill take them all, i got all, i take all of them',
    ),
  ],
  list: [
    ...words('list, list all, list them, show, show all, show list, show me, show me all, status, open'),
    ...words('whats open, what is open, what s open, what else, whats left, what is left, which ones'),
  ],
  who: words(
    'who, oncall, on call, who is on call, whos on call, who s on call, who is oncall, whos oncall, who s oncall',
  ),
  courtesy: [
    ...words('please, pls, plz, thanks, thank you, thx, thks, tks, ty, cheers, many thanks, thanks a lot'),
    ...words('thank you very much, thank you so much, danke, merci, gracias, grazie, obrigado, obrigada, bitte'),
    ...words('hi, hello, hey, now, number, nr, item, mate, team, good night, gn, \u{1F64F}, \u{1F642}'),
    ...words('\u{1F60A}, \u{1F600}, \u{1F603}, \u{1F604}, \u{1F601}, \u{1F609}, \u{1F4AA}, \u2764, \u{1F389}'),
  ],
  and: words('and, und, et, e'),
  again: words('again, once more'),
};

/** What a phrase means, by its words. */
export const meanings: ReadonlyMap<string, Meaning> = new Map(
  meaningNames.flatMap((meaning) => phrases[meaning].map((phrase): [string, Meaning] => [phrase, meaning])),
);
export const longestPhrase = Math.max(...[...meanings.keys()].map((phrase) => phrase.split(' ').length));

/** How people answer a message with a sign of approval. */
export const approvingSigns: ReadonlySet<string> = new Set([
  ...phrases.assent.filter((phrase) => /\p{Extended_Pictographic}/u.test(phrase)),
  ...words('\u{1FAE1}, \u2764, \u{1F64F}, \u{1F4AA}, \u{1F44F}'),
]);

export const snoozeWords: ReadonlySet<string> = new Set(['snooze', 'z']);
/** Words that say nothing between SNOOZE, its number and its length. */
export const snoozeFillers: ReadonlySet<string> = new Set([
  'it',
  'this',
  'that',
  'one',
  'number',
  'nr',
  'item',
  'please',
]);

/** The units of a length of time. */
export const units: ReadonlyMap<string, number> = new Map([
  ...['m', 'min', 'mins', 'minute', 'minutes'].map((unit) => [unit, minute] as const),
  ...['h', 'hr', 'hrs', 'hour', 'hours'].map((unit) => [unit, hour] as const),
  ...['day', 'days'].map((unit) => [unit, day] as const),
]);

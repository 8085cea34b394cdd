/** What `policy rehearse` prints: two tables of at most 80 columns, and in sentences what they leave out. */
import { channelName } from '../../../workflows/channels.js';
import { channels, hour, minute, second } from '../../../workflows/contract.js';
import { wrapped } from '../report.js';
import type { Counts, Prices } from './count.js';
import { assumptions, type Assumption } from './simulate.js';
import type { Person, Rehearsal } from './summary.js';

export interface Heading {
  file: string;
  since: number;
  until: number;
  incidents: number;
  prices: Prices;
  /** Of the prices in the file; null: it has none. */
  currency: string | null;
}

/** @param notes sentences on what could not be read */
export function reportOf(heading: Heading, rehearsal: Rehearsal, notes: readonly string[]): string {
  const { file, since, until, incidents } = heading;
  const title = `${counted(rehearsal.episodes, 'episode')} of ${counted(incidents, 'incident')} from ${utcText(since)} to ${utcText(until)}, as they were and under ${file}`;
  const sentences = [...notes, ...changeSentences(rehearsal), ...assumedSentences(rehearsal), ...always(heading)];
  return `${[
    wrapped(title),
    '',
    ...totals(rehearsal, heading),
    ...(rehearsal.people.length > 0 ? ['', ...perPerson(rehearsal.people)] : []),
    '',
    ...sentences.map((sentence) => wrapped(sentence)),
  ].join('\n')}\n`;
}

function totals({ before, after }: Rehearsal, { currency }: Heading): string[] {
  const row = (name: string, was: string, is: string): string =>
    `${name.padEnd(44)}${was.padStart(12)}${is.padStart(12)}`;
  const number = (name: string, of: (counts: Rehearsal['before']) => number): string =>
    row(name, String(of(before)), String(of(after)));
  return [
    row('', 'was', 'would be'),
    number('episodes for which somebody is paged', ({ paged }) => paged),
    number('episodes for which nobody is', ({ unpaged }) => unpaged),
    ...channels.map((channel) => number(nameOf[channel], ({ sent }) => sent[channel])),
    number('wakings (quiet hours, else 22:00 to 07:00)', ({ wakings }) => wakings),
    ...(before.cost === null && after.cost === null
      ? []
      : [row(currency === null ? 'cost' : `cost (${currency})`, costText(before), costText(after))]),
    number('answers', ({ answers }) => answers.count),
    row('time to answer, median', time(before.answers.medianMs), time(after.answers.medianMs)),
    row('time to answer, 90 of 100 within', time(before.answers.p90Ms), time(after.answers.p90Ms)),
  ];
}

const nameOf = {
  whatsapp: `${channelName('whatsapp')} messages`,
  sms: `${channelName('sms')} messages`,
  call: 'calls',
};

/** A row for each person: what was, and what would be. */
function perPerson(people: readonly Person[]): string[] {
  const head = ['wakings', channelName('whatsapp'), channelName('sms'), 'calls', 'median', '90 of 100'];
  return [
    line('', head),
    ...people.map(({ contact, before, after }) => {
      const pair = (of: (counts: Counts) => string): string => `${of(before)} > ${of(after)}`;
      return line(contact, [
        pair(({ wakings }) => String(wakings)),
        ...channels.map((channel) => pair(({ sent }) => String(sent[channel]))),
        pair(({ answers }) => time(answers.medianMs)),
        pair(({ answers }) => time(answers.p90Ms)),
      ]);
    }),
  ];
}

const line = (name: string, cells: readonly string[]): string =>
  `${(name.length > 12 ? `${name.slice(0, 11)}~` : name).padEnd(12)}${cells.map((cell) => ` ${cell}`.padStart(11)).join('')}`.trimEnd();

/** `45s`, `12m`, `30h`; `-` where nobody answered. */
function time(ms: number | null): string {
  if (ms === null) return '-';
  if (ms < 99.5 * second) return `${Math.round(ms / second)}s`;
  return ms < 99.5 * minute ? `${Math.round(ms / minute)}m` : `${Math.round(ms / hour)}h`;
}

const costText = ({ cost }: Counts): string => (cost === null ? '-' : cost.toFixed(2));

const utcText = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

function changeSentences({ changed: { ignored, policy, unpaged } }: Rehearsal): string[] {
  const has = (list: readonly unknown[], what: string): string[] =>
    list.length === 0 ? [] : [`${counted(list.length, 'episode')} ${what}`];
  return [
    ...has(ignored, 'would be ignored by the routes (--json lists each).'),
    ...has(policy, 'would have another policy (--json).'),
    ...has(unpaged, 'would page nobody, though somebody was paged (--json).'),
  ];
}

const sentenceOf: Readonly<Record<Assumption, string>> = {
  undecided: 'the route depends on what Temporal does not know; the policy counts that pages until Tableau tells.',
  otherPeople: 'whoever answered would not be paged by this file; so nobody answers.',
  owner: 'a step pages the owner, who is not known; so the fallback is paged.',
  rerun: 'the refresh is run again first, which was not done; so that fails at once.',
  end: 'a route ignored it, and when it ended is not known; so it does not end.',
};

const assumedSentences = ({ assumed }: Rehearsal): string[] =>
  assumptions.flatMap((each) =>
    assumed[each] === 0 ? [] : [`Assumed for ${counted(assumed[each], 'episode')}: ${sentenceOf[each]}`],
  );

function always({ prices }: Heading): string[] {
  const unpriced = channels.filter((channel) => prices[channel] === undefined);
  const isPriced = unpriced.length < channels.length;
  return [
    'Messages and calls that would be are estimated from the windows by which pages are bundled. Notices and confirmations are not counted.',
    'A waking is a message or call in the quiet hours that this file has for the contact, or from 22:00 to 07:00 on the clock of one without them.',
    'Failures that routes ignored by what the webhook says left no incident, and are missing.',
    ...(isPriced ? ['For the cost an SMS is one segment, and each call is picked up.'] : []),
    ...(isPriced && unpriced.length > 0
      ? [`The cost is without ${unpriced.map((channel) => nameOf[channel]).join(' and ')}.`]
      : []),
  ];
}

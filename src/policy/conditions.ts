/** The conditions of a route: whether each is met by what is known of a failure. */
import { matchesGlob, matchesName, matchesPath } from './glob.js';
import { isWithin, weekdayOfName, weekdays, type Hours, type Weekday } from './local-time.js';

/** What a route asks for; every one that is given must be met. */
export interface Conditions {
  /** Event names; `*` stands for any run of characters, case counts. At least one must fit. */
  events: readonly string[];
  /** The item's name. */
  item?: string;
  /** The path of its project, see `matchesPath`. */
  project?: string;
  /** Each must fit a tag of the item. */
  tags?: readonly string[];
  /** A user name or e-mail address of the owner. */
  owner?: string;
  /** The luid of a site, or the name that its address has (`TABLEAU_SITE_NAME`). */
  site?: string;
  failures?: FailureCount;
  hours?: ZonedHours;
}

/** How many refreshes have failed in a row. */
export interface FailureCount {
  is: '>=' | '>' | '=' | '<' | '<=';
  count: number;
}

export interface ZonedHours extends Hours {
  timezone: string;
}

/** What is known of a failure. A property that is absent is not known; an empty list or text says that there is none. */
export interface FailureFacts {
  event: string;
  /** The item's name. */
  item?: string;
  /** `site_luid` of the event. */
  site?: string;
  /** When it arrived. */
  at: number;
  /** The name of that site, where it is ours. */
  siteName?: string;
  project?: string;
  tags?: readonly string[];
  owner?: readonly string[];
  failures?: number;
}

/** `unknown`: only Tableau could tell. */
export type Verdict = 'met' | 'missed' | 'unknown';
export type ConditionName = keyof Conditions;

const compare: Readonly<Record<FailureCount['is'], (a: number, b: number) => boolean>> = {
  '>=': (a, b) => a >= b,
  '>': (a, b) => a > b,
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
};

/** Undefined where the condition is not given. */
function check<Wanted, Known>(
  wanted: Wanted | undefined,
  known: Known | undefined,
  fits: (wanted: Wanted, known: Known) => boolean,
): Verdict | undefined {
  if (wanted === undefined) return undefined;
  if (known === undefined) return 'unknown';
  return fits(wanted, known) ? 'met' : 'missed';
}

const checks: Readonly<Record<ConditionName, (given: Conditions, facts: FailureFacts) => Verdict | undefined>> = {
  events: ({ events }, { event }) =>
    check(events, event, (patterns, name) => patterns.some((pattern) => matchesGlob(pattern, name))),
  item: (given, { item }) => check(given.item, item, matchesName),
  project: (given, { project }) => check(given.project, project, matchesPath),
  tags: (given, { tags }) =>
    check(given.tags, tags, (patterns, all) =>
      patterns.every((pattern) => all.some((tag) => matchesName(pattern, tag))),
    ),
  owner: (given, { owner }) =>
    check(given.owner, owner, (pattern, names) => names.some((name) => matchesName(pattern, name))),
  site: (given, { site, siteName }) => {
    const isIt = (name: string | undefined): boolean => name?.toLowerCase() === given.site?.toLowerCase();
    return check(given.site, isIt(site) ? site : siteName, () => isIt(site) || isIt(siteName));
  },
  failures: (given, { failures }) =>
    check(given.failures, failures, (wanted, count) => compare[wanted.is](count, wanted.count)),
  hours: (given, { at }) => check(given.hours, at, ({ timezone, ...hours }, time) => isWithin(hours, time, timezone)),
};

/** Whether one condition is met; undefined where it is not given. */
export const verdictOn = (given: Conditions, name: ConditionName, facts: FailureFacts): Verdict | undefined =>
  checks[name](given, facts);

/** In the order in which the documentation names them. */
export const conditionNames = [
  'events',
  'item',
  'project',
  'tags',
  'owner',
  'site',
  'failures',
  'hours',
] as const satisfies readonly ConditionName[];

/** Whether all conditions are met: one that is missed decides, whatever is not known. */
export function verdictOf(conditions: Conditions, facts: FailureFacts): Verdict {
  const verdicts = conditionNames.map((name) => verdictOn(conditions, name, facts));
  if (verdicts.includes('missed')) return 'missed';
  return verdicts.includes('unknown') ? 'unknown' : 'met';
}

/** The form of `failures` in the file. */
export const failuresPattern = '^(>=|<=|=|>|<)? ?[1-9][0-9]{0,3}$';

/** `>= 3`; a number alone is `=`. Null for a text of another form. */
export function parseFailures(text: string): FailureCount | null {
  if (!new RegExp(failuresPattern).test(text)) return null;
  const count = Number(text.replace(/^[<>= ]+/, ''));
  const sign = text.slice(0, 2).replace(/[ \d]/g, '');
  const found = (['>=', '<=', '=', '>', '<'] as const).find((one) => one === sign);
  return { is: found ?? '=', count };
}

/** The form of `hours` in a route; `parseZonedHours` says whether it makes sense. */
export const zonedHoursPattern =
  '^([A-Za-z]{3}(-[A-Za-z]{3})?(,[A-Za-z]{3}(-[A-Za-z]{3})?)* )?([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00) [A-Za-z0-9_+/-]{1,64}$';

/** `Mon-Fri 06:00-20:00 Europe/Berlin`, the days are optional (`Mon,Wed`, `Sat-Sun`). Null for a text of another form. */
export function parseZonedHours(text: string): ZonedHours | null {
  if (!new RegExp(zonedHoursPattern).test(text)) return null;
  const words = text.split(' ');
  const [span = '', timezone = ''] = words.slice(-2);
  const days = words.length === 3 ? daysFrom(words[0] ?? '') : weekdays;
  if (days === null) return null;
  const [from = 0, to = 0] = span.split('-').map((time) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    return hours * 60 + minutes;
  });
  return { days, from, to, timezone };
}

function daysFrom(text: string): Weekday[] | null {
  const found: Weekday[] = [];
  for (const part of text.split(',')) {
    const [first, last = first] = part.split('-').map(weekdayOfName);
    if (!first || !last) return null;
    const begin = weekdays.indexOf(first);
    const length = ((weekdays.indexOf(last) - begin + 7) % 7) + 1;
    for (let offset = 0; offset < length; offset += 1) found.push(weekdays[(begin + offset) % 7] ?? first);
  }
  return [...new Set(found)];
}

/** What is wrong with the schedules of an escalation file, beyond their form. */
import { channelTraits } from '../workflows/channels.js';
import { channels } from '../workflows/contract.js';
import { remoteAddress } from './calendar.js';
import { instantOf, isTimeZone, localTimePattern, parseLocalTime, parseTimeOfDay } from './local-time.js';
import { entries, isRecord, knownContacts, part, spell, texts, type Problem } from './reading.js';
import { ownerReference, scheduleOf } from '../workflows/references.js';
import { expected } from './schema.js';
import type { Path } from './source.js';
import { didYouMean, suggestion } from './suggest.js';

export function scheduleProblems(value: unknown): Problem[] {
  return entries(part(value, 'schedules')).flatMap(([name, schedule]) => {
    const path = ['schedules', name];
    return [
      ...zoneOfSchedule(schedule, path),
      ...oneOf(schedule, path),
      ...calendar(schedule, path),
      ...rotationsOf(schedule, path).flatMap(([at, rotation]) => [
        ...contacts(value, entries(part(rotation, 'contacts')), [...at, 'contacts']),
        ...date(rotation, 'start', at),
        ...hours(part(rotation, 'hours'), [...at, 'hours']),
      ]),
      ...hours(part(schedule, 'restrict'), [...path, 'restrict']),
      ...restriction(value, schedule, path),
      ...overrides(value, schedule, path),
    ];
  });
}

/** The contacts that a schedule can have on call, as far as the file is well-formed. */
function contactsOf(schedule: unknown): string[] {
  const found = [
    ...rotationsOf(schedule, []).flatMap(([, rotation]) => texts(part(rotation, 'contacts'))),
    ...entries(part(schedule, 'restrict')).map(([, each]) => part(each, 'else')),
    ...entries(part(schedule, 'overrides')).map(([, each]) => part(each, 'contact')),
  ];
  return [...new Set(found.filter((contact): contact is string => typeof contact === 'string'))];
}

/**
 * What is wrong with one entry of `page` that names no contact; null where it is a contact.
 * @param by the channel of the step
 */
export function referenceProblem(value: unknown, reference: string, by: unknown): string | null {
  if (reference === ownerReference) return ownerProblem(value, by);
  const name = scheduleOf(reference);
  if (name === null) return null;
  const schedules = part(value, 'schedules');
  const schedule = part(schedules, name);
  if (schedule === undefined) {
    const known = entries(schedules).map(([key]) => key);
    return `there is no schedule "${name}"; ${suggestion(name, known)}`;
  }
  const channel = channels.find((one) => one === by);
  if (channel === undefined) return null;
  const { address } = channelTraits[channel];
  const without = contactsOf(schedule).filter((key) => {
    const contact = part(part(value, 'contacts'), key);
    return isRecord(contact) && !Object.hasOwn(contact, address);
  });
  return without.length === 0
    ? fallbackProblem(value, by)
    : `by ${channel}: ${without.join(', ')} of schedule "${name}" ${without.length === 1 ? 'has' : 'have'} no "${address}".`;
}

/** The owner may be no contact: then the fallback is paged. */
const ownerProblem = (value: unknown, by: unknown): string | null =>
  typeof part(value, 'fallback') === 'string'
    ? fallbackProblem(value, by)
    : 'the owner may be no contact, so the file needs a fallback.';

function fallbackProblem(value: unknown, by: unknown): string | null {
  const fallback = part(value, 'fallback');
  const channel = channels.find((one) => one === by);
  const contact = typeof fallback === 'string' ? part(part(value, 'contacts'), fallback) : undefined;
  if (channel === undefined || !isRecord(contact)) return null;
  const { address } = channelTraits[channel];
  return Object.hasOwn(contact, address)
    ? null
    : `by ${channel}: the fallback "${String(fallback)}" has no "${address}".`;
}

/** Schedules that steps page and that can have nobody on call, where the file has no fallback: a sentence each. */
export function gapWarnings(value: unknown): { path: Path; text: string }[] {
  if (part(value, 'fallback') !== undefined) return [];
  const paged = entries(part(value, 'policies')).flatMap(([, policy]) =>
    entries(part(policy, 'steps')).flatMap(([, step]) => texts(part(step, 'page'))),
  );
  return entries(part(value, 'schedules')).flatMap(([name, schedule]) => {
    if (!paged.some((reference) => scheduleOf(reference) === name)) return [];
    const restrict = entries(part(schedule, 'restrict'));
    const hasOther = restrict.some(([, each]) => part(each, 'else') !== undefined);
    const isPartial = rotationsOf(schedule, []).every(([, rotation]) => part(rotation, 'hours') !== undefined);
    if ((restrict.length === 0 || hasOther) && !isPartial) return [];
    const text = `schedule "${name}" has hours with nobody on call, and the file has no fallback: nobody is paged then.`;
    return [{ path: ['schedules', name], text }];
  });
}

/** Rotations with their paths: `rotation`, or each of `layers`. */
export function rotationsOf(schedule: unknown, path: Path): [Path, unknown][] {
  const rotation = part(schedule, 'rotation');
  const layers = entries(part(schedule, 'layers')).map(([at, layer]): [Path, unknown] => [
    [...path, 'layers', at],
    layer,
  ]);
  return [...(rotation === undefined ? [] : [[[...path, 'rotation'], rotation] as [Path, unknown]]), ...layers];
}

/** The `timezone` of a schedule or a contact. */
export function zone(entry: unknown, path: Path): Problem[] {
  const timezone = part(entry, 'timezone');
  const problem = typeof timezone === 'string' && timezone !== '' ? zoneProblem(timezone) : null;
  return problem === null ? [] : [{ path: [...path, 'timezone'], text: `${spell(path)}: ${problem}` }];
}

function zoneOfSchedule(schedule: unknown, path: Path): Problem[] {
  if (!isRecord(schedule) || Object.hasOwn(schedule, 'timezone') || !needsZone(schedule)) return zone(schedule, path);
  return [{ path, text: `${spell(path)}: "timezone" is missing; it must be ${expected['timezone'] ?? 'there'}.` }];
}

/** What is wrong with the name of a time zone, or null. */
export function zoneProblem(timezone: string): string | null {
  if (isTimeZone(timezone)) return null;
  const near = didYouMean(timezone, Intl.supportedValuesOf('timeZone'));
  return `there is no time zone "${timezone}"; ${near ?? 'it must be an IANA name, such as Europe/Berlin.'}`;
}

/** The times of a calendar have zones of their own. */
const needsZone = (schedule: object): boolean =>
  !Object.hasOwn(schedule, 'ical') || ['restrict', 'overrides'].some((key) => Object.hasOwn(schedule, key));

function calendar(schedule: unknown, path: Path): Problem[] {
  const ical = part(schedule, 'ical');
  if (ical === undefined && part(schedule, 'match') !== undefined)
    return [
      { path: [...path, 'match'], text: `${spell([...path, 'match'])} says how events name contacts: it needs ical.` },
    ];
  return addressProblems(ical, [...path, 'ical']);
}

/** Where a calendar is read. @param path ends with the key of the address */
export function addressProblems(address: unknown, path: Path): Problem[] {
  // A letter alone is a drive of Windows.
  if (typeof address !== 'string' || remoteAddress(address) !== null || !/^[a-z][a-z0-9+.-]+:/i.test(address))
    return [];
  const why = /^http:/i.test(address) ? ': http is not encrypted' : '';
  return [{ path, text: `${spell(path)} must be ${expected[path.at(-1) ?? ''] ?? 'there'}${why}.` }];
}

function oneOf(schedule: unknown, path: Path): Problem[] {
  if (!isRecord(schedule)) return [];
  const given = ['rotation', 'layers', 'ical'].filter((key) => Object.hasOwn(schedule, key));
  return given.length === 1 ? [] : [{ path, text: `${spell(path)} must have either rotation, layers or ical.` }];
}

function contacts(value: unknown, named: [string, unknown][], path: Path): Problem[] {
  const known = knownContacts(value);
  return named.flatMap(([at, key]): Problem[] =>
    typeof key !== 'string' || key === '' || known.includes(key)
      ? []
      : [
          {
            path: [...path, at],
            text: `${spell(path)} names "${key}", who is no contact; ${suggestion(key, known)}`,
          },
        ],
  );
}

function date(entry: unknown, key: string, path: Path): Problem[] {
  const text = part(entry, key);
  if (typeof text !== 'string' || !new RegExp(localTimePattern).test(text) || parseLocalTime(text) !== null) return [];
  return [{ path: [...path, key], text: `${spell([...path, key])}: ${text} is no date of the calendar.` }];
}

function hours(list: unknown, path: Path): Problem[] {
  return entries(list).flatMap(([at, each]): Problem[] => {
    const [from, to] = [part(each, 'from'), part(each, 'to')];
    if (typeof from !== 'string' || parseTimeOfDay(from) === null || from !== to) return [];
    return [
      {
        path: [...path, at],
        text: `${spell([...path, at])}: from and to are the same; a whole day is from 00:00 to 24:00.`,
      },
    ];
  });
}

function restriction(value: unknown, schedule: unknown, path: Path): Problem[] {
  const restrict = entries(part(schedule, 'restrict'));
  const at = [...path, 'restrict'];
  const others = restrict.flatMap(([index, each]): [string, unknown][] => {
    const other = part(each, 'else');
    return other === undefined ? [] : [[index, other]];
  });
  const different = new Set(others.map(([, other]) => other)).size > 1;
  return [
    ...contacts(value, others, at),
    ...(different
      ? [
          {
            path: at,
            text: `${spell(at)}: one contact takes what is outside all of these hours, so each else must name the same.`,
          },
        ]
      : []),
  ];
}

function overrides(value: unknown, schedule: unknown, path: Path): Problem[] {
  const timezone = part(schedule, 'timezone');
  const at = [...path, 'overrides'];
  const list = entries(part(schedule, 'overrides'));
  const spans: { index: string; from: number; to: number }[] = [];
  const problems = list.flatMap(([index, each]): Problem[] => {
    const here = [...at, index];
    const found = [...date(each, 'from', here), ...date(each, 'to', here)];
    const [from, to] = ['from', 'to'].map((key) => {
      const text = part(each, key);
      const local = typeof text === 'string' ? parseLocalTime(text) : null;
      return local === null || typeof timezone !== 'string' || !isTimeZone(timezone)
        ? null
        : instantOf(local, timezone);
    });
    if (from === null || to === null || from === undefined || to === undefined) return found;
    if (to <= from) return [...found, { path: here, text: `${spell(here)} ends before it begins.` }];
    const other = spans.find((span) => span.from < to && from < span.to);
    spans.push({ index, from, to });
    return other === undefined
      ? found
      : [
          ...found,
          {
            path: here,
            text: `${spell(here)} overlaps ${spell([...at, other.index])}: two contacts would be on call.`,
          },
        ];
  });
  const named = list.map(([index, each]): [string, unknown] => [index, part(each, 'contact')]);
  return [...problems, ...contacts(value, named, at)];
}

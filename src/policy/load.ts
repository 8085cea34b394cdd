import { readFileSync } from 'node:fs';
import { Value } from 'typebox/value';
import { ConfigError } from '../config/config-error.js';
import type { Step } from '../workflows/contract.js';
import { addressFrom, type Calendar } from './calendar.js';
import { gapWarnings } from './check-schedules.js';
import { problemsIn } from './check.js';
import { parseFailures, parseZonedHours } from './conditions.js';
import { parseDuration } from './duration.js';
import { labelsFrom } from './labels.js';
import { pricesFrom } from './prices.js';
import { flowWatchFrom, promisesFrom } from './freshness/read-promises.js';
import type { Contact } from '../config/phone-numbers.js';
import {
  instantOf,
  parseLocalTime,
  parseTimeOfDay,
  weekdays,
  type Hours,
  type LocalTime,
  type Weekday,
} from './local-time.js';
import type { Rotation, Schedule } from './on-call.js';
import { contactFrom, ownersOf, policyFrom, remindMs } from './people-and-policies.js';
import { type Escalation, type Route } from './route.js';
import { defaultSettings, settingsFrom } from './settings.js';
import { EscalationFile } from './schema.js';
import { inTextOrder, placed, readSource, type Finding, type Source } from './source.js';
import { variableProblems, webhookFrom, type WebhookVariables } from './webhooks.js';
import { unknownEvents } from './warnings/routes.js';

const durationMs = (text: string) => parseDuration(text) ?? 0;
const minutesFrom = (text: string): number => parseTimeOfDay(text) ?? 0;
/** Of a text that was checked. */
function localTimeFrom(text: string): LocalTime {
  const time = parseLocalTime(text);
  if (time === null) throw new RangeError(`${text} is no local time.`);
  return time;
}
const routes: Route[] = [{ events: ['*RefreshFailed'], policy: 'default' }];

/** The part of the configuration that concerns the escalation. */
export interface EscalationConfig {
  escalationFile?: string;
  /** The contact of the environment; used where there is no file. */
  defaultContact: Contact;
  whatsappFrom?: string;
  /** Of webhooks; absent in a process that posts none, which does not have them. */
  webhookVariables?: WebhookVariables;
}

/**
 * Who is paged, how and for what: from the escalation file, or from the environment's numbers where there is none.
 *
 * @throws ConfigError with a sentence for every problem, each with file, line and column
 */
export function loadEscalation(config: EscalationConfig): Escalation {
  const { escalationFile, defaultContact } = config;
  if (escalationFile === undefined) return escalationFor(defaultContact);
  return checkedEscalation({ ...config, escalationFile }, read(escalationFile));
}

/**
 * The escalation that the text of the file describes, with what the configuration says.
 *
 * @throws ConfigError as `loadEscalation`
 */
export function checkedEscalation(
  { escalationFile, whatsappFrom, webhookVariables }: EscalationConfig & { escalationFile: string },
  text: string,
): Escalation {
  const escalation = readEscalation(escalationFile, text);
  if (!whatsappFrom && Object.values(escalation.contacts).some(({ whatsapp }) => whatsapp)) {
    throw new ConfigError([`WHATSAPP_FROM is missing: ${escalationFile} has WhatsApp addresses.`]);
  }
  const { webhooks = {} } = escalation;
  const problems = webhookVariables ? variableProblems(webhooks, webhookVariables) : [];
  if (problems.length > 0) throw new ConfigError(problems);
  return escalation;
}

/**
 * @param file its path, which begins each problem
 * @throws ConfigError with every problem, also when it cannot be read
 */
export const readEscalationFile = (file: string): Escalation => readEscalation(file, read(file));

/** The policy without a file: WhatsApp (if there is an address) 5m, SMS 5m, call 5m, all of it twice. */
export function escalationFor(duty: Contact, waitMs = durationMs('5m')): Escalation {
  const step = (by: Step['by']): Step => ({ page: ['duty'], by, waitMs });
  const steps = [
    ...(duty.whatsapp === undefined ? [] : [step('whatsapp')]),
    ...(duty.phone === undefined ? [] : [step('sms'), step('call')]),
  ];
  return {
    contacts: { duty },
    policies: { default: { name: 'default', steps, repeat: 1, remindMs } },
    routes,
    settings: defaultSettings,
  };
}

/** A text that may be an escalation file. */
export interface Examined {
  source: Source;
  /** In the order of the text. */
  problems: Finding[];
  /** Null where there are problems. */
  escalation: Escalation | null;
}

/**
 * The escalation that a text in YAML (or JSON) describes, or everything that is wrong with it.
 *
 * @param file its path, which those of calendars are relative to
 */
export function examine(file: string, text: string): Examined {
  const source = readSource(text);
  const { value, broken, positionOf } = source;
  const found = broken
    ? []
    : problemsIn(value).map(({ path, text: sentence }) => ({ ...positionOf(path), text: sentence }));
  const problems = inTextOrder([...source.problems, ...found]);
  const escalation = problems.length > 0 ? null : escalationFrom(file, Value.Parse(EscalationFile, value));
  return { source, problems, escalation };
}

/**
 * The escalation that a text in YAML (or JSON) describes. A policy without `repeat` runs its steps once; without `remind`
 * it reminds after four hours.
 *
 * @param file the name that begins each problem
 * @throws ConfigError with every problem, in the order of the text
 */
export function readEscalation(file: string, text: string): Escalation {
  const { source, problems, escalation } = examine(file, text);
  if (escalation === null) throw new ConfigError(problems.map((problem) => placed(file, problem)));
  const found = [...unknownEvents(source.value), ...gapWarnings(source.value)];
  const warnings = found.map((warning) => ({ ...source.positionOf(warning.path), text: warning.text }));
  return {
    ...escalation,
    ...(warnings.length > 0 && { warnings: inTextOrder(warnings).map((warning) => placed(file, warning)) }),
  };
}

function escalationFrom(file: string, parsed: EscalationFile): Escalation {
  const { fallback } = parsed;
  return {
    contacts: mapValues(parsed.contacts, contactFrom),
    policies: mapValues(parsed.policies, (policy, name) => policyFrom(parsed, name, policy)),
    routes: parsed.routes?.map(routeFrom) ?? routes,
    ...(parsed.schedules && { schedules: mapValues(parsed.schedules, scheduleFrom) }),
    ...calendarsOf(file, parsed.schedules),
    ...ownersOf(parsed.contacts),
    ...(fallback !== undefined && { fallback }),
    ...(parsed.operators && { operators: parsed.operators }),
    ...labelsFrom(parsed.labels),
    ...pricesFrom(parsed.prices),
    ...(parsed.freshness && { freshness: promisesFrom(file, parsed.freshness) }),
    ...(parsed.flows && { flows: flowWatchFrom(parsed.flows) }),
    ...(parsed.webhooks && { webhooks: mapValues(parsed.webhooks, webhookFrom) }),
    settings: settingsFrom(parsed.settings ?? {}),
  };
}

type RouteEntry = NonNullable<EscalationFile['routes']>[number];

function routeFrom({ failures, hours, policy, ignore, ...plain }: RouteEntry): Route {
  const counted = failures === undefined ? null : parseFailures(String(failures));
  const zoned = hours === undefined ? null : parseZonedHours(hours);
  return {
    ...plain,
    ...(counted && { failures: counted }),
    ...(zoned && { hours: zoned }),
    ...(policy === undefined ? { ignore: ignore ?? '' } : { policy }),
  };
}

/** A path is relative to the file. */
function calendarsOf(
  file: string,
  schedules: EscalationFile['schedules'] = {},
): { calendars?: Record<string, Calendar> } {
  const found = Object.entries(schedules).flatMap(([name, { ical, match, timezone }]): [string, Calendar][] => {
    if (ical === undefined) return [];
    const address = addressFrom(file, ical);
    return [[name, { address, by: match ? 'tableau' : 'key', ...(timezone !== undefined && { timezone }) }]];
  });
  return found.length > 0 ? { calendars: Object.fromEntries(found) } : {};
}

type ScheduleEntry = NonNullable<EscalationFile['schedules']>[string];

function scheduleFrom(entry: ScheduleEntry): Schedule {
  // A calendar without one has its own, which is known when it was read.
  const { timezone = 'UTC', rotation, layers, restrict, overrides = [] } = entry;
  const otherwise = restrict?.find((each) => each.else !== undefined)?.else;
  const at = (text: string): number => instantOf(localTimeFrom(text), timezone);
  return {
    timezone,
    rotations: (layers ?? (rotation ? [rotation] : [])).map(({ contacts, every, start, hours }) => ({
      contacts,
      every: periodFrom(every),
      start,
      ...(hours && { hours: hours.map(hoursFrom) }),
    })),
    ...(restrict && { restriction: { hours: restrict.map(hoursFrom), ...(otherwise !== undefined && { otherwise }) } }),
    overrides: overrides.map(({ contact, from, to }) => ({ contact, from: at(from), to: at(to) })),
  };
}

/** `1w` → 7 days. */
function periodFrom(every: string): Rotation['every'] {
  const count = Number(every.slice(0, -1));
  if (every.endsWith('h')) return { hours: count };
  return { days: every.endsWith('w') ? 7 * count : count };
}

const hoursFrom = ({ days, from, to }: { days?: Weekday[]; from: string; to: string }): Hours => ({
  days: days ?? weekdays,
  from: minutesFrom(from),
  to: minutesFrom(to),
});

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new ConfigError([`ESCALATION_FILE: ${file} cannot be read (${why}).`]);
  }
}

function mapValues<T, R>(record: Record<string, T>, change: (value: T, key: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}

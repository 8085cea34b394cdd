import { Type, type Static } from 'typebox';
import { channels } from '../workflows/contract.js';
import { failuresPattern, zonedHoursPattern } from './conditions.js';
import { durationPattern } from './duration.js';
import { LabelsEntry } from './labels.js';
import { expectedOfFreshness, FlowsEntry, freshnessBounds, FreshnessEntries } from './freshness/schema.js';
import { expectedOfWebhooks, WebhookEntry } from './webhooks.js';
import { expectedOfPrices, PricesEntry } from './prices.js';
import { beginPattern, endPattern, localTimePattern, weekdays } from './local-time.js';

const key = '^[a-z][a-z0-9-]{0,31}$';
const strict = { additionalProperties: false };
const duration = Type.String({ pattern: durationPattern });
/** `low` never calls and keeps quiet hours, `high` is as written, `critical` calls at once. */
export const severities = ['low', 'high', 'critical'] as const;
/** `1w`, `1d` or `12h`. */
const rotationPattern = '^[1-9][0-9]{0,2}[hdw]$';
const reference = Type.String({ minLength: 1 });
const address = Type.String({ pattern: '^(whatsapp:)?\\s*\\+[1-9]([ ().-]*[0-9]){6,14}$' });

const ContactEntry = Type.Object(
  {
    whatsapp: Type.Optional(address),
    phone: Type.Optional(address),
    timezone: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    quiet: Type.Optional(
      Type.Object({ from: Type.String({ pattern: beginPattern }), to: Type.String({ pattern: endPattern }) }, strict),
    ),
    tableau: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { minItems: 1, maxItems: 20 })),
  },
  { ...strict, minProperties: 1 },
);

const localTime = Type.String({ pattern: localTimePattern });
const hours = {
  days: Type.Optional(Type.Array(Type.Enum([...weekdays]), { minItems: 1, maxItems: 7 })),
  from: Type.String({ pattern: beginPattern }),
  to: Type.String({ pattern: endPattern }),
};

const RotationEntry = Type.Object(
  {
    contacts: Type.Array(reference, { minItems: 1, maxItems: 50 }),
    every: Type.String({ pattern: rotationPattern }),
    start: localTime,
    hours: Type.Optional(Type.Array(Type.Object(hours, strict), { minItems: 1, maxItems: 20 })),
  },
  strict,
);

const ScheduleEntry = Type.Object(
  {
    timezone: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    ical: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000 })),
    match: Type.Optional(Type.Object({ email: Type.Literal('tableau') }, strict)),
    rotation: Type.Optional(RotationEntry),
    layers: Type.Optional(Type.Array(RotationEntry, { minItems: 1, maxItems: 10 })),
    restrict: Type.Optional(
      Type.Array(Type.Object({ ...hours, else: Type.Optional(reference) }, strict), { minItems: 1, maxItems: 20 }),
    ),
    overrides: Type.Optional(
      Type.Array(Type.Object({ contact: reference, from: localTime, to: localTime }, strict), { maxItems: 500 }),
    ),
  },
  strict,
);

const Step = Type.Object(
  {
    page: Type.Array(reference, { minItems: 1, maxItems: 50 }),
    by: Type.Enum([...channels]),
    wait: duration,
  },
  strict,
);

const PolicyEntry = Type.Object(
  {
    rerun: Type.Optional(Type.Object({ attempts: Type.Integer({ minimum: 1, maximum: 5 }), wait: duration }, strict)),
    steps: Type.Array(Step, { minItems: 1, maxItems: 50 }),
    severity: Type.Optional(Type.Enum([...severities])),
    repeat: Type.Optional(Type.Integer({ minimum: 0, maximum: 20 })),
    remind: Type.Optional(duration),
  },
  strict,
);

const pattern = Type.String({ minLength: 1, maxLength: 256 });
const RouteEntry = Type.Object(
  {
    events: Type.Array(Type.String({ pattern: '^[A-Za-z0-9*]{1,128}$' }), { minItems: 1 }),
    item: Type.Optional(pattern),
    project: Type.Optional(pattern),
    tags: Type.Optional(Type.Array(pattern, { minItems: 1, maxItems: 20 })),
    owner: Type.Optional(pattern),
    site: Type.Optional(pattern),
    failures: Type.Optional(
      Type.Union([Type.String({ pattern: failuresPattern }), Type.Integer({ minimum: 1, maximum: 9999 })]),
    ),
    hours: Type.Optional(Type.String({ maxLength: 128, pattern: zonedHoursPattern })),
    policy: Type.Optional(reference),
    ignore: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  },
  strict,
);

/** The form of the escalation file. A key is a role (`ana`, `data-lead`), never a number, because histories contain it. */
export const EscalationFile = Type.Object(
  {
    contacts: Type.Record(Type.String({ pattern: key }), ContactEntry, { ...strict, minProperties: 1 }),
    schedules: Type.Optional(Type.Record(Type.String({ pattern: key }), ScheduleEntry, strict)),
    policies: Type.Record(Type.String({ pattern: key }), PolicyEntry, { ...strict, minProperties: 1 }),
    fallback: Type.Optional(reference),
    operators: Type.Optional(Type.Array(reference, { minItems: 1, maxItems: 20 })),
    labels: Type.Optional(LabelsEntry),
    prices: Type.Optional(PricesEntry),
    routes: Type.Optional(Type.Array(RouteEntry, { minItems: 1 })),
    freshness: Type.Optional(FreshnessEntries),
    flows: Type.Optional(FlowsEntry),
    webhooks: Type.Optional(Type.Record(Type.String({ pattern: key }), WebhookEntry, strict)),
    silences: Type.Optional(Type.Array(Type.Unknown(), { maxItems: 0 })),
    settings: Type.Optional(
      Type.Object(
        {
          window: Type.Optional(duration),
          callWindow: Type.Optional(duration),
          linger: Type.Optional(duration),
          forget: Type.Optional(duration),
          messagesPerHour: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
          callsPerHour: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
          answersPerHour: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
        },
        strict,
      ),
    ),
  },
  strict,
);
export type EscalationFile = Static<typeof EscalationFile>;

/** The shortest and the longest duration of each key. */
export const bounds: Readonly<Record<string, readonly [string, string]>> = {
  wait: ['1s', '7d'],
  remind: ['1s', '30d'],
  window: ['0s', '1h'],
  callWindow: ['0s', '1h'],
  linger: ['1s', '7d'],
  forget: ['1m', '90d'],
  ...freshnessBounds,
};

const localTimeRule = 'a local date and time in quotes, such as "2026-11-23T09:00"';

const fromRule = `a time of day in quotes, such as "08:00"; in overrides ${localTimeRule}`;

/** What a key of the file must be: the end of the sentence "… must be …". */
export const expected: Readonly<Record<string, string>> = {
  contacts: 'a map of contacts, at least one',
  policies: 'a map of policies, at least one',
  fallback: 'a contact key',
  operators: 'a list of contact keys, at least one',
  labels: 'true, false or a map of who and perMinute',
  who: 'true or false',
  perMinute: 'a whole number from 6 to 600',
  routes: 'a list of { events, … , policy or ignore }, at least one',
  ...expectedOfFreshness,
  ...expectedOfWebhooks,
  ...expectedOfPrices,
  silences: 'an empty list: silences are made by "tableau-webhooks silence add", by POST /silences, or by text (MUTE)',
  settings: 'a map of settings',
  steps: 'a list of { page, by, wait }, at least one',
  page: 'a list of contact keys, schedule/<name> or owner, at least one',
  by: 'whatsapp, sms or call',
  severity: 'low, high or critical',
  rerun: 'a map of attempts and wait',
  attempts: 'a whole number from 1 to 5',
  repeat: 'a whole number from 0 to 20',
  messagesPerHour: 'a whole number from 1 to 1000',
  callsPerHour: 'a whole number from 1 to 1000',
  answersPerHour: 'a whole number from 1 to 1000',
  events: 'a list of event names, at least one, such as "*RefreshFailed"',
  policy: 'the name of a policy',
  ignore: 'the reason why nobody is paged, in words',
  item: 'the name of an item; * stands for any letters',
  project: 'the path of a project, such as "Finance/**"',
  tags: 'a list of tags, at least one',
  owner: 'a user name or e-mail address in Tableau; * stands for any letters',
  site: 'the luid or the name of a site',
  failures: 'a number of failures in a row, such as ">= 3"',
  whatsapp: 'a number in E.164 and in quotes, such as "+15550000001"',
  phone: 'a number in E.164 and in quotes, such as "+15550000001"',
  tableau: 'a list of user names or e-mail addresses in Tableau, at least one',
  schedules: 'a map of schedules',
  timezone: 'an IANA time zone, such as Europe/Berlin',
  quiet: 'a map of from and to, such as { from: "22:00", to: "07:00" }',
  rotation: 'a map of contacts, every and start',
  layers: 'a list of rotations, at least one',
  ical: 'an https address or the path of a file',
  match: 'a map: { email: tableau }',
  email: 'tableau: the e-mail address is one of "tableau" of the contact',
  every: 'a number of hours, days or weeks, such as 12h, 1d or 1w',
  start: localTimeRule,
  hours: 'a list of { days, from, to }, at least one; in a route a text such as "Mon-Fri 06:00-20:00 Europe/Berlin"',
  restrict: 'a list of { days, from, to, else }, at least one',
  else: 'a contact key',
  overrides: 'a list of { contact, from, to }',
  from: fromRule,
  to: fromRule,
  contact: 'a contact key',
  days: `a list of ${weekdays.join(', ')}, at least one`,
  ...Object.fromEntries(
    Object.entries(bounds).map(([name, [least, most]]) => [
      name,
      `a duration from ${least} to ${most}, such as 90s, 5m or 1h30m`,
    ]),
  ),
};

/** A list's entries: `events[0]` must be … */
export const expectedEntry: Readonly<Record<string, string>> = {
  steps: 'a map of page, by and wait',
  routes: 'a map of events and policy or ignore',
  freshness: 'a map of items, and by, maxAge or learned',
  page: 'a contact key, schedule/<name> or owner',
  layers: 'a map of contacts, every and start',
  hours: 'a map of days, from and to',
  restrict: 'a map of days, from, to and else',
  overrides: 'a map of contact, from and to',
  days: `one of ${weekdays.join(', ')}`,
  tableau: 'a user name or e-mail address in Tableau',
  operators: 'a contact key',
  events: 'letters and digits, with * as a wildcard (in quotes when it comes first)',
  contacts: 'a map with whatsapp, phone or both, and tableau',
  schedules: 'a map with timezone, and rotation, layers or ical',
  policies: 'a map with steps',
  webhooks: 'a map with as, and url or key',
};

/** The contacts of a rotation: a list, as its entries. */
export const expectedInRotation = { contacts: 'a list of contact keys, at least one', entry: 'a contact key' } as const;

export const keyRule =
  'a key is 1 to 32 lower-case letters, digits and -, and begins with a letter: a role, not a number';

/** Overrides that are made while the service runs, besides those of the escalation file. Pure. */
import { channels, type Channel } from '../workflows/contract.js';
import {
  overrideEnds,
  timesProblem,
  type Concerned,
  type Override,
  type OverrideRequest,
} from '../workflows/on-call-contract.js';
import { scheduleOf } from '../workflows/references.js';
import { authorProblem } from './author.js';
import { instantRule, parseInstant, spanText } from './local-time.js';
import { contactsBetween, type Schedule } from './on-call.js';
import { addressOf, type Escalation } from './route.js';

/** The schedule with what was made for it: that counts more than the file, and the newest most. One for a contact whom the file has no more is left out. */
export function withOverrides(
  { contacts }: Pick<Escalation, 'contacts'>,
  name: string,
  schedule: Schedule,
  made: readonly Override[],
): Schedule {
  const own = made.filter((one) => one.schedule === name && Object.hasOwn(contacts, one.contact));
  return own.length === 0 ? schedule : { ...schedule, overrides: [...schedule.overrides, ...own] };
}

/** The escalation with what was made for each of its schedules. */
export const withAllOverrides = (escalation: Escalation, made: readonly Override[]): Escalation => ({
  ...escalation,
  schedules: Object.fromEntries(
    Object.entries(escalation.schedules ?? {}).map(([name, schedule]) => [
      name,
      withOverrides(escalation, name, schedule, made),
    ]),
  ),
});

/** The schedule of this name, or undefined. */
export const scheduleNamed = ({ schedules = {} }: Pick<Escalation, 'schedules'>, name: string): Schedule | undefined =>
  Object.hasOwn(schedules, name) ? schedules[name] : undefined;

/** What somebody asks for; times are texts, ISO 8601 with an offset. */
export interface OverrideFields {
  contact: string;
  from: string;
  to: string;
  by?: string | undefined;
}

/** The field that is wrong, and a sentence that says what is allowed. */
export interface FieldProblem {
  field: 'contact' | 'from' | 'to' | 'by';
  message: string;
}

/**
 * Reads a request for an override of a schedule that the file has.
 * @param made the overrides that there are, for whom it replaces
 * @param id a uuid
 */
export function readOverride(
  escalation: Escalation,
  { name, schedule }: { name: string; schedule: Schedule },
  { contact, by = 'api', ...times }: OverrideFields,
  { id, now, made }: { id: string; now: number; made: readonly Override[] },
): { problem: FieldProblem } | { request: OverrideRequest } {
  const wrong = contactProblem(escalation, name, contact);
  if (wrong !== null) return { problem: { field: 'contact', message: wrong } };
  const from = parseInstant(times.from);
  if (from === null) return { problem: { field: 'from', message: `from must be ${instantRule}.` } };
  const to = parseInstant(times.to);
  if (to === null) return { problem: { field: 'to', message: `to must be ${instantRule}.` } };
  const refusal = timesProblem({ from, to }, now, overrideEnds);
  if (refusal !== null) return { problem: { field: refusal.field ?? 'from', message: refusal.message } };
  const author = by.trim();
  const unfit = authorProblem(author);
  if (unfit !== null) return { problem: { field: 'by', message: unfit } };
  const override = { id, schedule: name, contact, from, to, by: author };
  const planned = withOverrides(escalation, name, schedule, made);
  const replaced = replacedBy(planned, contact, Math.max(from, now), to);
  return { request: { override, concerned: concernedBy(escalation, override, replaced, schedule.timezone, now) } };
}

function contactProblem(escalation: Escalation, name: string, contact: string): string | null {
  const known = Object.keys(escalation.contacts);
  if (!known.includes(contact)) return `contact must be a contact of the escalation file: ${known.join(', ')}.`;
  const without = channelsOf(escalation, name).find((by) => addressOf(escalation, contact, by) === undefined);
  return without === undefined
    ? null
    : `contact must have an address for ${without}, by which a step pages schedule "${name}": "${contact}" has none.`;
}

/** The channels by which steps page a schedule. */
function channelsOf({ policies }: Escalation, name: string): Channel[] {
  const steps = Object.values(policies).flatMap((policy) => policy.steps);
  return channels.filter((channel) =>
    steps.some(({ by, page }) => by === channel && page.some((entry) => scheduleOf(entry) === name)),
  );
}

/** Who would be on call in that time, each once and in order. */
export const replacedBy = (schedule: Schedule, contact: string, from: number, to: number): string[] =>
  contactsBetween(schedule, from, to).filter((one) => one !== contact);

/** As many contacts whom an override replaces get its notice. */
const mostReplaced = 10;

function concernedBy(
  escalation: Escalation,
  { schedule, contact, from, to }: Override,
  replaced: readonly string[],
  timezone: string,
  now: number,
): Concerned[] {
  const span = `on call (${schedule}) from ${spanText(from, to, timezone, now)}`;
  const place = replaced.length === 0 ? '' : ` in place of ${someOf(replaced)}`;
  const others = replaced.slice(0, mostReplaced).flatMap((other) => {
    const rest = replaced.filter((one) => one !== other);
    const theirs = rest.length === 0 ? 'in your place' : `in place of ${someOf(['you', ...rest])}`;
    return reachable(escalation, other, {
      made: `${contact} is ${span} ${theirs}.`,
      ended: `${contact} is no longer ${span} ${theirs}: the override was ended.`,
    });
  });
  const own = reachable(escalation, contact, {
    made: `You are ${span}${place}.`,
    ended: `You are no longer ${span}${place}: the override was ended.`,
  });
  return [...own, ...others];
}

/** `ana`, `ana and ben`, `ana, ben and cleo`, `ana, ben, cleo and 2 more` */
export function someOf(names: readonly string[]): string {
  const some = names.slice(0, 3);
  const rest = names.length - some.length;
  const last = rest > 0 ? `${rest} more` : some.pop();
  return some.length > 0 ? `${some.join(', ')} and ${last}` : `${last}`;
}

/** By SMS where the contact has a phone: WhatsApp takes free texts only within a day after a reply. */
export const noticeChannelOf = (escalation: Escalation, contact: string): 'sms' | 'whatsapp' | undefined =>
  (['sms', 'whatsapp'] as const).find((by) => addressOf(escalation, contact, by) !== undefined);

function reachable(escalation: Escalation, contact: string, texts: Pick<Concerned, 'made' | 'ended'>): Concerned[] {
  const channel = noticeChannelOf(escalation, contact);
  return channel === undefined ? [] : [{ contact, channel, ...texts }];
}

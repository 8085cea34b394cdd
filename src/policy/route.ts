import { bareNumber, withoutVariant, type Contact } from '../config/phone-numbers.js';
import type { Calendar } from './calendar.js';
import { conditionNames, verdictOf, type Conditions, type FailureFacts } from './conditions.js';
import type { FlowWatch, FreshnessPromise } from './freshness/promise.js';
import { matchesGlob } from './glob.js';
import { contactsOn, type Schedule } from './on-call.js';
import { channelTraits } from '../workflows/channels.js';
import type { Labels } from './labels.js';
import type { Webhook } from './webhooks.js';
import type { Prices } from './prices.js';
import type { Channel, Policy, Settings } from '../workflows/contract.js';
import { ownerReference, scheduleOf } from '../workflows/references.js';

/** A rule of the escalation file: the first one whose conditions are all met decides. */
export type Route = Conditions & ({ policy: string } | { ignore: string });

/** The escalation file, checked and with its durations in milliseconds. */
export interface Escalation {
  contacts: Readonly<Record<string, Contact>>;
  policies: Readonly<Record<string, Policy>>;
  routes: readonly Route[];
  settings: Settings;
  schedules?: Readonly<Record<string, Schedule>>;
  /** Where the turns of schedules come from, by the name of the schedule. */
  calendars?: Readonly<Record<string, Calendar>>;
  /** Contacts by the user names and e-mail addresses that they have in Tableau, in lower case. */
  owners?: Readonly<Record<string, string>>;
  /** Who is paged in place of an owner who is no contact, and where nobody is on call. */
  fallback?: string;
  /** Contacts who are to be told of problems of this service. */
  operators?: readonly string[];
  /** Absent: data sources have no label in Tableau. */
  labels?: Labels;
  /** Absent: what messages cost is not known. */
  prices?: Prices;
  /** Which items have new data by when. */
  freshness?: readonly FreshnessPromise[];
  /** Absent: runs of flows are not watched. */
  flows?: FlowWatch;
  /** Who is told of changes of incidents, by name. Absent: nobody. */
  webhooks?: Readonly<Record<string, Webhook>>;
  /** What may be wrong with the file, though the service can start: a sentence each. */
  warnings?: readonly string[];
}

/** Whether an event name fits a pattern. Case counts; the whole name must fit. */
export const matchesEvent = matchesGlob;

/** What the routes decide for a failure. */
export interface Decision {
  /** Null: nobody is to be paged. */
  policy: Policy | null;
  /** Why nobody is, as the route says; empty where no route fits. */
  ignore?: string;
  /** The position of the route in the file, from 1; null where none fits. */
  route: number | null;
  /** False where Tableau could tell that another route fits: then this is whom to page until that is known. */
  isCertain: boolean;
}

/**
 * The policy for a failure by what is known of it. Where a route before the first that fits depends on what is not known, the first that fits
 * counts for the time being if it pages somebody, and otherwise the first of those that may fit and do: nobody is left unpaged for want of
 * an answer.
 */
export function decideRoute(
  { routes, policies }: Pick<Escalation, 'routes' | 'policies'>,
  facts: FailureFacts,
): Decision {
  const decisionOf = (index: number, isCertain: boolean): Decision => {
    const route = routes[index];
    if (!route) return { policy: null, route: null, isCertain };
    const found =
      'policy' in route ? { policy: policies[route.policy] ?? null } : { policy: null, ignore: route.ignore };
    return { ...found, route: index + 1, isCertain };
  };
  const open: Decision[] = [];
  for (const [index, route] of routes.entries()) {
    const verdict = verdictOf(route, facts);
    if (verdict === 'missed') continue;
    const decision = decisionOf(index, verdict === 'met');
    if (verdict === 'met') return withOpen(open, decision);
    open.push(decision);
  }
  return withOpen(open, decisionOf(-1, true));
}

/** @param open of routes that may fit, before the first that does */
function withOpen(open: readonly Decision[], first: Decision): Decision {
  if (open.every(({ policy }) => policy === first.policy)) return first;
  if (first.policy !== null) return { ...first, isCertain: false };
  return open.find(({ policy }) => policy !== null) ?? first;
}

/** Whether an event of this name can page somebody. */
export function canPage({ routes }: Pick<Escalation, 'routes'>, event: string): boolean {
  const first = routes.find(
    (route) =>
      route.events.some((pattern) => matchesEvent(pattern, event)) && ('policy' in route || !isConditional(route)),
  );
  return first !== undefined && 'policy' in first;
}

/** Whether a route depends on more than the event. */
export const isConditional = (route: Route): boolean =>
  conditionNames.some((name) => name !== 'events' && route[name] !== undefined);

/** Whether this contact can be paged, by this channel where one is given: by name, by a schedule, as an owner or as the fallback. */
export function canBePaged(escalation: Escalation, contact: string, channel?: Channel): boolean {
  if (contact === escalation.fallback) return true;
  return Object.values(escalation.policies).some(({ steps }) =>
    steps.some(
      ({ page, by, calls = [] }) =>
        (channel === undefined || by === channel || (channel === 'call' && calls.includes(contact))) &&
        page.some((entry) => meantBy(escalation, entry).includes(contact)),
    ),
  );
}

/** Everybody whom an entry of a step can mean, apart from the fallback. */
function meantBy({ contacts, schedules = {}, calendars = {}, owners = {} }: Escalation, entry: string): string[] {
  if (entry === ownerReference) return Object.values(owners);
  const name = scheduleOf(entry);
  if (name === null) return [entry];
  const schedule = schedules[name];
  if (!schedule) return [];
  const calendar = calendars[name];
  if (!calendar || schedule.turns) return contactsOn(schedule);
  // Whom it names is not known before it was read.
  return [...contactsOn(schedule), ...(calendar.by === 'key' ? Object.keys(contacts) : Object.values(owners))];
}

/** The E.164 number by which a contact is reached on a channel, or undefined where the contact has none. */
export function addressOf(escalation: Escalation, contact: string, channel: Channel): string | undefined {
  const found = Object.hasOwn(escalation.contacts, contact) ? escalation.contacts[contact] : undefined;
  return found?.[channelTraits[channel].address];
}

/**
 * The key of the contact whose address on this channel is `number` (with or without `whatsapp:`), or null. The same
 * spelling wins over another national spelling of the same number.
 */
export function contactOf(escalation: Escalation, number: string, channel: Channel): string | null {
  const wanted = bareNumber(number);
  const keys = Object.keys(escalation.contacts);
  const by = (same: (address: string) => boolean) =>
    keys.find((key) => {
      const address = addressOf(escalation, key, channel);
      return address !== undefined && same(address);
    });
  return (
    by((address) => address === wanted) ?? by((address) => withoutVariant(address) === withoutVariant(wanted)) ?? null
  );
}

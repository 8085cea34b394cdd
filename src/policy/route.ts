import { bareNumber, withoutVariant, type Contact } from '../config/phone-numbers.js';
import type { Calendar } from './calendar.js';
import { contactsOn, type Schedule } from './on-call.js';
import { channelTraits } from '../workflows/channels.js';
import type { Channel, Policy, Settings } from '../workflows/contract.js';
import { ownerReference, scheduleOf } from '../workflows/references.js';

export interface Route {
  /** Event names; `*` stands for any run of characters. */
  events: string[];
  policy: string;
}

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
  /** What may be wrong with the file, though the service can start: a sentence each. */
  warnings?: readonly string[];
}

/** Whether an event name fits a pattern. Case counts; the whole name must fit. */
export function matchesEvent(pattern: string, eventType: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return pattern === eventType;
  if (!eventType.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = eventType.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return eventType.length - tail.length >= at && eventType.endsWith(tail);
}

/** The policy of the first route that an event name fits; null means that nobody is to be paged for it. */
export function routeEvent(escalation: Escalation, eventType: string): Policy | null {
  const route = escalation.routes.find(({ events }) => events.some((pattern) => matchesEvent(pattern, eventType)));
  return (route && escalation.policies[route.policy]) ?? null;
}

/** Whether this contact can be paged, by this channel where one is given: by name, by a schedule, as an owner or as the fallback. */
export function canBePaged(escalation: Escalation, contact: string, channel?: Channel): boolean {
  if (contact === escalation.fallback) return true;
  return Object.values(escalation.policies).some(({ steps }) =>
    steps.some(
      ({ page, by }) =>
        (channel === undefined || by === channel) && page.some((entry) => meantBy(escalation, entry).includes(contact)),
    ),
  );
}

/** Everybody whom an entry of a step can mean, apart from the fallback. */
function meantBy({ schedules = {}, owners = {} }: Escalation, entry: string): readonly string[] {
  if (entry === ownerReference) return Object.values(owners);
  const name = scheduleOf(entry);
  if (name === null) return [entry];
  const schedule = schedules[name];
  return schedule ? contactsOn(schedule) : [];
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

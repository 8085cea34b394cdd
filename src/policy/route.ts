import type { Channel, Policy, Settings } from '../workflows/contract.js';

/** Addresses in E.164 without `whatsapp:`. */
export interface Contact {
  whatsapp?: string;
  phone?: string;
}

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

/** `+15550000001` of `whatsapp:+1 555 000-0001`. Nothing is checked. */
export function bareNumber(number: string): string {
  return number.replace(/^\s*whatsapp:/i, '').replace(/[\s().-]/g, '');
}

/**
 * One spelling for numbers that WhatsApp writes in two ways: Mexico +52/+521, Argentina +54/+549, and Brazil with and
 * without the ninth digit. See https://help.twilio.com/articles/360013980754.
 */
export function withoutVariant(number: string): string {
  return number
    .replace(/^\+521(\d{10})$/, '+52$1')
    .replace(/^\+549(\d{10})$/, '+54$1')
    .replace(/^\+55(\d{2})9(\d{8})$/, '+55$1$2');
}

/** The E.164 number by which a contact is reached on a channel, or undefined where the contact has none. */
export function addressOf(escalation: Escalation, contact: string, channel: Channel): string | undefined {
  const found = Object.hasOwn(escalation.contacts, contact) ? escalation.contacts[contact] : undefined;
  return channel === 'whatsapp' ? found?.whatsapp : found?.phone;
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

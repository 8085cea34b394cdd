/** Contacts whom the policies of the file page, and who are not reached, as their pagers say (docs/operations.md, Alarms). */
import { channelTraits } from '../../workflows/channels.js';
import type { Channel } from '../../workflows/contract.js';
import { spell, type Problem } from '../reading.js';
import { addressOf, canBePaged, type Escalation } from '../route.js';

/** An alarm of the pager of a contact. */
interface ContactAlarm {
  contact: string;
  code: string;
  /** ISO 8601. */
  since: string;
  channel: Channel | undefined;
}

/** For each alarm that a channel of a contact does not work, where a policy can page the contact by it. */
export function unreached(escalation: Escalation, alarms: readonly ContactAlarm[]): Problem[] {
  return alarms.flatMap(({ contact, code, since, channel }): Problem[] => {
    if (channel === undefined || addressOf(escalation, contact, channel) === undefined) return [];
    const what = Object.hasOwn(sentences, code) ? sentences[code] : undefined;
    if (!what || !canBePaged(escalation, contact, channel)) return [];
    const path = ['contacts', contact, channelTraits[channel].address];
    const at = `${new Date(since).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    return [{ path, text: `${spell(path)}: ${what(contact, nameOf[channel], at)} (${code}, docs/operations.md).` }];
  });
}

const nameOf: Readonly<Record<Channel, string>> = { whatsapp: 'WhatsApp messages', sms: 'SMS', call: 'calls' };

const sentences: Readonly<Record<string, (contact: string, what: string, since: string) => string>> = {
  'contact-refused': (contact, what, since) =>
    `Twilio has refused ${what} to "${contact}" since ${since}; correct the number, or page by another channel`,
  'contact-stopped': (contact, what, since) =>
    `"${contact}" has sent STOP and gets no ${what} since ${since}; START ends that`,
};

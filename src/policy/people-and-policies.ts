/** The contacts and policies of a checked escalation file. */
import { bareNumber, type Contact } from '../config/phone-numbers.js';
import { channelTraits } from '../workflows/channels.js';
import { channels, hour, type Channel, type Policy } from '../workflows/contract.js';
import { parseDuration } from './duration.js';
import { parseTimeOfDay } from './local-time.js';
import type { EscalationFile } from './schema.js';
import { withSeverity } from './severity.js';

/** Of a policy that does not say. */
export const remindMs = 4 * hour;

const durationMs = (text: string): number => parseDuration(text) ?? 0;
const minutesFrom = (text: string): number => parseTimeOfDay(text) ?? 0;

export const contactFrom = ({ whatsapp, phone, timezone, quiet }: EscalationFile['contacts'][string]): Contact => ({
  ...(whatsapp !== undefined && { whatsapp: bareNumber(whatsapp) }),
  ...(phone !== undefined && { phone: bareNumber(phone) }),
  ...(timezone !== undefined && { timezone }),
  ...(quiet && { quiet: { from: minutesFrom(quiet.from), to: minutesFrom(quiet.to) } }),
});

export function policyFrom(
  { contacts, fallback }: EscalationFile,
  name: string,
  { steps, severity = 'high', repeat = 0, remind, rerun }: EscalationFile['policies'][string],
): Policy {
  const reached = fallback === undefined ? undefined : contacts[fallback];
  const policy: Policy = {
    name,
    steps: steps.map(({ page, by, wait }) => ({ page, by, waitMs: durationMs(wait) })),
    repeat,
    remindMs: remind === undefined ? remindMs : durationMs(remind),
    ...(fallback !== undefined &&
      reached && { fallback: { contact: fallback, channels: channelsOf(contactFrom(reached)) } }),
    ...(rerun && { rerun: { attempts: rerun.attempts, waitMs: durationMs(rerun.wait) } }),
  };
  const callable = Object.keys(contacts).filter((key) => contacts[key]?.phone !== undefined);
  return withSeverity(policy, severity, callable);
}

/** The channels that a contact has an address for. */
const channelsOf = (contact: Contact): Channel[] =>
  channels.filter((channel) => contact[channelTraits[channel].address] !== undefined);

export function ownersOf(contacts: EscalationFile['contacts']): { owners?: Record<string, string> } {
  const owners = Object.entries(contacts).flatMap(([key, { tableau = [] }]) =>
    tableau.map((name) => [name.toLowerCase(), key] as const),
  );
  return owners.length > 0 ? { owners: Object.fromEntries(owners) } : {};
}

/** Which webhooks there should be, and the changes that lead there. Pure. */
import type { Webhook } from '../../tableau/rest/webhook-list.js';
import type { Config } from '../../config/config.js';
import { loopback } from '../../config/addresses.js';
import { knownEvents, ownEvents } from '../../policy/events.js';
import { canPage, type Escalation } from '../../policy/route.js';

/** The address to which Tableau shall send events, and how our webhooks are recognised. */
export interface Place {
  /** Without a trailing slash. */
  publicUrl: string;
  /** All valid secrets; new addresses get the first one. */
  secrets: readonly string[];
  /** The prefix of our webhooks' names, before a blank. */
  name: string;
}

/**
 * Where a webhook sends its events. `here`: to this service; `old-secret`: to this service, with a secret that will be removed;
 * `wrong-secret`: to this service, which refuses the secret; `elsewhere`: to another address.
 */
export type WebhookTarget = 'here' | 'old-secret' | 'wrong-secret' | 'elsewhere';

export type Change =
  | { do: 'create'; event: string; name: string; why: string }
  /** `instead`: a new one must replace it, because this version of Tableau cannot change it. */
  | { do: 'update'; event: string; webhook: Webhook; why: string; instead: boolean }
  | { do: 'delete'; event: string; webhook: Webhook; why: string };

export interface Plan {
  changes: Change[];
  /** Webhooks that need no change. */
  kept: Webhook[];
  /** Changes that are not possible, and why. */
  notes: string[];
}

/** Tableau documents these events and refuses webhooks for them. */
const refused: readonly string[] = ['SiteCreated', 'SiteUpdated'];

export const addressAt = ({ publicUrl, secrets }: Place): string => `${publicUrl}/notifier/${secrets[0] ?? ''}`;

/** Why Tableau does not send to PUBLIC_URL, or undefined. */
export function unusable(publicUrl: string, { domain }: Config['tableau']): string | undefined {
  const [ours, theirs] = [new URL(publicUrl), new URL(domain)];
  if (ours.protocol === 'https:' || (loopback(ours) && loopback(theirs))) return undefined;
  return `PUBLIC_URL is ${ours.protocol}//…, and Tableau sends webhooks only to https addresses with a valid certificate.`;
}

/** The events that the routes name, and those that resolve the incidents of routed failures, in the order of Tableau's list. */
export function neededEvents(escalation: Escalation): { events: string[]; notes: string[] } {
  const plain = escalation.routes.flatMap(({ events }) =>
    events.filter((pattern) => !pattern.includes('*') && !ownEvents.includes(pattern)),
  );
  const routed = [...knownEvents, ...plain].filter((event) => canPage(escalation, event));
  const ending = routed
    .filter((event) => event.endsWith('RefreshFailed'))
    .map((event) => event.slice(0, -'RefreshFailed'.length))
    .flatMap((item) => [`${item}RefreshSucceeded`, `${item}Deleted`]);
  const wanted = new Set([...routed, ...ending]);
  const place = (event: string) => (knownEvents.includes(event) ? knownEvents.indexOf(event) : knownEvents.length);
  const events = [...wanted].toSorted((a, b) => place(a) - place(b));
  return {
    events: events.filter((event) => !refused.includes(event)),
    notes: events
      .filter((event) => refused.includes(event))
      .map((event) => `${event} is left out: Tableau documents it and refuses webhooks for it.`),
  };
}

/** The secret in an address below `<publicUrl>/notifier`, or null for any other address. */
function secretIn(url: string, publicUrl: string): string | null {
  const notifier = `${publicUrl}/notifier`;
  if (!url.startsWith(notifier)) return null;
  const [, bySlash, byQuery] = /^(?:\/([^/?#]*)|\?(?:.*&)?secret=([^&#]*))?$/.exec(url.slice(notifier.length)) ?? [];
  if (bySlash !== undefined || byQuery !== undefined) return bySlash ?? byQuery ?? '';
  return url === notifier ? '' : null;
}

export function targetOf({ url }: Webhook, { publicUrl, secrets }: Place): WebhookTarget {
  const secret = secretIn(url, publicUrl);
  if (secret === null) return 'elsewhere';
  if (secret === secrets[0]) return 'here';
  return secrets.includes(secret) ? 'old-secret' : 'wrong-secret';
}

export const isOurs = (webhook: Webhook, place: Place): boolean =>
  webhook.name.startsWith(`${place.name} `) || targetOf(webhook, place) !== 'elsewhere';

/**
 * The changes of a sync. Of several webhooks for one event it keeps the one with the fewest faults.
 *
 * @param canUpdate whether this version of Tableau can change a webhook (REST API 3.8)
 * @param shown gives an address without its secret
 */
export function planSync(
  found: readonly Webhook[],
  needed: readonly string[],
  place: Place,
  { canUpdate, shown }: { canUpdate: boolean; shown: (url: string) => string },
): Plan {
  const plan: Plan = { changes: [], kept: [], notes: [] };
  const ours = found.filter((webhook) => isOurs(webhook, place));
  for (const event of needed) {
    const [best, ...extra] = ours
      .filter((webhook) => webhook.event === event)
      .toSorted((a, b) => faultsOf(a, place) - faultsOf(b, place));
    if (!best) {
      plan.changes.push({ do: 'create', event, name: `${place.name} ${event}`, why: '' });
      continue;
    }
    const why = whyUpdate(best, place, shown);
    if (why === '') plan.kept.push(best);
    else plan.changes.push({ do: 'update', event, webhook: best, why, instead: !canUpdate });
    for (const webhook of extra) plan.changes.push({ do: 'delete', event, webhook, why: 'one is enough' });
  }
  for (const webhook of ours) {
    if (webhook.event === undefined) plan.notes.push(`"${webhook.name}" is left alone: its event cannot be read.`);
    else if (!needed.includes(webhook.event))
      plan.changes.push({ do: 'delete', event: webhook.event, webhook, why: 'no route needs this event' });
  }
  return plan;
}

/** Deletes all our webhooks. */
export const planDelete = (found: readonly Webhook[], place: Place): Plan => ({
  changes: found
    .filter((webhook) => isOurs(webhook, place))
    .map((webhook) => ({ do: 'delete', event: webhook.event ?? '?', webhook, why: '' })),
  kept: [],
  notes: [],
});

const order: readonly WebhookTarget[] = ['here', 'old-secret', 'wrong-secret', 'elsewhere'];
const faultsOf = (webhook: Webhook, place: Place): number =>
  order.indexOf(targetOf(webhook, place)) * 2 +
  (webhook.enabled ? 0 : 1) +
  (webhook.url === addressAt(place) ? 0 : 0.5);

function whyUpdate(webhook: Webhook, place: Place, shown: (url: string) => string): string {
  const reasons = [];
  if (!webhook.enabled) reasons.push(`it is disabled${webhook.reason ? ` (${webhook.reason})` : ''}`);
  const target = targetOf(webhook, place);
  if (target === 'elsewhere') reasons.push(`it goes to ${shown(webhook.url)} now`);
  else if (target === 'old-secret') reasons.push('it has an older secret');
  else if (target === 'wrong-secret') reasons.push('it has a secret that is not ours');
  else if (webhook.url !== addressAt(place)) reasons.push('it has the secret in another place of the address');
  return reasons.join(', ');
}

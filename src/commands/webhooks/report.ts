/** The output of the webhooks commands, without the secrets of addresses. */
import type { Webhook } from '../../tableau/rest/webhook-list.js';
import { isOurs, targetOf, type Change, type Place, type WebhookTarget } from './plan.js';

/** `https://pager.example.com/notifier/****`; of any other address only its origin, because all of it may be secret. */
export function shownAddress(address: string): string {
  if (!URL.canParse(address)) return address === '' ? 'no address' : 'an address that cannot be read';
  const { origin, pathname, search } = new URL(address);
  const notifier = /^(.*\/notifier)(?:\/|$)/.exec(pathname)?.[1];
  if (notifier === undefined) return `${origin}/****`;
  return `${origin}${notifier}${search === '' ? '/****' : '?****'}`;
}

const targetTexts: Record<WebhookTarget, string> = {
  here: 'here',
  'old-secret': 'here, by an older secret',
  'wrong-secret': 'here, but by a secret that is refused',
  elsewhere: 'elsewhere',
};

/** One webhook in JSON. */
export const webhookJson = (webhook: Webhook, place: Place) => ({
  id: webhook.id,
  name: webhook.name,
  event: webhook.event ?? null,
  enabled: webhook.enabled,
  statusChangeReason: webhook.reason === '' ? null : webhook.reason,
  address: shownAddress(webhook.url),
  ours: isOurs(webhook, place),
  points: targetOf(webhook, place),
});

/** Aligned columns; the last one is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, at) => Math.max(cell.length, widest[at] ?? 0)),
    [],
  );
  return rows
    .map((row) => `  ${row.map((cell, at) => cell.padEnd(at < row.length - 1 ? (widths[at] ?? 0) : 0)).join('  ')}`)
    .map((line) => line.trimEnd())
    .join('\n');
}

export const webhookTable = (webhooks: readonly Webhook[], place: Place): string =>
  table(
    webhooks.map((webhook) => [
      webhook.enabled ? 'enabled' : 'DISABLED',
      webhook.event ?? '?',
      targetTexts[targetOf(webhook, place)],
      shownAddress(webhook.url),
      `"${webhook.name}"${webhook.reason ? `: ${webhook.reason}` : ''}`,
    ]),
  );

export const changeTable = (changes: readonly Change[]): string =>
  table(changes.map(({ do: what, event, why }) => [what, event, why]));

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

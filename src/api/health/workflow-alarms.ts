/** The alarms of Temporal's workflows. Messages have codes and counts, never a name or a number: strangers see them. */
import type { Client } from '@temporalio/client';
import { countUndelivered, undelivered } from '../../temporal/batches.js';
import { withAllOverrides } from '../../policy/overrides.js';
import { canBePaged, type Escalation } from '../../policy/route.js';
import { readOverrides } from '../../temporal/on-call.js';
import {
  readFreshnessAlarms,
  readIncidentAlarms,
  readPagerAlarms,
  type IncidentAlarms,
} from '../../temporal/shown-alarms.js';
import type { FreshnessAlarmCode } from '../../workflows/freshness-contract.js';
import { channels, day, minute } from '../../workflows/contract.js';
import type { Alarm, Concerned, KnownAlarm } from './alarm.js';
import { countOpen } from '../incidents/visibility.js';
import { alarmsOfWebhooks } from './webhook-alarms.js';

const maxPagers = 1_000;
/** A burst of 1,000 is delivered by then on two cores. */
const stalledAfterMs = minute;
/** The newest: what happens now is in these, however many are open. */
const maxIncidents = 500;

/** The alarms of Temporal's workflows. Throws when Temporal does not answer. */
export async function alarmsOf(
  client: Client,
  indexed: boolean,
  escalation: Escalation,
  now: number,
): Promise<KnownAlarm[]> {
  const [unacknowledged, batches, incidents, pagers, freshness, webhooks] = await Promise.all([
    countOpen(client, 'unacknowledged', indexed),
    alarmsOfBatches(client, now),
    alarmsOfIncidents(client),
    alarmsOfPagers(client, escalation, now),
    readFreshnessAlarms(client),
    alarmsOfWebhooks(client, escalation, now),
  ]);
  const what = unacknowledged === 1 ? '1 incident is' : `${unacknowledged} incidents are`;
  const message = `${what} unacknowledged: nobody answered.`;
  return [
    ...(unacknowledged > 0 ? [{ code: 'incidents-unacknowledged', message }] : []),
    ...batches,
    ...incidents,
    ...pagers,
    ...freshness.map(({ code, since }) => ({ code, since, message: meaningsOfFreshness[code] })),
    ...webhooks,
  ];
}

const meaningsOfFreshness: Readonly<Record<FreshnessAlarmCode, string>> = {
  'tableau-sign-in': 'Tableau refuses our sign-in, so that nobody knows which data is late. The log says why.',
  'tableau-unreachable': 'Tableau has not answered for more than an hour, so that nobody knows which data is late.',
  'data-times-unknown':
    'Tableau shows neither by its Metadata API nor by its jobs when data was refreshed, so that nobody knows which data is late. ' +
    'The user that we sign in as must be a site administrator.',
  'webhooks-missing': 'Tableau has no webhook of ours for failed refreshes. The command "webhooks sync" makes it.',
  'webhooks-disabled':
    'Tableau has disabled a webhook of ours for failed refreshes. The command "webhooks sync" enables it.',
  'flows-refused':
    'Tableau does not show runs of flows, which the escalation file has watched: nobody is paged for them. The log says why.',
};

/** Events of bursts that have not reached their incident. */
async function alarmsOfBatches(client: Client, now: number): Promise<Alarm[]> {
  const [failed, stalledSince] = await Promise.all([
    countUndelivered(client, now - day),
    oldestBatch(client, now - stalledAfterMs),
  ]);
  const alarms: Alarm[] = [];
  if (stalledSince !== null) {
    const message =
      'Events of a burst have waited for more than a minute to reach their incidents. Is a worker running, and does it keep up?';
    alarms.push({ code: 'intake-stalled', message, since: stalledSince.toISOString() });
  }
  if (failed > 0) {
    const message =
      'Within the last 24 h events of a burst did not reach their incident: perhaps nobody was paged for them. The log names the incidents.';
    alarms.push({ code: 'event-undeliverable', message });
  }
  return alarms;
}

async function oldestBatch(client: Client, startedBy: number): Promise<Date | null> {
  let oldest: Date | null = null;
  for await (const { startTime } of undelivered(client, startedBy))
    if (oldest === null || startTime < oldest) oldest = startTime;
  return oldest;
}

async function alarmsOfIncidents(client: Client): Promise<KnownAlarm[]> {
  const { unreachable, labelsRefused } = await readIncidentAlarms(client, maxIncidents);
  return [...unreachablePagers(unreachable), ...refusedLabels(labelsRefused)];
}

function refusedLabels(refused: readonly string[]): Alarm[] {
  const [since] = refused.toSorted();
  if (since === undefined) return [];
  const message =
    'Tableau refuses labels of data sources: readers are not told, and people are paged as before. See docs/labels.md.';
  return [{ code: 'labels-refused', message, since }];
}

/** Pagers that incidents cannot signal, which cannot say so themselves. */
function unreachablePagers(found: IncidentAlarms['unreachable']): KnownAlarm[] {
  const [since] = found.map((one) => one.since).toSorted();
  if (since === undefined) return [];
  const message = 'Temporal does not let a pager be signalled: its contact is not paged. The log names the contact.';
  const concerns = [...new Set(found.map(({ contact }) => contact))].toSorted().map((contact) => ({ contact }));
  return [{ code: 'pager-unreachable', message, since, contacts: concerns.length, concerns }];
}

async function alarmsOfPagers(client: Client, file: Escalation, now: number): Promise<KnownAlarm[]> {
  const made = (await readOverrides(client)).filter(({ to }) => to > now);
  const escalation = withAllOverrides(file, made);
  const raised = new Map<string, { since: string; concerns: Concerned[] }>();
  for (const alarm of await readPagerAlarms(client, maxPagers)) {
    const { contact, channel, since } = alarm;
    // Which limit was reached is in the log: a stranger who tries to silence a contact must not see it.
    const code = isLimit(alarm.code) ? 'hourly-limit' : alarm.code;
    if (concernsPolicies(code) && !canBePaged(escalation, contact, channel)) continue;
    const known = raised.get(code);
    const concerns = [...(known?.concerns ?? []), { contact, ...(channel && { channel }) }];
    raised.set(code, { since: known && known.since < since ? known.since : since, concerns });
  }
  return [...raised]
    .map(([code, { since, concerns }]) => {
      const contacts = new Set(concerns.map(({ contact }) => contact)).size;
      return { code, message: meaningOf(code), since, contacts, concerns };
    })
    .toSorted((a, b) => a.since.localeCompare(b.since) || a.code.localeCompare(b.code));
}

const isLimit = (code: string): boolean => channels.some((channel) => code === `${channel}-limit`);

/** Nobody misses a contact that no policy pages by the channel. */
const concernsPolicies = (code: string): boolean => code === 'contact-stopped' || code === 'contact-refused';

const meanings: Readonly<Record<string, string>> = {
  'hourly-limit': 'A contact has reached an hourly limit: pages to them are held. The log names contact and limit.',
  'unknown-items':
    'More pages wait than may leave for items that Tableau does not have. Somebody else may have the secret of the webhooks: ' +
    'change it. Or the user that we sign in as may not see the items.',
  'contact-stopped':
    'A contact of an escalation policy has replied STOP and is not paged by that channel. Ask them to reply START, or page ' +
    'somebody else; the log names contact and channel.',
  'contact-refused':
    'Twilio refuses the number of a contact of an escalation policy. Correct it in the escalation file, or page by another ' +
    'channel; the log names contact, channel and code.',
  'twilio-no-address':
    'A contact has no address for the channel of a page: the escalation file has changed meanwhile. The log names both.',
  'twilio-no-sender': 'There is no sender for WhatsApp: the workers have no WHATSAPP_FROM.',
};

function meaningOf(code: string): string {
  const known = Object.hasOwn(meanings, code) ? meanings[code] : undefined;
  if (known !== undefined) return known;
  const [, word] = /^twilio-(.+)$/.exec(code) ?? [];
  if (word === undefined) return 'A pager has raised an alarm.';
  if (/^\d{5}$/.test(word))
    return `Twilio refuses messages or calls: see https://www.twilio.com/docs/api/errors/${word}.`;
  return `Twilio does not take messages or calls (${word}); they are tried again.`;
}

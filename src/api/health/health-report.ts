/** What the api knows of the health of the service: it has neither Tableau's nor Twilio's credentials, so that workers say most of it. */
import type { EscalationSource } from '../../policy/escalation-source.js';
import { addressOf, canBePaged, type Escalation } from '../../policy/route.js';
import { readPagerAlarms, type PagerAlarm } from '../../temporal/shown-alarms.js';
import { channels, type Channel } from '../../workflows/contract.js';
import type { TemplateState, WebhookState } from '../../workflows/background-contract.js';
import { whatToDo } from './advice.js';
import type { KnownAlarm } from './alarm.js';
import { cached } from '../cached.js';
import type { WorkersState } from './workers-state.js';
import type { TemporalGateway } from '../temporal-gateway.js';

/** How a contact is reached by a channel. */
export interface ChannelHealth {
  contact: string;
  channel: Channel;
  /** Whether a step of a policy, or the fallback, can page the contact by it. */
  isUsed: boolean;
  /** What is wrong; empty: nothing that is known. */
  problems: { code: string; since: string }[];
  /** False while Temporal does not answer: then nobody knows what is wrong. */
  isKnown: boolean;
}

/** A state in words for programs, and a sentence beside it. */
interface Said<State extends string> {
  state: State;
  text: string;
}

export interface HealthReport {
  version: string;
  temporal: Said<'reachable' | 'unavailable'>;
  workers: Said<'polling' | 'none' | 'unknown'>;
  webhooks: Said<WebhookState>;
  template: Said<TemplateState>;
  alarms: (KnownAlarm & { todo: string })[];
  channels: ChannelHealth[];
}

export interface HealthReportOptions {
  version: string;
  temporal: TemporalGateway;
  escalation: EscalationSource;
  alarms: () => Promise<KnownAlarm[]>;
  /** As a worker reads them. */
  template: () => Promise<TemplateState>;
  webhooks: () => Promise<WebhookState>;
  workers?: (() => WorkersState) | undefined;
  clock: () => number;
}

const maxPagers = 1_000;
/** A result of Temporal is reused for this long. */
const maxAgeMs = 3_000;

export function createHealthReport(options: HealthReportOptions): () => Promise<HealthReport> {
  const { version, temporal, escalation, alarms, template, webhooks, workers, clock } = options;
  // Where this fails the alarms say so.
  const read = cached(
    () =>
      temporal
        .request(temporal.timeouts.readyTimeoutMs, (client) => readPagerAlarms(client, maxPagers))
        .catch((): null => null),
    maxAgeMs,
    clock,
  );
  return async () => {
    const [found, pagers, approval, hooks] = await Promise.all([alarms(), read(), template(), webhooks()]);
    const has = (code: string | RegExp): boolean =>
      found.some((alarm) => (typeof code === 'string' ? alarm.code === code : code.test(alarm.code)));
    // That an alarm is missing means nothing while the alarms cannot be read.
    const isKnown = pagers !== null && !has('temporal-unavailable');
    return {
      version,
      temporal: ofTemporal(isKnown),
      workers: ofWorkers(isKnown, !has('no-workers'), workers?.()),
      webhooks: ofWebhooks(has, isKnown ? hooks : 'unknown'),
      template: ofTemplate(has(/^twilio-63\d{3}$/), isKnown ? approval : 'unknown'),
      alarms: found.map((alarm) => ({ ...alarm, todo: whatToDo(alarm.code) })),
      channels: channelsOf(escalation.current(), isKnown ? pagers : null),
    };
  };
}

const ofTemporal = (isReachable: boolean): HealthReport['temporal'] =>
  isReachable
    ? { state: 'reachable', text: 'Temporal answers.' }
    : { state: 'unavailable', text: 'Temporal does not answer: new events are refused until it does.' };

function ofWorkers(isKnown: boolean, poll: boolean, own: WorkersState | undefined): HealthReport['workers'] {
  if (own?.areStuck || own?.begun === false)
    return { state: 'none', text: 'The workers of this process have not begun, or hang.' };
  if (!isKnown) return { state: 'unknown', text: 'Temporal does not answer.' };
  return poll
    ? { state: 'polling', text: 'Workers poll for tasks.' }
    : { state: 'none', text: 'No worker polls for tasks.' };
}

function ofWebhooks(has: (code: string) => boolean, found: WebhookState): HealthReport['webhooks'] {
  // An alarm lasts until the next look that the escalation file wants.
  const state = has('webhooks-missing') ? 'missing' : has('webhooks-disabled') ? 'disabled' : found;
  return { state, text: textsOfWebhooks[state] };
}

const fix = 'The command "tableau-webhooks webhooks sync" corrects it.';
const textsOfWebhooks: Readonly<Record<WebhookState, string>> = {
  found: 'Tableau has them, and they are enabled.',
  missing: `Tableau shows our user no webhook of ours for workbooks, or for data sources. ${fix}`,
  disabled: `Tableau has disabled a webhook of ours. ${fix}`,
  unknown: 'No worker says what Tableau has. The command "tableau-webhooks webhooks list" shows them.',
};

const askTwilio = 'The command "tableau-webhooks whatsapp template --status" asks Twilio whether it is approved.';
const onlyLately = 'A page by WhatsApp arrives only within 24 h of the last message of its contact.';
const textsOfTemplate: Readonly<Record<TemplateState, string>> = {
  approved: 'WhatsApp has approved it, as Twilio says.',
  pending: `WhatsApp has not approved it yet. ${onlyLately}`,
  refused: `WhatsApp has rejected, paused or disabled it. ${onlyLately} ${askTwilio}`,
  missing: 'Twilio does not know WHATSAPP_CONTENT_SID of the workers: it is of another account, or was deleted.',
  unset: `The workers have no WHATSAPP_CONTENT_SID. ${onlyLately} The command "tableau-webhooks whatsapp template" makes one.`,
  unused: 'The workers have no WHATSAPP_FROM: nothing is sent by WhatsApp.',
  unknown: `No worker says whether it is approved. ${askTwilio}`,
};

const ofTemplate = (isRefused: boolean, approval: TemplateState): HealthReport['template'] =>
  isRefused
    ? { state: 'refused', text: `Twilio refuses WhatsApp messages: see the alarm. ${textsOfTemplate[approval]}` }
    : { state: approval, text: textsOfTemplate[approval] };

/** What is wrong with one channel of one contact. */
const ofChannel = /^(contact-stopped|contact-refused|(whatsapp|sms|call)-limit)$/;

/** @param alarms null: they could not be read */
function channelsOf(escalation: Escalation, alarms: readonly PagerAlarm[] | null): ChannelHealth[] {
  return Object.keys(escalation.contacts).flatMap((contact) =>
    channels
      .filter((channel) => addressOf(escalation, contact, channel) !== undefined)
      .map((channel) => ({
        contact,
        channel,
        isUsed: canBePaged(escalation, contact, channel),
        isKnown: alarms !== null,
        problems: (alarms ?? [])
          .filter((alarm) => alarm.contact === contact && alarm.channel === channel && ofChannel.test(alarm.code))
          .map(({ code, since }) => ({ code, since })),
      })),
  );
}

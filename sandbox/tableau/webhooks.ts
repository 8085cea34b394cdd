/** Management of webhooks: https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_webhooks.htm */
import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Deliverer } from './delivery.js';
import { badRequest, isTableauError, tableauError, type TableauError } from './errors.js';
import { eventNames, eventOfSource } from './event-names.js';
import { listOf, webhookResource } from './resources.js';
import type { Ports, TableauState, User, Webhook } from './world.js';

const Body = Type.Object({
  webhook: Type.Object({
    name: Type.Optional(Type.String()),
    event: Type.Optional(Type.String()),
    isEnabled: Type.Optional(Type.Union([Type.Boolean(), Type.Literal('true'), Type.Literal('false')])),
    statusChangeReason: Type.Optional(Type.String()),
    'webhook-source': Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    'webhook-destination': Type.Optional(
      Type.Object({
        'webhook-destination-http': Type.Object({ method: Type.Optional(Type.String()), url: Type.String() }),
      }),
    ),
  }),
});

type Json = Record<string, unknown>;
interface Wanted {
  name?: string;
  event?: string;
  url?: string;
  isEnabled?: boolean;
  statusChangeReason?: string;
}

export interface Webhooks {
  /** `minor` is the y of REST API 3.y: the `event` attribute is known since 3.9. */
  create: (body: unknown, minor: number, owner: User) => { luid: string; body: Json } | TableauError;
  update: (luid: string, body: unknown, minor: number, owner: User) => Json | TableauError;
  get: (luid: string, owner: User) => Json | TableauError;
  list: (owner: User) => Json;
  remove: (luid: string) => TableauError | null;
  test: (luid: string) => Promise<Json | TableauError>;
  /** As `create`, for the control API. */
  add: (webhook: { name: string; event: string; url: string }) => Webhook | TableauError;
}

const missing = tableauError('400113', 'Bad Request', 'The webhook does not exist.');
const reasonOfEnabled = tableauError('400127', 'Bad Request', 'An enabled webhook has no statusChangeReason.');

/** Tableau accepts https only. Here http is allowed on loopback, for tests and the demo. */
const isDestination = (url: string): boolean => {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && loopback);
};

const wantedIn = (body: unknown, minor: number): Wanted | TableauError => {
  if (!Value.Check(Body, body)) return badRequest('The request has no readable webhook element.');
  const { webhook } = body;
  const source = Object.keys(webhook['webhook-source'] ?? {})[0];
  const fromSource = source === undefined ? undefined : eventOfSource(source);
  if (fromSource === null) return badRequest(`Unknown webhook-source ${source}.`);
  if (webhook.event !== undefined && minor < 9) return badRequest('The event attribute needs API 3.9 or later.');
  if (webhook.event !== undefined && fromSource !== undefined && webhook.event !== fromSource)
    return badRequest('event and webhook-source do not agree.');
  const event = webhook.event ?? fromSource;
  if (event !== undefined && !eventNames.includes(event)) return badRequest(`Unknown event ${event}.`);
  const url = webhook['webhook-destination']?.['webhook-destination-http'].url;
  if (url !== undefined && !isDestination(url)) return badRequest('The destination must be an https address.');
  const isEnabled = webhook.isEnabled === undefined ? undefined : String(webhook.isEnabled) === 'true';
  if (isEnabled === true && webhook.statusChangeReason !== undefined) return reasonOfEnabled;
  return {
    ...(webhook.name === undefined ? {} : { name: webhook.name }),
    ...(event === undefined ? {} : { event }),
    ...(url === undefined ? {} : { url }),
    ...(isEnabled === undefined ? {} : { isEnabled }),
    ...(webhook.statusChangeReason === undefined ? {} : { statusChangeReason: webhook.statusChangeReason }),
  };
};

export const createWebhooks = (state: TableauState, ports: Ports, deliverer: Deliverer): Webhooks => {
  const add = ({ name, event, url, isEnabled = true }: Wanted): Webhook | TableauError => {
    if (name === undefined || event === undefined || url === undefined)
      return badRequest('A webhook needs a name, an event and a destination.');
    if (!eventNames.includes(event)) return badRequest(`Unknown event ${event}.`);
    if (!isDestination(url)) return badRequest('The destination must be an https address.');
    const webhook: Webhook = { luid: randomUUID(), name, event, url, isEnabled, statusChangeReason: '' };
    state.webhooks.set(webhook.luid, webhook);
    ports.changed();
    return webhook;
  };

  return {
    add,
    create: (body, minor, owner) => {
      const wanted = wantedIn(body, minor);
      if (isTableauError(wanted)) return wanted;
      const webhook = add(wanted);
      return isTableauError(webhook)
        ? webhook
        : { luid: webhook.luid, body: { webhook: webhookResource(webhook, owner) } };
    },
    update: (luid, body, minor, owner) => {
      const webhook = state.webhooks.get(luid);
      if (!webhook) return missing;
      const wanted = wantedIn(body, minor);
      if (isTableauError(wanted)) return wanted;
      if (wanted.isEnabled === false) webhook.statusChangeReason = 'Webhook disabled by user';
      if (wanted.isEnabled === true) webhook.statusChangeReason = '';
      Object.assign(webhook, wanted);
      return { webhook: webhookResource(webhook, owner) };
    },
    get: (luid, owner) => {
      const webhook = state.webhooks.get(luid);
      return webhook ? { webhook: webhookResource(webhook, owner) } : missing;
    },
    list: (owner) =>
      listOf(
        'webhooks',
        'webhook',
        [...state.webhooks.values()].map((webhook) => webhookResource(webhook, owner)),
      ),
    remove: (luid) => {
      const known = state.webhooks.delete(luid);
      ports.changed();
      return known ? null : missing;
    },
    test: async (luid) => {
      const webhook = state.webhooks.get(luid);
      if (!webhook) return missing;
      // Tableau's documentation: "sends an empty payload".
      const answer = await deliverer.post(webhook.url, '');
      return {
        webhookTestResult: {
          id: luid,
          status: String(answer?.status ?? 504),
          body: answer?.body ?? 'No answer in time',
        },
      };
    },
  };
};

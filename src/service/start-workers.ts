/** The worker role: Tableau's and Twilio's clients, the activities over them, and the workers that run both with the workflows. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createActivities } from '../activities/index.js';
import { createPace } from '../activities/pace.js';
import { createMayBeAnswered } from '../activities/pending-answers.js';
import type { TableauSettings, TwilioSettings } from '../config/parts.js';
import type { EscalationSource } from '../policy/escalation-source.js';
import { createLinks, longestAddress } from '../links/links.js';
import { newestAddressOf } from '../policy/newest-address.js';
import { quietHoursAt } from '../policy/quiet-hours.js';
import { createTableauClient } from '../tableau/rest/client.js';
import type { Temporal } from '../temporal/connection.js';
import { isRunning } from '../temporal/incidents.js';
import { makeOverride, makeSilence, readOverrides, readSilences, within } from '../temporal/on-call.js';
import { createPost } from '../outgoing/post.js';
import type { WebhookVariables } from '../policy/webhooks.js';
import { signalChanges } from '../temporal/webhooks.js';
import { createTwilioClient } from '../twilio/client.js';
import { followFreshness } from './follow-freshness.js';
import { followWebhooks } from './follow-webhooks.js';
import { superviseWorkers, type SupervisedWorkers } from './supervise-workers.js';
import { installRuntime } from './workers.js';

export interface StartWorkersOptions {
  temporal: Temporal;
  config: { publicUrl: string; linkSecret?: string; webhookVariables?: WebhookVariables };
  tableau: TableauSettings;
  twilio: TwilioSettings;
  escalation: EscalationSource;
  logger: Logger;
}

/** Signing out is a courtesy: Tableau ends a session by itself, too. */
const signOutTimeoutMs = 500;
/** A page waits for this. */
const onCallTimeoutMs = 1_000;
/** Another workflow has to take it. */
const makeTimeoutMs = 5_000;

/** Adds to `closers` what stops the workers and signs out of Tableau. */
export function startWorkers(
  {
    temporal,
    config: { publicUrl, linkSecret, webhookVariables: variables = {} },
    tableau,
    twilio,
    escalation,
    logger,
  }: StartWorkersOptions,
  closers: (() => Promise<void>)[],
): SupervisedWorkers {
  installRuntime(logger);
  const links = createLinks(linkSecret, publicUrl);
  if (links === null) logger.info(withoutLinks(linkSecret));
  const tableauClient = createTableauClient(tableau, { logger });
  const activities = createActivities({
    freshness: { escalation, publicUrl },
    intake: { client: temporal.client, pace: createPace(), publicUrl, logger },
    onCall: {
      escalation,
      overrides: () => within(temporal.client, onCallTimeoutMs, readOverrides),
      makeOverride: (request) => within(temporal.client, makeTimeoutMs, (client) => makeOverride(client, request)),
      makeSilence: (request) => within(temporal.client, makeTimeoutMs, (client) => makeSilence(client, request)),
      logger,
    },
    silences: {
      silences: () => within(temporal.client, onCallTimeoutMs, readSilences),
      siteName: tableau.siteName || 'default',
      logger,
    },
    routing: { escalation, siteName: tableau.siteName },
    paging: {
      client: temporal.client,
      settings: () => ({ ...escalation.current().settings, linkLength: links?.length ?? 0 }),
      quietHours: (contact) => quietHoursAt(escalation.current(), contact, Date.now()),
    },
    tableau: { tableau: tableauClient, logger },
    labels: {
      labels: () => escalation.current().labels,
      isRunning: (incident) => within(temporal.client, makeTimeoutMs, (client) => isRunning(client, incident)),
    },
    twilio: {
      twilio: createTwilioClient(twilio),
      config: twilio,
      address: (contact, channel) => newestAddressOf(escalation, contact, channel),
      publicUrl,
      links,
      logger,
      mayBeAnswered: createMayBeAnswered(temporal.client),
    },
    webhooks: {
      escalation,
      variables,
      publicUrl,
      signal: (endpoint, signal) =>
        within(temporal.client, makeTimeoutMs, (client) => signalChanges(client, endpoint, signal)),
      post: createPost(),
    },
  });
  closers.push(() => Promise.race([tableauClient.signOut(), sleep(signOutTimeoutMs)]));
  const following = followFreshness({ client: temporal.client, escalation, siteName: tableau.siteName, logger });
  const webhooks = followWebhooks({ client: temporal.client, escalation, variables, logger });
  closers.push(async () => {
    following.close();
    webhooks.close();
  });
  const supervised = superviseWorkers(temporal, activities, logger);
  closers.push(supervised.stop);
  return supervised;
}

const withoutLinks = (secret: string | undefined): string =>
  secret === undefined
    ? 'pages have no links: this worker has neither LINK_SECRET nor API_TOKEN'
    : `pages have no links: PUBLIC_URL has more than ${longestAddress} characters`;

/** The api on Temporal's time-skipping test server and its workers, with the sandbox as Tableau and Twilio over real HTTP. */
import assert from 'node:assert/strict';
import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { pino } from 'pino';
import { createActivities } from '../../src/activities/index.js';
import { createPace } from '../../src/activities/pace.js';
import { createMayBeAnswered } from '../../src/activities/pending-answers.js';
import { createPost } from '../../src/outgoing/post.js';
import { signalChanges } from '../../src/temporal/webhooks.js';
import { createTableauClient } from '../../src/tableau/rest/client.js';
import { createTwilioClient } from '../../src/twilio/client.js';
import { buildApp } from '../../src/api/app.js';
import { fixedEscalation } from '../../src/policy/escalation-source.js';
import { quietHoursAt } from '../../src/policy/quiet-hours.js';
import { addressOf, type Escalation } from '../../src/policy/route.js';
import { isRunning } from '../../src/temporal/incidents.js';
import { readIncident } from '../../src/temporal/read-incident.js';
import { makeOverride, makeSilence, readOverrides, readSilences, within } from '../../src/temporal/on-call.js';
import type { Schedule } from '../../src/policy/on-call.js';
import type { PanelItem } from '../../sandbox/panel.js';
import { createSandbox, type Sandbox } from '../../sandbox/sandbox.js';
import type { PagerMessage } from '../../src/workflows/activity-contract.js';
import { incidentWorkflowId, type Policy } from '../../src/workflows/contract.js';
import { webhookWorkflowId } from '../../src/workflows/webhook-contract.js';
import { onCallWorkflowId } from '../../src/workflows/on-call-contract.js';
import type { IncidentView } from '../../src/workflows/view-contract.js';
import { freePort } from './free-port.js';
import { phoneOf, type TestPhone } from './phone.js';
import {
  apiToken,
  defaultPolicy,
  escalationFor,
  numbers,
  ours,
  twilioAccount,
  webhookSecret,
} from './service-settings.js';
import { ClockLockedError, skipTime } from './skip-time.js';
import { discardTemporal, sharedTemporal } from './time-skipping-temporal.js';
import { lostTask } from './lost-task.js';
import { untilQuiet } from './until-quiet.js';

const logger = pino({ level: process.env['TEST_LOG'] ?? 'silent' });

export interface TimeSkippingService {
  sandbox: Sandbox;
  client: Client;
  ana: TestPhone;
  lead: TestPhone;
  /** The numbers of the phones by the keys of the contacts. */
  phones: ReadonlyMap<string, string>;
  /** Adds a workbook and returns the id of its incident. The rerun of a `flaky` one succeeds. */
  item: (name: string, next?: 'broken' | 'flaky', project?: string, owner?: string) => { item: PanelItem; id: string };
  /** Tableau sends the webhook of a failed refresh; returns the statuses of the responses. */
  fails: (item: PanelItem, createdAt?: number) => Promise<(number | null)[]>;
  recovers: (item: PanelItem, createdAt?: number) => Promise<(number | null)[]>;
  /** A status callback for a message or a call. */
  receipt: (sid: string, status: string, errorCode?: number) => Promise<void>;
  /** Moves time on by these milliseconds, and waits for nothing else. */
  skip: (ms: number) => Promise<void>;
  /** Nothing happens to the incident any more: `quiet` does not wait for it. */
  isOver: (id: string) => void;
  /** Moves time on by these milliseconds (and a second, so that what is due then has happened), then waits as `quiet`. */
  later: (ms: number) => Promise<void>;
  /** Waits until no workflow has a pending workflow task or activity. */
  quiet: (timeoutMs?: number) => Promise<void>;
  now: () => number;
  incident: (id: string) => Promise<IncidentView>;
  post: (path: string, body?: object) => Promise<{ status: number; body: unknown }>;
  /** Asserts that no message or call arrived that the test did not expect. */
  nothingElse: () => Promise<void>;
  workflows: () => string[];
  close: () => Promise<void>;
}

export interface ServiceOptions {
  /** The only policy; there is a usual one. */
  policy?: Policy | undefined;
  /** In place of the usual escalation and its policy. */
  escalation?: Escalation;
  /** Runs before an incident signals pagers; the activity fails with what it throws. */
  beforeSignalling?: (messages: PagerMessage[]) => void;
  /** Replaces the bundling window of a minute. */
  windowMs?: number;
  /** Failures after the first go to their incidents in batches. These are delivered in real time. */
  batched?: boolean;
  /** Made when the service starts: `now` is the time of its server. */
  schedules?: ((now: number) => Record<string, Schedule>) | undefined;
  /** The quiet hours of ana, in minutes since midnight, UTC: made when the service starts. */
  quietHours?: ((now: number) => { from: number; to: number }) | undefined;
  /** Other routes than one for all failures, and the policies that they name besides `policy`. */
  routes?: Pick<Escalation, 'routes' | 'policies'> | undefined;
  /** Who of the contacts owns what in Tableau, and who is paged in place of an owner who is none of them. */
  owners?: Required<Pick<Escalation, 'owners' | 'fallback'>> | undefined;
  /** Made when the sandbox has its address. */
  webhooks?: ((outside: string) => NonNullable<Escalation['webhooks']>) | undefined;
  /**
   * Begins on a new server, whose time is the present one. That of the shared server is ahead of the sandbox's, which matters where
   * the sandbox is asked for what it has from a time on.
   */
  ownTemporal?: boolean;
}

const unlimited = { burst: Number.MAX_SAFE_INTEGER, perSecond: 1 };
const oneAlone = { burst: 1, perSecond: 0 };

/** Plays on a service of its own. Where its server fails, all of it begins again on a new one. */
export async function onTimeSkippingService(
  options: ServiceOptions,
  play: (service: TimeSkippingService) => Promise<void>,
  tries = 3,
): Promise<void> {
  const service = await startTimeSkippingService(options);
  try {
    await play(service);
    return;
  } catch (error) {
    const fault = error instanceof ClockLockedError ? error.message : await lostTask(service);
    if (fault === null || tries === 1) throw error;
    process.stderr.write(`${fault} The test begins again.\n`);
  } finally {
    await service.close();
  }
  await discardTemporal();
  await onTimeSkippingService(options, play, tries - 1);
}

export async function startTimeSkippingService({
  policy = defaultPolicy,
  escalation: given,
  beforeSignalling,
  windowMs,
  batched = false,
  schedules,
  quietHours,
  routes,
  owners,
  webhooks,
  ownTemporal = false,
}: ServiceOptions = {}): Promise<TimeSkippingService> {
  if (ownTemporal) await discardTemporal();
  const closers: (() => Promise<unknown>)[] = [];
  const temporal = await sharedTemporal();
  const { environment, client } = temporal;
  let ahead = 0;
  const readClock = async (): Promise<void> => {
    ahead = (await environment.currentTimeMs()) - Date.now();
  };
  await readClock();
  const now = (): number => Date.now() + ahead;

  const sandbox = createSandbox({
    ...twilioAccount,
    pat: { name: 'tests', secret: 'secret' },
    receipts: 'on-command',
    settings: { ringingAfterMs: 1, ringForMs: null, voiceWaitMs: 0, refreshWaitsMs: 10, refreshRunsMs: 50 },
  });
  const outside = await sandbox.listen();
  closers.push(() => sandbox.close());

  const escalation = given ?? escalationFor(policy);
  if (windowMs !== undefined) escalation.settings = { ...escalation.settings, windowMs };
  if (routes) Object.assign(escalation, { ...routes, policies: { ...escalation.policies, ...routes.policies } });
  if (schedules) escalation.schedules = schedules(now());
  if (owners) Object.assign(escalation, owners);
  if (webhooks) escalation.webhooks = webhooks(outside);
  if (quietHours)
    escalation.contacts = { ...escalation.contacts, ana: { ...escalation.contacts['ana'], quiet: quietHours(now()) } };
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const app = await buildApp({
    client,
    config: {
      publicUrl,
      apiToken,
      webhookSecrets: [webhookSecret],
      twilio: { ...twilioAccount, authTokens: [twilioAccount.authToken] },
    },
    escalation: fixedEscalation(escalation),
    searchAttributes: () => Promise.resolve(false),
    directSignals: { failures: batched ? oneAlone : unlimited, successes: unlimited },
    // On a busy machine a webhook that was answered 503 would come late, in virtual time too.
    temporalTimeouts: { webhookTimeoutMs: 30_000 },
    logger,
    clock: now,
  });
  await app.listen({ port, host: '127.0.0.1' });
  closers.push(() => app.close());
  sandbox.subscribe(`${publicUrl}/notifier/${webhookSecret}`, [
    'WorkbookRefreshFailed',
    'WorkbookRefreshSucceeded',
    'WorkbookDeleted',
  ]);
  sandbox.setNumber(ours.phone, `${publicUrl}/twilio/message#rc=3&rp=ct,rt,5xx`);
  sandbox.setNumber(`whatsapp:${ours.whatsapp}`, `${publicUrl}/twilio/message#rc=3&rp=ct,rt,5xx`);

  const twilioConfig = {
    accountSid: twilioAccount.accountSid,
    authTokens: [twilioAccount.authToken] as [string],
    from: ours.phone,
    whatsappFrom: ours.whatsapp,
    apiBaseUrl: outside,
  };
  const tableau = createTableauClient(
    {
      domain: outside,
      siteName: '',
      apiVersion: '3.21',
      sessionMinutes: 100,
      signIn: { kind: 'pat', name: 'tests', secret: 'secret' },
    },
    { logger },
  );
  const others = new Set(Object.keys(escalation.webhooks ?? {}).map(webhookWorkflowId));
  const activities = createActivities({
    freshness: {
      escalation: fixedEscalation(escalation),
      publicUrl: outside,
      clock: () => activityInfo().currentAttemptScheduledTimestampMs,
    },
    intake: { client, pace: createPace(), publicUrl: outside, logger },
    onCall: {
      escalation: fixedEscalation(escalation),
      overrides: () => within(client, 10_000, readOverrides),
      makeOverride: (request) => {
        others.add(onCallWorkflowId);
        return within(client, 10_000, (one) => makeOverride(one, request));
      },
      makeSilence: (request) => {
        others.add(onCallWorkflowId);
        return within(client, 10_000, (one) => makeSilence(one, request));
      },
      logger,
      // `now` knows the time of the server before it was skipped.
      clock: () => activityInfo().currentAttemptScheduledTimestampMs,
    },
    routing: { escalation: fixedEscalation(escalation), siteName: '' },
    silences: {
      silences: () => within(client, 10_000, readSilences),
      siteName: '',
      logger,
      maxAgeMs: 0,
      clock: () => activityInfo().currentAttemptScheduledTimestampMs,
    },
    labels: { labels: () => escalation.labels, isRunning: (id) => isRunning(client, id) },
    paging: {
      client,
      settings: () => escalation.settings,
      quietHours: (contact) => quietHoursAt(escalation, contact, activityInfo().currentAttemptScheduledTimestampMs),
    },
    tableau: { tableau, logger },
    twilio: {
      twilio: createTwilioClient(twilioConfig),
      config: twilioConfig,
      address: async (contact, channel) => addressOf(escalation, contact, channel),
      publicUrl,
      logger,
      mayBeAnswered: createMayBeAnswered(client),
      // The pause before Twilio's list is read would last in real time.
      sleep: () => Promise.resolve(),
    },
    webhooks: {
      escalation: fixedEscalation(escalation),
      variables: {},
      publicUrl,
      signal: (endpoint, signal) => within(client, 10_000, (one) => signalChanges(one, endpoint, signal)),
      post: createPost(),
    },
  });
  const { incidents: paging } = activities;
  activities.incidents = {
    ...paging,
    async signalPagers(input) {
      beforeSignalling?.(input.messages);
      return paging.signalPagers(input);
    },
  };
  const batches = new Set<string>();
  const { intake } = activities;
  activities.intake = {
    deliver(input) {
      batches.add(activityInfo().workflowExecution?.workflowId ?? '');
      // The test server has none, and breaks the workflow that is started with some.
      return intake.deliver({ ...input, searchAttributes: false });
    },
  };

  await temporal.use(activities);

  const incidents: string[] = [];
  const over = new Set<string>();
  const conditions = new Map<string, 'broken' | 'flaky'>();
  const workflows = (): string[] => [
    ...incidents.filter((id) => !over.has(id)).map(incidentWorkflowId),
    ...Object.keys(escalation.contacts).map((contact) => `pager:${contact}`),
    ...batches,
    ...others,
  ];
  closers.push(() => temporal.terminate(workflows()));
  const quiet = (timeoutMs?: number) => untilQuiet(client, workflows(), timeoutMs);
  const statuses = (deliveries: { status: number | null }[]): (number | null)[] =>
    deliveries.map(({ status }) => status);
  const found = (item: PanelItem) => {
    const known = sandbox.panel.find(item.luid);
    assert.ok(known);
    return known;
  };
  const eventTimes = new Map<string, number>();
  /** Tableau has whole seconds: of two events of an item in the same second nobody knows which came first. */
  const eventTime = (luid: string): number => {
    const at = Math.max(now(), (eventTimes.get(luid) ?? 0) + 1_000);
    eventTimes.set(luid, at);
    return at;
  };
  const ana = phoneOf(sandbox, numbers.ana);
  const lead = phoneOf(sandbox, numbers.lead);

  return {
    sandbox,
    client,
    ana,
    lead,
    phones: new Map(
      Object.entries(escalation.contacts).flatMap(([key, { phone }]) => (phone === undefined ? [] : [[key, phone]])),
    ),
    item(name, next = 'broken', project = 'Finance', owner = 'Olga Owner') {
      const item = sandbox.panel.add({ kind: 'workbook', name, project, owner });
      const id = `refresh:${sandbox.siteLuid}:${item.luid}`;
      incidents.push(id);
      conditions.set(item.luid, next);
      return { item, id };
    },
    async fails(item, createdAt = eventTime(item.luid)) {
      over.delete(`refresh:${sandbox.siteLuid}:${item.luid}`);
      return statuses(
        (
          await sandbox.panel.fail(found(item), {
            createdAt,
            wait: true,
            condition: conditions.get(item.luid) ?? 'broken',
          })
        ).deliveries,
      );
    },
    async recovers(item, createdAt = eventTime(item.luid)) {
      return statuses((await sandbox.panel.recover(found(item), { createdAt, wait: true })).deliveries);
    },
    async receipt(sid, status, errorCode) {
      const answer = await sandbox.phones.receipt(sid, status, errorCode);
      assert.ok('status' in answer && !('refused' in answer), JSON.stringify(answer));
    },
    async skip(ms) {
      await skipTime(environment, ms);
      await readClock();
    },
    isOver: (id) => void over.add(id),
    async later(ms) {
      await quiet();
      await skipTime(environment, ms + 1_000);
      await readClock();
      await quiet();
    },
    quiet,
    now,
    async incident(id) {
      const view = await readIncident(client, id);
      assert.ok(view, id);
      return view;
    },
    async post(where, body) {
      if (/^\/(schedules\/|silences)/.test(where)) others.add(onCallWorkflowId);
      const response = await fetch(`${publicUrl}${where}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiToken}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      return { status: response.status, body: await response.json() };
    },
    async nothingElse() {
      await quiet();
      assert.deepEqual({ ana: ana.unexpected(), lead: lead.unexpected() }, { ana: [], lead: [] });
    },
    workflows,
    async close() {
      for (const close of closers.toReversed()) await close();
    },
  };
}

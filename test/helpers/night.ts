/** The whole house on a clock that a test can move: real server, real workers, real HTTP between us and the sandbox. */
import assert from 'node:assert/strict';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { createActivities } from '../../src/activities/index.js';
import { createMayBeAnswered } from '../../src/activities/pending-answers.js';
import { createTableauClient } from '../../src/tableau/client.js';
import { createTwilioClient } from '../../src/twilio/client.js';
import { buildApp } from '../../src/api/app.js';
import { addressOf, type Escalation } from '../../src/policy/route.js';
import type { PanelItem } from '../../sandbox/panel.js';
import { createSandbox, type Sandbox } from '../../sandbox/sandbox.js';
import { findBinary } from '../../src/temporal/binaries.js';
import { temporalLogger } from '../../src/service/logger.js';
import { loadWorkflowBundle } from '../../src/service/workflow-bundle.js';
import { createWorkers, runWorkers } from '../../src/service/workers.js';
import type { PagerMessage } from '../../src/workflows/activity-contract.js';
import { incidentWorkflowId, type IncidentView, type Policy } from '../../src/workflows/contract.js';
import { viewQuery } from '../../src/workflows/messages.js';
import { hour, minute } from '../../src/workflows/contract.js';
import { freePort } from './free-port.js';
import { phoneOf, type TestPhone } from './phone.js';
import { until } from './until.js';

export const ours = { whatsapp: '+15550009999', phone: '+15550008888' };
export const twilioAccount = { accountSid: `AC${'a'.repeat(32)}`, authToken: 'b'.repeat(32) };
export const numbers = { ana: '+15550100001', lead: '+15550100002' };
export const apiToken = 'api-token-for-tests-only';
export const webhookSecret = 'webhook-secret-for-tests';

export const defaultPolicy: Policy = {
  name: 'default',
  steps: [
    { page: ['ana'], by: 'whatsapp', waitMs: 5 * minute },
    { page: ['ana'], by: 'sms', waitMs: 5 * minute },
    { page: ['ana', 'lead'], by: 'call', waitMs: 5 * minute },
  ],
  repeat: 1,
  remindMs: 4 * hour,
};

export const escalationFor = (policy: Policy): Escalation => ({
  contacts: { ana: { whatsapp: numbers.ana, phone: numbers.ana }, lead: { phone: numbers.lead } },
  policies: { [policy.name]: policy },
  routes: [{ events: ['*RefreshFailed'], policy: policy.name }],
  settings: {
    windowMs: minute,
    callWindowMs: 3 * minute,
    lingerMs: hour,
    forgetMs: 7 * 24 * hour,
    messagesPerHour: 20,
    callsPerHour: 6,
  },
});

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } },
});
const logger = pino({ level: process.env['TEST_LOG'] ?? 'silent' });
let bundle: ReturnType<typeof loadWorkflowBundle> | undefined;

export interface Night {
  sandbox: Sandbox;
  client: TestWorkflowEnvironment['client'];
  ana: TestPhone;
  lead: TestPhone;
  /** Adds a workbook and gives the id of its incident. A `flaky` one works when it is run again. */
  item: (name: string, next?: 'broken' | 'flaky') => { item: PanelItem; id: string };
  /** Tableau says that the refresh failed; gives the statuses of our answers. */
  fails: (item: PanelItem, createdAt?: number) => Promise<(number | null)[]>;
  recovers: (item: PanelItem, createdAt?: number) => Promise<(number | null)[]>;
  /** A status callback for a message or a call. */
  receipt: (sid: string, status: string, errorCode?: number) => Promise<void>;
  /** Moves time on by these milliseconds (and a second, so that what is due then has happened) and waits for quiet. */
  later: (ms: number) => Promise<void>;
  /** Until nothing is under way. */
  quiet: () => Promise<void>;
  now: () => number;
  incident: (id: string) => Promise<IncidentView>;
  post: (path: string, body?: object) => Promise<{ status: number; body: unknown }>;
  /** Nothing came that the test did not expect. */
  nothingElse: () => Promise<void>;
  workflows: () => string[];
  close: () => Promise<void>;
}

export interface NightOptions {
  /** Happens before an incident's messages are handed to pagers; what it throws is a failure of that. */
  beforeSignalling?: (messages: PagerMessage[]) => void;
}

export async function openNight(
  policy: Policy = defaultPolicy,
  { beforeSignalling }: NightOptions = {},
): Promise<Night> {
  const closers: (() => Promise<unknown>)[] = [];
  const path = await findBinary('temporal-test-server', process.env);
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  closers.push(() => environment.teardown());
  const { client } = environment;
  let ahead = 0;
  const now = (): number => Date.now() + ahead;

  const sandbox = createSandbox({
    ...twilioAccount,
    pat: { name: 'night', secret: 'secret' },
    receipts: 'on-command',
    settings: { ringingAfterMs: 1, ringForMs: null, voiceWaitMs: 0, refreshWaitsMs: 10, refreshRunsMs: 50 },
  });
  const outside = await sandbox.listen();
  closers.push(() => sandbox.close());

  const escalation = escalationFor(policy);
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const app = await buildApp({
    client,
    config: { publicUrl, apiToken, webhookSecrets: [webhookSecret], twilio: { authTokens: [twilioAccount.authToken] } },
    escalation,
    searchAttributes: () => Promise.resolve(false),
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
      signIn: { kind: 'pat', name: 'night', secret: 'secret' },
    },
    { logger },
  );
  const activities = createActivities({
    paging: { client, settings: escalation.settings },
    tableau: { tableau, logger },
    twilio: {
      twilio: createTwilioClient(twilioConfig),
      config: twilioConfig,
      address: (contact, channel) => addressOf(escalation, contact, channel),
      publicUrl,
      logger,
      mayBeAnswered: createMayBeAnswered(client),
      // Twilio's list is waited for on a clock that no test moves.
      sleep: () => Promise.resolve(),
    },
  });
  const { incidents: paging } = activities;
  activities.incidents = {
    async signalPagers(input) {
      beforeSignalling?.(input.messages);
      await paging.signalPagers(input);
    },
  };
  bundle ??= loadWorkflowBundle(temporalLogger(logger));
  const workers = await createWorkers({
    connection: environment.nativeConnection,
    namespace: environment.namespace ?? 'default',
    activities,
    workflowBundle: await bundle,
    shutdownGraceMs: 1_000,
  });
  const running = runWorkers(workers);
  closers.push(() => running.stop());

  const incidents: string[] = [];
  const conditions = new Map<string, 'broken' | 'flaky'>();
  const workflows = (): string[] => [...incidents.map(incidentWorkflowId), 'pager:ana', 'pager:lead'];
  const isQuiet = async (): Promise<boolean> => {
    for (const workflowId of workflows()) {
      const description = await client.workflow
        .getHandle(workflowId)
        .describe()
        .catch(() => null);
      if (description?.raw.pendingWorkflowTask) return false;
      if ((description?.raw.pendingActivities?.length ?? 0) > 0) return false;
    }
    return true;
  };
  const quiet = async (): Promise<void> => {
    let turns = 0;
    await until('quiet', async () => {
      turns = (await isQuiet()) ? turns + 1 : 0;
      return turns >= 3;
    });
  };
  const statuses = (deliveries: { status: number | null }[]): (number | null)[] =>
    deliveries.map(({ status }) => status);
  const found = (item: PanelItem) => {
    const known = sandbox.panel.find(item.luid);
    assert.ok(known);
    return known;
  };
  const ana = phoneOf(sandbox, numbers.ana);
  const lead = phoneOf(sandbox, numbers.lead);

  return {
    sandbox,
    client,
    ana,
    lead,
    item(name, next = 'broken') {
      const item = sandbox.panel.add({ kind: 'workbook', name, project: 'Finance', owner: 'Olga Owner' });
      const id = `refresh:${sandbox.siteLuid}:${item.luid}`;
      incidents.push(id);
      conditions.set(item.luid, next);
      return { item, id };
    },
    async fails(item, createdAt = now()) {
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
    async recovers(item, createdAt = now()) {
      return statuses((await sandbox.panel.recover(found(item), { createdAt, wait: true })).deliveries);
    },
    async receipt(sid, status, errorCode) {
      const answer = await sandbox.phones.receipt(sid, status, errorCode);
      assert.ok('status' in answer && !('refused' in answer), JSON.stringify(answer));
    },
    async later(ms) {
      await quiet();
      await environment.sleep(ms + 1_000);
      ahead = (await environment.currentTimeMs()) - Date.now();
      await quiet();
    },
    quiet,
    now,
    incident: (id) => client.workflow.getHandle(incidentWorkflowId(id)).query(viewQuery),
    async post(where, body) {
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

/** The api with a real Temporal server. Tests send requests by `inject` and read the signals that Temporal received. */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import {
  defaultPayloadConverter,
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowNotFoundError,
} from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { buildApp, type AppDependencies } from '../../src/api/app.js';
import { fixedEscalation, type EscalationSource } from '../../src/policy/escalation-source.js';
import type { Escalation } from '../../src/policy/route.js';
import { findBinary } from '../../src/temporal/binaries.js';
import { grpcCodeOf } from '../../src/temporal/errors.js';
import { searchAttributes } from '../../src/workflows/contract.js';
import { checkAnswers } from './documented.js';
import { closeAtEnd, closeLater } from '../helpers/close-later.js';
import { installTestRuntime } from '../helpers/test-runtime.js';
import { startTestServer } from '../helpers/test-server.js';
import { until } from '../helpers/until.js';

export { closeLater };

export const config = {
  publicUrl: 'https://webhooks.example.com',
  apiToken: 'an-api-token-for-tests',
  webhookSecrets: ['current-secret-0001', 'older-secret-0002'],
  twilio: { accountSid: `AC${'a'.repeat(32)}`, authTokens: ['primary-auth-token', 'secondary-auth-token'] },
};

export const escalation: Escalation = {
  contacts: { ana: { whatsapp: '+15550000001', phone: '+15550000001' }, lead: { phone: '+15550000002' } },
  policies: {
    default: {
      name: 'default',
      steps: [{ page: ['ana'], by: 'sms', waitMs: 300_000 }],
      repeat: 1,
      remindMs: 14_400_000,
    },
    security: {
      name: 'security',
      steps: [{ page: ['lead'], by: 'sms', waitMs: 900_000 }],
      repeat: 0,
      remindMs: 14_400_000,
    },
  },
  routes: [
    { events: ['AdminPromoted', 'AdminDemoted'], policy: 'security' },
    { events: ['*RefreshFailed'], policy: 'default' },
  ],
  settings: {
    windowMs: 60_000,
    callWindowMs: 180_000,
    lingerMs: 3_600_000,
    forgetMs: 604_800_000,
    messagesPerHour: 20,
    callsPerHour: 6,
    answersPerHour: 20,
  },
};

/** Registered when the server starts: to add one later takes seconds. */
const namespaces = Array.from({ length: 30 }, (_, n) => `tests-${n}`);
let server: Promise<TestWorkflowEnvironment> | undefined;

/** One server for all files of a process. */
async function startServer(): Promise<TestWorkflowEnvironment> {
  installTestRuntime();
  const path = await findBinary('temporal', process.env);
  const keys = Object.values(searchAttributes).map((name) =>
    defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
  );
  const extraArgs = namespaces.flatMap((namespace) => ['--namespace', namespace]);
  const executable = { type: 'existing-path', path } as const;
  const started = await startTestServer(() =>
    TestWorkflowEnvironment.createLocal({ server: { executable, searchAttributes: keys, extraArgs } }),
  );
  closeAtEnd(() => started.teardown());
  return started;
}

/** A namespace of its own, and with that no workflow of another test file. */
export async function startTemporal(): Promise<TestWorkflowEnvironment> {
  server ??= startServer();
  const { address } = await server;
  const namespace = namespaces.shift();
  assert.ok(namespace, 'there are enough namespaces for the files of a process');
  const environment = await TestWorkflowEnvironment.createFromExistingServer({ address, namespace });
  closeLater(() => environment.teardown());
  return environment;
}

/** A client whose server is not there. */
export function clientWithoutServer(): Client {
  const connection = Connection.lazy({ address: '127.0.0.1:9', interceptors: [] });
  closeLater(() => connection.close());
  return new Client({ connection });
}

export interface TestApp {
  app: FastifyInstance;
  log: () => string;
}

/** What a test has otherwise than the others. */
export type Changes = Partial<Omit<AppDependencies, 'escalation'>> & { escalation?: Escalation | EscalationSource };

/** As in `start`, with workers in the same process; the tests run none. */
export const buildTestApp = (client: Client, more: Changes = {}): Promise<TestApp> =>
  open({ client, workers: () => ({ begun: true, workers: {} }), ...more });

/** As in `api`, without workers in the process. */
export const buildTestApi = async (client: Client, more: Changes = {}): Promise<FastifyInstance> =>
  (await open({ client, ...more })).app;

/** On a busy machine Temporal answers late; a test of what happens then sets its own. */
const longTimeouts = {
  webhookTimeoutMs: 30_000,
  twilioTimeoutMs: 30_000,
  readTimeoutMs: 30_000,
  readyTimeoutMs: 30_000,
};

/** No worker delivers batches in these tests. */
const unlimited = { burst: Number.MAX_SAFE_INTEGER, perSecond: 1 };

async function open({ escalation: given = escalation, ...more }: Changes & { client: Client }): Promise<TestApp> {
  const lines: string[] = [];
  const app = await buildApp({
    config,
    escalation: 'current' in given ? given : fixedEscalation(given),
    searchAttributes: async () => true,
    directSignals: { failures: unlimited, successes: unlimited },
    logger: pino({ level: 'debug' }, { write: (line) => void lines.push(line) }),
    ...more,
    temporalTimeouts: { ...longTimeouts, ...more.temporalTimeouts },
  });
  closeLater(() => app.close());
  checkAnswers(app);
  return { app, log: () => lines.join('') };
}

/** Twilio's signature, made as its documentation says and not by the library that checks it. */
export function signatureOf(url: string, fields: [string, string][], token = config.twilio.authTokens[0]): string {
  const text = fields.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).reduce((all, [k, v]) => all + k + v, url);
  return createHmac('sha1', token ?? '')
    .update(text)
    .digest('base64');
}

/** A SID as Twilio makes it, the same for the same name. */
export const sidFor = (letters: 'SM' | 'MM' | 'CA', name: string): string =>
  letters + createHash('md5').update(name).digest('hex');

export interface Signed {
  publicUrl?: string;
  token?: string | undefined;
  headers?: Record<string, string>;
}

/** A request as Twilio makes it, from our account where the fields name none. */
export function byTwilio(path: string, named: [string, string][], { publicUrl, token, headers }: Signed = {}) {
  const isNamed = named.some(([name]) => name === 'AccountSid');
  const fields: [string, string][] = isNamed ? named : [['AccountSid', config.twilio.accountSid], ...named];
  return {
    method: 'POST' as const,
    url: path,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'x-twilio-signature': signatureOf((publicUrl ?? config.publicUrl) + path, fields, token),
      ...headers,
    },
    payload: new URLSearchParams(fields).toString(),
  };
}

/** The signals that a workflow has, in order, from its history. */
export async function signalsOf(client: Client, workflowId: string): Promise<{ name: string; payload: unknown }[]> {
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  return (history.events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => {
    const payload = signal?.input?.payloads?.[0];
    return signal && payload
      ? [{ name: signal.signalName ?? '', payload: defaultPayloadConverter.fromPayload<unknown>(payload) }]
      : [];
  });
}

/** The gRPC status of a history that is not there, which the client gives as it is. */
const notFound = 5;

/** The texts of notices to a contact, in order; its pager may not have been started. */
export async function textsTo(client: Client, contact: string): Promise<string[]> {
  try {
    const signals = await signalsOf(client, `pager:${contact}`);
    return signals.flatMap(({ payload }) => {
      const { text } = payload as { text?: string };
      return text === undefined ? [] : [text];
    });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || grpcCodeOf(error) === notFound) return [];
    throw error;
  }
}

/** Reads until the result satisfies: visibility is eventually consistent. */
export async function eventually<T>(read: () => Promise<T>, satisfies: (answer: T) => boolean): Promise<T> {
  let last: T | undefined;
  const find = async (): Promise<{ answer: T } | null> => {
    const answer = await read();
    last = answer;
    return satisfies(answer) ? { answer } : null;
  };
  const { answer } = await until(() => `another answer than ${JSON.stringify(last)}`, find);
  return answer;
}

/** Asserts that all that is expected is there; there may be more. */
export function assertHas(actual: unknown, expected: unknown, path = 'it'): void {
  if (typeof expected !== 'object' || expected === null || Array.isArray(expected)) {
    assert.deepEqual(actual, expected, path);
    return;
  }
  assert.ok(typeof actual === 'object' && actual !== null, `${path} is ${String(actual)}`);
  const fields = new Map(Object.entries(actual));
  for (const [name, value] of Object.entries(expected)) assertHas(fields.get(name), value, `${path}.${name}`);
}

let count = 0;
/** A failure of an item that no other test knows. */
export function failure(more: Record<string, unknown> = {}) {
  count += 1;
  return {
    resource: 'EXTRACTS',
    event_type: 'WorkbookRefreshFailed',
    resource_name: 'Sales',
    site_luid: '8b2a95d8-52b9-40a4-8712-cd6da771bd1b',
    resource_luid: `item-${process.pid}-${count}`,
    created_at: '2024-11-15T17:14:45Z',
    ...more,
  };
}

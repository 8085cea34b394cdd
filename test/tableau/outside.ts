/** The activities against a simulated Tableau over real HTTP. */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { pino } from 'pino';
import { createTableauActivities } from '../../src/activities/tableau.js';
import { createTableauClient, type TableauConfig } from '../../src/tableau/rest/client.js';
import type { Kind } from '../../sandbox/tableau/world.js';
import { createSandbox, type SandboxOptions } from '../../sandbox/sandbox.js';
import type { LookUpInput } from '../../src/workflows/activity-contract.js';

export const pat = { name: 'pages', secret: 'a-secret-that-must-not-leak' };
export const app = { clientId: 'client', secretId: 'kid-1', secretValue: 'a-value-that-must-not-leak-1234567890' };

export interface Options extends Partial<TableauConfig> {
  /** Of one request. */
  timeoutMs?: number;
  /** Of one look-up. */
  lookUpTimeoutMs?: number;
  jobRetryDelaysMs?: readonly number[];
  contactOf?: (names: readonly string[]) => string | null;
}

export interface Worker {
  activities: ReturnType<typeof createTableauActivities>;
  logged: string[];
  signOut: () => Promise<void>;
}

/** A client of the Tableau at `domain`, and the lines of its log. */
export function clientAt(domain: string, changes: Partial<TableauConfig> = {}, timeoutMs?: number) {
  const logged: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void logged.push(line) });
  const usual = {
    domain,
    siteName: '',
    apiVersion: '3.25',
    sessionMinutes: 110,
    signIn: { kind: 'pat', ...pat },
  } as const;
  const options = { logger, ...(timeoutMs !== undefined && { timeoutMs }) };
  return { tableau: createTableauClient({ ...usual, ...changes }, options), logger, logged };
}

/** One worker's activities against the Tableau at `domain`. */
export function workerAt(
  domain: string,
  { timeoutMs, lookUpTimeoutMs, jobRetryDelaysMs = [], contactOf, ...changes }: Options = {},
): Worker {
  const { tableau, logger, logged } = clientAt(domain, changes, timeoutMs);
  const more = { ...(lookUpTimeoutMs !== undefined && { lookUpTimeoutMs }), ...(contactOf && { contactOf }) };
  const activities = createTableauActivities({ tableau, logger, jobRetryDelaysMs, ...more });
  return { activities, logged, signOut: () => tableau.signOut() };
}

/** A Tableau, and a worker that asks it. */
export async function tableauOutside(t: TestContext, options: Options = {}, world: Partial<SandboxOptions> = {}) {
  const sandbox = createSandbox({ accountSid: `AC${'0'.repeat(32)}`, authToken: 't', pat, ...world });
  const url = await sandbox.listen();
  t.after(() => sandbox.close());
  const paths = (pattern: RegExp): number =>
    sandbox.requests({ target: 'tableau' }).filter(({ method, path }) => pattern.test(`${method} ${path}`)).length;

  /** Adds an item whose refresh fails, and gives the input of the activities that its event leads to. */
  async function failing(name: string, more: Partial<Failing> = {}): Promise<LookUpInput> {
    const { kind = 'workbook', notes, at, ...rest } = more;
    const { luid } = sandbox.panel.add({ kind, name, owner: 'Ana Lima', project: 'Finance/Daily', ...rest });
    return failsAgain(luid, { ...(notes !== undefined && { notes }), ...(at !== undefined && { at }) });
  }

  async function failsAgain(luid: string, { notes, at }: { notes?: string; at?: number } = {}): Promise<LookUpInput> {
    const item = sandbox.panel.find(luid);
    assert.ok(item);
    const { event } = await sandbox.panel.fail(item, {
      ...(notes !== undefined && { notes }),
      ...(at !== undefined && { createdAt: at }),
    });
    return {
      item: { kind: item.kind, luid, name: item.name, site: event.site_luid },
      event: event.event_type,
      at: Date.parse(event.created_at),
    };
  }

  return { ...workerAt(url, options), sandbox, url, paths, failing, failsAgain };
}

export interface Failing {
  kind: Kind;
  notes: string;
  at: number;
  project: string;
  tags: string[];
  downstream: number;
  hasExtracts: boolean;
  owner: string | null;
}

export async function failureOf(work: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ApplicationFailure, 'it succeeded, or failed in another way');
  return error;
}

/** A server that answers by the given function of method and path. */
export async function serverThat(
  t: TestContext,
  answers: (request: string, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer((request, response) => answers(`${request.method} ${request.url}`, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

/** A Tableau that accepts any sign-in and answers with the given body for each path. */
export const tableauAnswering = (t: TestContext, bodies: Record<string, unknown>): Promise<string> =>
  serverThat(t, (request, response) => {
    const credentials = { token: 'token', site: { id: 'site' } };
    const found = Object.entries(bodies).find(([path]) => request.includes(path));
    response.setHeader('content-type', 'application/json');
    if (request.includes('/auth/signin')) response.end(JSON.stringify({ credentials }));
    else if (found === undefined)
      response.writeHead(404).end(JSON.stringify({ error: { code: '404003', summary: 'No' } }));
    else response.end(typeof found[1] === 'string' ? found[1] : JSON.stringify(found[1]));
  });

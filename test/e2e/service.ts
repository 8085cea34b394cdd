/** The whole product as in production: Temporal's development server, api and worker processes, with the sandbox as Tableau and Twilio. */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { PanelItem } from '../../sandbox/panel.js';
import { createSandbox, type Sandbox } from '../../sandbox/sandbox.js';
import type { Settings } from '../../sandbox/settings.js';
import { findBinary } from '../../src/temporal/binaries.js';
import { freePort } from '../../src/temporal/ports.js';
import { incidentWorkflowId } from '../../src/workflows/contract.js';
import { pagerId } from '../../src/workflows/pager-contract.js';
import { slowMachineTimeoutMs, programOf, type Program } from '../helpers/processes.js';
import { until } from '../helpers/until.js';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export const owner = 'Olga Owner';
export const accountSid = `AC${'a'.repeat(32)}`;
export const secrets = {
  API_TOKEN: 'api-token-for-e2e-tests',
  TABLEAU_WEBHOOK_SECRET: 'webhook-secret-for-e2e',
  TABLEAU_PAT_SECRET: 'pat-secret-for-e2e-tests',
  TWILIO_AUTH_TOKEN: 'c'.repeat(32),
  TWILIO_API_SECRET: 'api-secret-for-e2e-tests',
};
const { API_TOKEN, TABLEAU_WEBHOOK_SECRET, TABLEAU_PAT_SECRET, TWILIO_AUTH_TOKEN, TWILIO_API_SECRET } = secrets;
const TWILIO_API_KEY = `SK${'e'.repeat(32)}`;
const ours = { sms: '+15550008888', whatsapp: '+15550009999' };

export interface Service {
  sandbox: Sandbox;
  client: Client;
  temporal: Program;
  api: Program;
  /** The first of `workers`. */
  worker: Program;
  workers: Program[];
  /** Addresses without a trailing slash. */
  url: string;
  webUi: string;
  /** Host and port of Temporal, and the URL of its Prometheus metrics. */
  address: string;
  metrics: string;
  /** Adds an item to Tableau; gives the id of its incident. */
  item: (kind: 'workbook' | 'datasource', name: string) => { luid: string; id: string };
  /** Tableau reports that the refresh failed or succeeded; gives the last status of our answers and the number of tries. */
  fails: (item: { luid: string }) => Promise<{ status: number | null; tries: number }[]>;
  recovers: (item: { luid: string }) => Promise<{ status: number | null; tries: number }[]>;
  /** Replaces the escalation file, and has every process read it now. */
  reload: (escalation: ServiceOptions['escalation']) => Promise<void>;
  /** Resolves when no incident and no pager has a pending task in three checks in a row. */
  quiet: () => Promise<void>;
  close: () => Promise<void>;
}

export interface ServiceOptions {
  /** The content of the escalation file, written as JSON. */
  escalation: { contacts: Record<string, object>; [part: string]: object };
  /** A function receives the address of Temporal, and that of the sandbox. */
  env?: Record<string, string> | ((temporal: string, outside: string) => Promise<Record<string, string>>);
  settings?: Partial<Settings>;
  /** Number of worker processes; default 1. */
  workers?: number;
  /** One process is both api and worker, as with `npm start`. */
  together?: boolean;
  /** Receives the log lines of the sandbox. */
  log?: (line: string) => void;
  /** Starts a proxy before the sandbox, given its address; gives the address to configure. */
  outsideProxy?: (outside: string) => Promise<string>;
  /** Starts a proxy before the api, given its address; gives the public address. */
  apiProxy?: (api: string) => Promise<string>;
}

/** Below the ephemeral range, so that no outgoing connection takes the port while its process is dead. */
const reservedPort = (): Promise<number> => freePort(randomInt(12_000, 30_000));

export async function startService(options: ServiceOptions): Promise<Service> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    return { ...(await open(options, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  {
    escalation,
    env: more = {},
    settings = {},
    workers: workerCount = 1,
    together = false,
    log = () => {},
    outsideProxy = async (address) => address,
    apiProxy = async (address) => address,
  }: ServiceOptions,
  closers: (() => Promise<unknown>)[],
): Promise<Omit<Service, 'close'>> {
  const directory = await mkdtemp(join(tmpdir(), 'tableau-webhooks-e2e-'));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const run = async (program: Program): Promise<Program> => {
    closers.push(() => program.stop());
    await program.start();
    return program;
  };

  const [port, uiPort, apiPort, metricsPort] = [
    await reservedPort(),
    await reservedPort(),
    await reservedPort(),
    await reservedPort(),
  ];
  const address = `127.0.0.1:${port}`;
  const connection = Connection.lazy({ address });
  closers.push(() => connection.close());
  const client = new Client({ connection });
  const temporal = await run(await temporalServer(directory, { port, uiPort, metricsPort }, connection));

  const sandbox = createSandbox({
    accountSid,
    authToken: TWILIO_AUTH_TOKEN,
    apiKeys: [{ sid: TWILIO_API_KEY, secret: TWILIO_API_SECRET }],
    pat: { name: 'e2e', secret: TABLEAU_PAT_SECRET },
    settings,
    log,
  });
  const outside = await outsideProxy(await sandbox.listen());
  closers.push(() => sandbox.close());

  const url = `http://127.0.0.1:${apiPort}`;
  const publicUrl = await apiProxy(url);
  const escalationFile = join(directory, 'escalation.yaml');
  await writeFile(escalationFile, JSON.stringify(escalation));
  const env = {
    PATH: process.env['PATH'] ?? '',
    // One JSON object per line.
    NODE_ENV: 'test',
    PUBLIC_URL: publicUrl,
    TEMPORAL_ADDRESS: address,
    ESCALATION_FILE: escalationFile,
    TWILIO_ACCOUNT_SID: accountSid,
    WHATSAPP_FROM: ours.whatsapp,
    ...(typeof more === 'function' ? await more(address, outside) : more),
  };
  // No role has a secret that only the other one needs.
  const envOf = {
    api: { HOST: '127.0.0.1', PORT: String(apiPort), API_TOKEN, TABLEAU_WEBHOOK_SECRET, TWILIO_AUTH_TOKEN },
    worker: {
      TABLEAU_DOMAIN: outside,
      TABLEAU_PAT_NAME: 'e2e',
      TABLEAU_PAT_SECRET,
      TWILIO_API_BASE_URL: outside,
      TWILIO_API_KEY,
      TWILIO_API_SECRET,
      TWILIO_FROM_NUMBER: ours.sms,
    },
  };
  // From a directory without a .env.
  const ourProgram = (
    role: 'api' | 'worker' | 'start',
    name: string,
    ready: (output: string) => Promise<boolean> | boolean,
  ): Promise<Program> =>
    run(
      programOf({
        name,
        file: process.execPath,
        args: [main, role],
        env: { ...env, ...(role === 'start' ? { ...envOf.api, ...envOf.worker } : envOf[role]) },
        cwd: directory,
        ready,
      }),
    );
  const isServing = async () => (await fetch(`${url}/readyz`).catch(() => null))?.status === 200;
  const hasWorkers = (output: string) => output.includes('workers have begun');
  const workerNames = Array.from({ length: workerCount }, (_, n) => (workerCount === 1 ? 'worker' : `worker ${n + 1}`));
  const isBoth = async (output: string) => hasWorkers(output) && (await isServing());
  const [api, ...apart] = await Promise.all(
    together
      ? [ourProgram('start', 'api and worker', isBoth)]
      : [ourProgram('api', 'api', isServing), ...workerNames.map((name) => ourProgram('worker', name, hasWorkers))],
  );
  const [worker] = together ? [api] : apart;
  if (!worker || !api) throw new Error('no worker was started');
  const workers = together ? [worker] : apart;
  sandbox.subscribe(`${publicUrl}/notifier/${TABLEAU_WEBHOOK_SECRET}`);
  for (const number of [ours.sms, `whatsapp:${ours.whatsapp}`]) {
    sandbox.setNumber(number, `${publicUrl}/twilio/message#rc=3&rp=ct,rt,5xx`);
  }

  const found = (luid: string) => {
    const item = sandbox.panel.find(luid);
    if (!item) throw new Error(`Tableau has no item ${luid}`);
    return item;
  };
  const workflows = Object.keys(escalation.contacts).map(pagerId);
  return {
    sandbox,
    client,
    temporal,
    api,
    worker,
    workers,
    url,
    webUi: `http://127.0.0.1:${uiPort}`,
    address,
    metrics: `http://127.0.0.1:${metricsPort}/metrics`,
    item(kind, name) {
      const { luid }: PanelItem = sandbox.panel.add({ kind, name, project: 'Finance', owner });
      const id = `refresh:${sandbox.siteLuid}:${luid}`;
      workflows.push(incidentWorkflowId(id));
      return { luid, id };
    },
    fails: async ({ luid }) => (await sandbox.panel.fail(found(luid), { wait: true })).deliveries,
    recovers: async ({ luid }) => (await sandbox.panel.recover(found(luid), { wait: true })).deliveries,
    reload: async (changed) => {
      await writeFile(escalationFile, JSON.stringify(changed));
      for (const program of new Set([api, ...workers])) program.signal('SIGHUP');
    },
    quiet: () => quiet(client, workflows),
  };
}

interface Ports {
  port: number;
  uiPort: number;
  metricsPort: number;
}

async function temporalServer(directory: string, { port, uiPort, metricsPort }: Ports, connection: Connection) {
  const ips = ['--ip', '127.0.0.1', '--ui-ip', '127.0.0.1'];
  const network = [...ips, '--port', `${port}`, '--ui-port', `${uiPort}`, '--metrics-port', `${metricsPort}`];
  const store = ['--db-filename', join(directory, 'temporal.db')];
  const pragmas = ['journal_mode=wal', 'synchronous=1'].flatMap((pragma) => ['--sqlite-pragma', pragma]);
  return programOf({
    name: 'temporal',
    file: await findBinary('temporal', process.env),
    args: ['server', 'start-dev', ...network, ...store, ...pragmas, '--log-level', 'error'],
    env: { PATH: process.env['PATH'] ?? '', HOME: directory },
    cwd: directory,
    ready: () =>
      connection
        .withDeadline(Date.now() + 1_000, () => connection.workflowService.describeNamespace({ namespace: 'default' }))
        .then(
          () => true,
          () => false,
        ),
  });
}

async function quiet(client: Client, workflows: readonly string[]): Promise<void> {
  let quietChecks = 0;
  await until(
    'quiet',
    async () => {
      const busy = await Promise.all(workflows.map((id) => isBusy(client, id)));
      quietChecks = busy.includes(true) ? 0 : quietChecks + 1;
      return quietChecks >= 3;
    },
    slowMachineTimeoutMs,
  );
}

async function isBusy(client: Client, workflowId: string): Promise<boolean> {
  const run = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => null);
  return Boolean(run?.raw.pendingWorkflowTask) || (run?.raw.pendingActivities?.length ?? 0) > 0;
}

/** The whole product as it is run: Temporal's development server, api and worker as processes, the sandbox outside. */
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
import { incidentWorkflowId, pagerId } from '../../src/workflows/contract.js';
import { patience, programOf, type Program } from '../helpers/processes.js';
import { until } from '../helpers/until.js';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export const owner = 'Olga Owner';
export const secrets = {
  API_TOKEN: 'api-token-for-e2e-tests',
  TABLEAU_WEBHOOK_SECRET: 'webhook-secret-for-e2e',
  TABLEAU_PAT_SECRET: 'pat-secret-for-e2e-tests',
  TWILIO_AUTH_TOKEN: 'c'.repeat(32),
};
const ours = { sms: '+15550008888', whatsapp: '+15550009999' };

export interface House {
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
  /** Where Temporal is, host and port, and its counters in Prometheus' text. */
  address: string;
  metrics: string;
  /** Adds an item to Tableau and gives the id of its incident. */
  item: (kind: 'workbook' | 'datasource', name: string) => { luid: string; id: string };
  /** Tableau says that the refresh failed, or works again; gives the last statuses of our answers, and the tries. */
  fails: (item: { luid: string }) => Promise<{ status: number | null; tries: number }[]>;
  recovers: (item: { luid: string }) => Promise<{ status: number | null; tries: number }[]>;
  /** Until no incident and no pager has anything to do at once, three looks in a row. */
  quiet: () => Promise<void>;
  close: () => Promise<void>;
}

export interface HouseOptions {
  /** What the escalation file holds; JSON is YAML too. */
  escalation: { contacts: Record<string, object>; [part: string]: object };
  /** Also as what is known when Temporal is there, by its address. */
  env?: Record<string, string> | ((temporal: string) => Promise<Record<string, string>>);
  settings?: Partial<Settings>;
  /** How many worker processes there are; 1 unless given. */
  workers?: number;
  /** Hears one line per thing that happens outside. */
  log?: (line: string) => void;
  /** Puts something between us and the outside world, given its address; gives the address that we are told. */
  outward?: (outside: string) => Promise<string>;
  /** Puts something before our doors, given the api's address; gives the public one. */
  inward?: (api: string) => Promise<string>;
}

/** Below the ports that systems give to outgoing connections, so that nobody takes it while its owner is dead. */
const portToKeep = (): Promise<number> => freePort(randomInt(12_000, 30_000));

export async function openHouse(options: HouseOptions): Promise<House> {
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
    env = {},
    settings = {},
    workers: crew = 1,
    log = () => {},
    outward = async (address) => address,
    inward = async (address) => address,
  }: HouseOptions,
  closers: (() => Promise<unknown>)[],
): Promise<Omit<House, 'close'>> {
  const directory = await mkdtemp(join(tmpdir(), 'tableau-webhooks-e2e-'));
  closers.push(() => rm(directory, { recursive: true, force: true }));
  const run = async (program: Program): Promise<Program> => {
    closers.push(() => program.stop());
    await program.start();
    return program;
  };

  const [port, uiPort, apiPort, metricsPort] = [
    await portToKeep(),
    await portToKeep(),
    await portToKeep(),
    await portToKeep(),
  ];
  const address = `127.0.0.1:${port}`;
  const connection = Connection.lazy({ address });
  closers.push(() => connection.close());
  const client = new Client({ connection });
  const temporal = await run(await temporalServer(directory, { port, uiPort, metricsPort }, connection));

  const accountSid = `AC${'a'.repeat(32)}`;
  const sandbox = createSandbox({
    accountSid,
    authToken: secrets.TWILIO_AUTH_TOKEN,
    pat: { name: 'e2e', secret: secrets.TABLEAU_PAT_SECRET },
    settings,
    log,
  });
  const outside = await outward(await sandbox.listen());
  closers.push(() => sandbox.close());

  const url = `http://127.0.0.1:${apiPort}`;
  const publicUrl = await inward(url);
  const escalationFile = join(directory, 'escalation.yaml');
  await writeFile(escalationFile, JSON.stringify(escalation));
  const ourEnv = {
    PATH: process.env['PATH'] ?? '',
    // One JSON object per line.
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: String(apiPort),
    PUBLIC_URL: publicUrl,
    TEMPORAL_ADDRESS: address,
    ESCALATION_FILE: escalationFile,
    TABLEAU_DOMAIN: outside,
    TABLEAU_PAT_NAME: 'e2e',
    TWILIO_API_BASE_URL: outside,
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_FROM_NUMBER: ours.sms,
    WHATSAPP_FROM: ours.whatsapp,
    ...secrets,
    ...(typeof env === 'function' ? await env(address) : env),
  };
  // From a directory without a .env.
  const ourProgram = (
    role: 'api' | 'worker',
    name: string,
    ready: (said: string) => Promise<boolean> | boolean,
  ): Promise<Program> =>
    run(programOf({ name, file: process.execPath, args: [main, role], env: ourEnv, cwd: directory, ready }));
  const workerNames = Array.from({ length: crew }, (_, n) => (crew === 1 ? 'worker' : `worker ${n + 1}`));
  const [api, ...workers] = await Promise.all([
    ourProgram('api', 'api', async () => (await fetch(`${url}/readyz`).catch(() => null))?.status === 200),
    ...workerNames.map((name) => ourProgram('worker', name, (said) => said.includes('workers have begun'))),
  ]);
  const [worker] = workers;
  if (!worker) throw new Error('a house has a worker');
  sandbox.subscribe(`${publicUrl}/notifier/${secrets.TABLEAU_WEBHOOK_SECRET}`);
  for (const number of [ours.sms, `whatsapp:${ours.whatsapp}`]) {
    sandbox.setNumber(number, `${publicUrl}/twilio/message#rc=3&rp=ct,rt,5xx`);
  }

  const found = (luid: string) => {
    const item = sandbox.panel.find(luid);
    if (!item) throw new Error(`Tableau has no ${luid}`);
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
  let looks = 0;
  await until(
    'quiet',
    async () => {
      const busy = await Promise.all(workflows.map((id) => isBusy(client, id)));
      looks = busy.includes(true) ? 0 : looks + 1;
      return looks >= 3;
    },
    patience,
  );
}

async function isBusy(client: Client, workflowId: string): Promise<boolean> {
  const run = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => null);
  return Boolean(run?.raw.pendingWorkflowTask) || (run?.raw.pendingActivities?.length ?? 0) > 0;
}

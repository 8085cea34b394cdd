import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readEnvironment } from '../src/config/config.js';
import type { Env } from '../src/config/variables.js';
import { explainError, shutdownRequested } from '../src/service/process-end.js';
import { createLogger } from '../src/service/logger.js';
import { parseDuration } from '../src/policy/duration.js';
import { fixedEscalation } from '../src/policy/escalation-source.js';
import { createSandbox } from '../sandbox/sandbox.js';
import { endLeftRunning, leftRunning } from '../src/temporal/embedded.js';
import { freePort } from '../src/temporal/ports.js';
import { demoSettings, phones } from './settings.js';
import { prepareSandbox } from './prepare-sandbox.js';
import { startService, type Service } from '../src/service/service.js';

const directory = '.data/demo';
const usage = `Usage: npm run demo -- [options]

  --waits <time>   how long each step waits for an answer: 30s (default), 5m, …
  --port <n>       of the API (3000, or the next free one)
  --phone <n>      port of the phone (4000, or the next free one)
  --keep           keep the incidents of the last demo
`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** Runs everything on this machine: Temporal, API, worker, and the sandbox with its phone. Gives the exit code. */
async function demo(env: Env, args: string[]): Promise<number> {
  const { values: options } = parseArgs({
    args,
    options: {
      waits: { type: 'string', default: '30s' },
      port: { type: 'string' },
      phone: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (options.help) return (print(usage), 0);
  if (env.NODE_ENV?.trim() === 'production')
    throw new Error('The demo pages nobody but its own phone: it does not run with NODE_ENV=production.');
  const waitMs = parseDuration(options.waits);
  if (waitMs === null || waitMs < 1_000) throw new Error('--waits must be a time of at least 1s, such as 30s or 5m.');

  const shutdown = shutdownRequested();
  print('Starting …');
  const earlier = await leftRunning(directory);
  if (earlier?.owner) throw new Error(`A demo is running here already (process ${earlier.owner}).`);
  if (!options.keep) await forgetLastDemo();
  const ports = {
    api: await portOf('--port', options.port, 3000),
    outside: await portOf('--phone', options.phone, 4000),
    temporal: options.keep && earlier ? earlier.port : await freePort(7233, [0, 1000]),
  };
  const settings = demoSettings(ports, waitMs, env.LOG_LEVEL || 'info');
  const { config } = settings;
  const sandbox = createSandbox({
    accountSid: config.twilio.accountSid,
    authToken: settings.authToken,
    pat: settings.pat,
    log: (line) => print(`${clock()} ${line}`),
  });
  let service: Service | undefined;
  try {
    await sandbox.listen(ports.outside);
    const log = { ...config.log, brief: true, secrets: config.secrets };
    const escalation = fixedEscalation(settings.escalation);
    service = await startService({ config, escalation, env, logger: createLogger(log), log, directory });
    await prepareSandbox(settings, { Service: config.publicUrl, ...(service.webUi && { Temporal: service.webUi }) });
    await Promise.race([service.ready, service.broken, shutdown]);
    print(welcome(config.publicUrl, config.tableau.domain, service.webUi ?? '', config.http.apiToken, options.waits));
    const why = await Promise.race([shutdown, service.broken]);
    if (why instanceof Error) throw why;
    print('\nStopping …');
    return 0;
  } finally {
    await service?.close();
    await sandbox.close();
    print('Stopped.');
  }
}

/** The sandbox starts empty with each demo, so the incidents in Temporal of the last one would refer to nothing. */
async function forgetLastDemo(): Promise<void> {
  await endLeftRunning(directory);
  for (const ending of ['', '-wal', '-shm']) await rm(join(directory, `temporal.db${ending}`), { force: true });
}

async function portOf(option: string, given: string | undefined, usual: number): Promise<number> {
  if (given === undefined) return freePort(usual);
  const port = Number(given);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error(`${option} must be a port number.`);
}

const clock = () => `[${new Date().toTimeString().slice(0, 8)}]`;

const welcome = (api: string, phone: string, webUi: string, token: string, waits: string) => `
  Phone and Tableau   ${phone}
  Temporal Web UI     ${webUi}
  API                 ${api}
  API token           ${token}

Try this:
  1. Open ${phone} and let the workbook "Sales" fail.
     A WhatsApp message comes to ana (${phones.ana}); after ${waits} without an answer an SMS, then a call, to ben too.
  2. Answer with ACK, or take the call and press 1: nobody is paged any more. Or let the workbook recover.
  3. Press "Storm": 30 items fail at once, and the phones get a few messages, not 30.
  4. Look at the incident in the Temporal Web UI, or fetch it:
     curl -H "Authorization: Bearer ${token}" ${api}/incidents
Ctrl-C stops everything.
`;

try {
  process.exit(await demo(readEnvironment(), process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${explainError(error)}\n`);
  process.exit(1);
}

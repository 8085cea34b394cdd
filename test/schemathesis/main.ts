/**
 * `npm run schemathesis -- [--seconds N] [more for Schemathesis…]`: sends requests that fit the document at `/openapi.json`, and some that do
 * not, to the whole product. Needs Python 3.10 or newer, and pip for the first run. https://schemathesis.readthedocs.io
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from '../../src/temporal/binaries.js';
import { scriptOf } from '../e2e/script.js';
import { accountSid, secrets, startService } from '../e2e/service.js';
import { until } from '../helpers/until.js';

const version = '4.32.5';
/** Where it is installed, and keeps what it found. */
const home = join(cacheDirectory(process.env), `schemathesis-${version}`);
const folder = fileURLToPath(new URL('.', import.meta.url));
const ana = '+15550000001';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '120' } },
});

/** Runs a program and gives its exit code; what it prints is shown. */
function run(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: home, env: { ...process.env, ...env }, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** The program, installed into a folder of its own when it is not there yet. */
async function installed(): Promise<string> {
  mkdirSync(home, { recursive: true });
  const bin = join(home, process.platform === 'win32' ? 'Scripts' : 'bin');
  const program = join(bin, 'schemathesis');
  if (existsSync(program)) return program;
  for (const [file, args] of [
    ['python3', ['-m', 'venv', home]],
    [join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', `schemathesis==${version}`]],
  ] as const)
    if ((await run(file, args)) !== 0) throw new Error(`Schemathesis cannot be installed by ${file} ${args.join(' ')}`);
  return program;
}

const program = await installed();
const service = await startService({
  escalation: {
    contacts: { ana: { whatsapp: ana, phone: ana }, lead: { phone: '+15550000002' } },
    policies: { default: { steps: [{ page: ['ana'], by: 'sms', wait: '1h' }], repeat: 0 } },
    schedules: {
      data: {
        timezone: 'Europe/Berlin',
        rotation: { contacts: ['ana', 'lead'], every: '1w', start: '2026-11-23T09:00' },
      },
    },
    routes: [{ events: ['*RefreshFailed'], policy: 'default' }],
  },
});
try {
  const items = ['Sales', 'Stock', 'Costs', 'Staff'].map((name) => service.item('workbook', name));
  for (const item of items) await service.fails(item);
  const script = scriptOf(service);
  await until('the incidents are listed', async () => (await script.list()).incidents.length === items.length);
  const settings = {
    url: service.url,
    incidents: items.map(({ id }) => id),
    secret: secrets.TABLEAU_WEBHOOK_SECRET,
    schedule: 'data',
    from: ana,
    accountSid,
    authToken: secrets.TWILIO_AUTH_TOKEN,
  };
  process.exitCode = await run(
    program,
    ['--config-file', join(folder, 'schemathesis.toml'), 'run', `${service.url}/openapi.json`].concat(
      ['--url', service.url, '--header', `Authorization: Bearer ${secrets.API_TOKEN}`, '--max-time', values.seconds],
      positionals,
    ),
    {
      SCHEMATHESIS_SETTINGS: JSON.stringify(settings),
      SCHEMATHESIS_HOOKS: 'hooks',
      PYTHONPATH: folder,
      PYTHONDONTWRITEBYTECODE: '1',
    },
  );
} finally {
  await service.close();
}

/**
 * `npm run explore -- [--minutes N] [--width PX]`: an autonomous explorer goes through the pages of the running product, signed in, and looks for what
 * breaks the rules of `specification.ts`. Its trace stays in `.data/explore`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import chromium from '@sparticuz/chromium';
import { secrets, startService, type Service } from '../e2e/service.js';
import { until } from '../helpers/until.js';

const { values: options } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, width: { type: 'string', default: '1280' } },
});
const minutes = Number(options.minutes);
if (!(minutes > 0 && minutes <= 120)) throw new Error('--minutes must be a number up to 120.');
if (!/^\d{3,4}$/.test(options.width)) throw new Error('--width must be a number of pixels, such as 390 or 1280.');

const roundMinutes = 1;
const root = fileURLToPath(new URL('../..', import.meta.url));
const output = join(root, '.data/explore');
const names = ['Sales', '<b>Bold</b> & "quoted"', 'مبيعات الربع', 'N'.repeat(120), 'Inventory', 'People'];

const service = await startService({
  escalation: {
    contacts: {
      ana: { whatsapp: '+15550100001', phone: '+15550100001', timezone: 'Europe/Berlin' },
      ben: { phone: '+15550100002' },
    },
    schedules: {
      data: {
        timezone: 'Europe/Berlin',
        rotation: { contacts: ['ana', 'ben'], every: '1w', start: '2026-11-23T09:00' },
      },
    },
    policies: { default: { steps: [{ page: ['schedule/data'], by: 'sms', wait: '5m' }] } },
    freshness: [{ items: '*', maxAge: '26h', policy: 'default' }],
  },
});
const directory = await mkdtemp(join(tmpdir(), 'explore-'));
try {
  await failSome(service);
  // The explorer looks for a browser by this name.
  await symlink(await chromium.executablePath(), join(directory, 'chromium'));
  await mkdir(output, { recursive: true });
  // Each round signs in anew, for the explorer signs out as well.
  for (let left = minutes; left > 0 && !process.exitCode; left -= roundMinutes)
    process.exitCode = await explore(service.url, await signIn(service.url), Math.min(left, roundMinutes));
} finally {
  await rm(directory, { recursive: true, force: true });
  await service.close();
}

async function failSome({ item, fails, recovers, sandbox }: Service): Promise<void> {
  const items = names.map((name) => item('workbook', name));
  for (const one of items) await fails(one);
  const [first] = items;
  if (first) await recovers(first);
  await until('a page', () => sandbox.phones.list().some(({ messages }) => messages.length > 0), 60_000);
}

/** Signs in as a person does, by the form. Gives the cookie of the session. */
async function signIn(url: string): Promise<string> {
  const page = await fetch(`${url}/sign-in`, { headers: { accept: 'text/html' } });
  const token = /name="_csrf"\s+value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
  const answer = await fetch(`${url}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      cookie: page.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; '),
    },
    body: new URLSearchParams({ _csrf: token, name: 'Explorer', token: secrets.API_TOKEN, to: '/' }),
  });
  const session = answer.headers.getSetCookie().find((line) => line.startsWith('session='));
  if (session === undefined) throw new Error(`Nobody was signed in: ${answer.status}.`);
  return session.split(';')[0] ?? '';
}

async function explore(url: string, cookie: string, forMinutes: number): Promise<number> {
  const path = [directory, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  const limits = ['--time-limit', `${Math.round(forMinutes * 60)}s`, '--width', options.width];
  const where = ['--output-path', output, '--output-path-overwrite'];
  const specification = join(root, 'test/explore/specification.ts');
  const child = spawn(
    join(root, 'node_modules/.bin/bombadil'),
    [
      'browser',
      'test',
      `${url}/`,
      specification,
      '--headless',
      '--no-sandbox',
      '--cookie',
      cookie,
      ...limits,
      ...where,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path, RUST_LOG: 'error' } },
  );
  const [code]: unknown[] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}

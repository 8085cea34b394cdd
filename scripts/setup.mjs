// Makes a fresh clone ready: packages, build and, with --test, Temporal's programs. Prints nothing when nothing is to be
// done, and never to stdout, where a command may print JSON. Plain Node without packages, for it runs before there are any.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);
const print = (line) => process.stderr.write(`${line}\n`);
const windows = process.platform === 'win32';

const least = [20, 19];
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < least[0] || (major === least[0] && minor < least[1])) {
  fail(`Node ${least.join('.')} or newer is needed, and this is ${process.versions.node}. See https://nodejs.org.`);
}

if (!isInstalled()) {
  print('Installing packages from the lockfile …');
  // Development packages too, also with NODE_ENV=production: the build needs them.
  const args = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  if (npm && /\.c?js$/.test(npm)) run(process.execPath, [npm, ...args]);
  else run(windows ? 'npm.cmd' : 'npm', args);
}

const stamp = at('dist', '.built-from');
const sources = fingerprint();
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== sources) {
  print('Building …');
  rmSync(at('dist'), { recursive: true, force: true });
  // As "npm run build" does.
  run(process.execPath, [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', at('tsconfig.build.json')]);
  run(process.execPath, [at('scripts', 'bundle.mjs')]);
  writeFileSync(stamp, sources);
}

if (process.argv.includes('--test')) {
  const { findBinary } = await import('../dist/temporal/binaries.js');
  const { readEnvironment } = await import('../dist/config/config.js');
  const { default: chromium } = await import('@sparticuz/chromium');
  const env = readEnvironment(root);
  try {
    await findBinary('temporal', env, { log: print });
    await findBinary('temporal-test-server', env, { log: print });
    // Unpacked once, before several processes of tests do it at the same time and one starts what another still writes.
    await chromium.executablePath();
  } catch (error) {
    fail(error.message);
  }
}

/** Whether node_modules holds what the lockfile asks for; packages of other platforms may be absent. */
function isInstalled() {
  const hidden = at('node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const { packages: wanted } = JSON.parse(readFileSync(at('package-lock.json'), 'utf8'));
  const { packages: there } = JSON.parse(readFileSync(hidden, 'utf8'));
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' ||
      (there[path]
        ? there[path].version === entry.version && existsSync(at(path))
        : entry.optional || entry.devOptional),
  );
}

/** A hash of everything that the build is made of. */
function fingerprint() {
  const hash = createHash('sha256');
  const files = readdirSync(at('src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const configuration = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/bundle.mjs'].map(
    (file) => at(file),
  );
  for (const file of [...configuration, ...files]) {
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function run(file, args) {
  const { status, error } = spawnSync(file, args, {
    cwd: root,
    stdio: ['inherit', 2, 'inherit'],
    shell: file.endsWith('.cmd'),
  });
  if (error) fail(error.message);
  if (status !== 0) process.exit(status ?? 1);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

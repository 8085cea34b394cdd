// Runs the tests, or those whose path contains one of the arguments: npm test -- policy sandbox
// CI=true npm test runs all, as a CI does: searches for faults, loads, the whole product as processes and pages in a browser take longer than all others.
// Options go to Node: npm test -- --test-name-pattern=escalation
// Node 20 does not find tests in TypeScript by itself and is content with none, so files are listed and tests counted.
// Files share processes: to load the SDKs takes seconds, which each file would spend again. First come the simulated nights,
// which use all cores. Of the others those that take a minute or more begin first.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const cores = availableParallelism();
/** Test processes at once: they wait for servers, timers and calls half of the time. */
const processes = 2 * cores;
const testFile = (name) => join('test', `${name}.test.ts`);
/** What a CI runs, and whoever names it. */
const onlyInCi = ['simulation', 'chaos', 'bench', 'hostile-text', 'load', 'e2e'].map((folder) =>
  join('test', folder, '/'),
);
const simulation = ['simulation/nights', 'simulation/more-nights'].map(testFile);
/** Each has a process to itself, from the beginning. */
const slow = ['workflows/scenarios', 'chaos/chaos', 'e2e/faults/storm', 'commands/doctor/doctor'].map(testFile);
/** Their files take half a minute each, so that few share a process and several processes run at once. */
const long = join('test', 'e2e');
/** Each file has a process to itself: both measure processor time of theirs, and one needs modules that nothing has loaded. */
const alone = join('test', 'hostile-text');
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const loader = pathToFileURL(join(root, 'scripts', 'load-typescript.mjs')).href;
const given = process.argv.slice(2);
const options = given.filter((argument) => argument.startsWith('-'));
const filters = given.filter((argument) => !argument.startsWith('-'));

const files = readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .filter((file) => filters.length > 0 || process.env.CI || !onlyInCi.some((folder) => file.startsWith(folder)))
  .toSorted();
if (files.length === 0) end('There is no test file to run.');

const urlOf = (file) => pathToFileURL(join(root, file)).href;
const directory = mkdtempSync(join(tmpdir(), 'tests-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const isSimulation = (file) => simulation.includes(file);
const others = files.filter((file) => !isSimulation(file));
const nightsCode = await run(files.filter(isSimulation));
const othersCode = await run(others);
if (nightsCode !== 0)
  process.stderr.write('The simulated nights failed: their report is above those of the other tests.\n');
process.exit(nightsCode || othersCode);

/** Gives the exit code of the test runner. Files without a test are an error. */
async function run(some) {
  if (some.length === 0) return 0;
  const child = spawn(
    process.execPath,
    [
      '--import',
      loader,
      '--test',
      '--test-reporter=spec',
      `--test-concurrency=${processes}`,
      ...options,
      ...modulesFor(some),
    ],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
    },
  );
  let tail = '';
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    tail = (tail + chunk).slice(-20_000);
  });
  const [code] = await once(child, 'close');
  const count = Number(/(?:ℹ|#) tests (\d+)/.exec(tail)?.[1] ?? 0);
  if (code === 0 && count === 0) end('No test ran.');
  return code ?? 1;
}

/** Modules in the order in which they run, each for the files of one process. */
function modulesFor(all) {
  const first = [...simulation, ...slow].filter((file) => all.includes(file));
  const groups = [...first.map((file) => [file]), ...grouped(all.filter((file) => !first.includes(file)))];
  return groups.map((group, index) => {
    // The test runner sorts what it is given by name.
    const module = join(directory, `${String(index).padStart(3, '0')}.mjs`);
    writeFileSync(module, group.length === 1 ? `import ${JSON.stringify(urlOf(group[0]))};` : suitesOf(group));
    return module;
  });
}

/** The files of each process. The long ones begin first and the short ones last, so that no core is idle at the end. */
function grouped(all) {
  const inFolder = (folder) => all.filter((file) => file.startsWith(join(folder, '/')));
  const rest = all.filter((file) => ![...inFolder(long), ...inFolder(alone)].includes(file));
  return [...inGroups(inFolder(long), 4), ...inGroups(rest, 25), ...inGroups(inFolder(alone), 1)];
}

function inGroups(all, size) {
  const count = Math.ceil(all.length / size);
  return Array.from({ length: count }, (_, n) => all.slice(n * size, (n + 1) * size));
}

/**
 * Imports every file as a suite, so that its hooks are its own. No test begins before all are loaded: while TypeScript is compiled no timer of a
 * test is in time.
 */
function suitesOf(group) {
  const suites = group.map((file) => {
    const [name, url] = [file, urlOf(file)].map((text) => JSON.stringify(text));
    return `describe(${name}, async () => { await import(${url}).finally(countLoaded); after(closeAll); await allLoaded; });`;
  });
  return [
    "import { after, describe } from 'node:test';",
    `import { closeAll } from ${JSON.stringify(urlOf('test/helpers/close-later.ts'))};`,
    `let missing = ${group.length};`,
    'let countLoaded;',
    'const allLoaded = new Promise((resolve) => (countLoaded = () => (missing -= 1) > 0 || resolve()));',
    ...suites,
  ].join('\n');
}

function end(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

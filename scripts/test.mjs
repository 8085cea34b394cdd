// Runs every test, or those whose path contains one of the arguments: npm test -- policy sandbox
// Options go to Node: npm test -- --test-name-pattern=escalation
// Node 20 does not find tests in TypeScript by itself and is content with none, so files are listed and tests counted.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const given = process.argv.slice(2);
const options = given.filter((argument) => argument.startsWith('-'));
const filters = given.filter((argument) => !argument.startsWith('-'));

const files = readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .toSorted();
if (files.length === 0) end('There is no test file to run.');

const child = spawn(
  process.execPath,
  ['--import', 'tsx', '--test', '--test-reporter=spec', '--test-concurrency=2', ...options, ...files],
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
child.on('close', (code, signal) => {
  const count = Number(/(?:ℹ|#) tests (\d+)/.exec(tail)?.[1] ?? 0);
  if (code === 0 && count === 0) end('No test ran.');
  process.exit(code ?? (signal ? 1 : 0));
});

function end(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

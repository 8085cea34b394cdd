/** `npm run bench -- [parts…] [--json FILE] [--quick] [--together] [--trace]`: measures the product beside a floor. */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { parts } from './parts.js';
import { describeRun, markdownOf } from './report.js';
import type { PartResult } from './figures.js';
import { openSite } from './site.js';
import { trace } from './trace.js';

const runTimeoutMs = 40 * 60_000;

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const names = parts.map(({ name }) => name);
const usage = `npm run bench -- [${names.join('] [')}] [--json FILE] [--quick] [--together] [--trace]

Runs the named parts (default: all). Each has a Temporal server, an api and a worker of its own.
${parts.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`).join('\n')}
  --json FILE  writes every measured value
  --quick      fewer of everything, to check that it works: the numbers mean little
  --together   api and worker in one process, as with npm start
  --trace      instead of the parts: the events of one page, with their times`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    together: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const unknown = positionals.filter((name) => !names.includes(name));
if (options.help || unknown.length > 0) {
  print(unknown.length > 0 ? `There is no part ${unknown.join(', ')}.\n\n${usage}` : usage);
  process.exit(unknown.length > 0 ? 1 : 0);
}
setTimeout(() => {
  process.stderr.write(`Stopped after ${runTimeoutMs / 60_000} min.\n`);
  process.exit(1);
}, runTimeoutMs).unref();

if (options.trace) {
  const site = await openSite({ together: options.together });
  try {
    print(await trace(site));
  } finally {
    await site.close();
  }
  process.exit(0);
}

const wanted = parts.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const results: Record<string, PartResult & { seconds: number; load: string }> = {};
const loadNow = (): string => loadavg().at(0)?.toFixed(1) ?? '';
const failed: string[] = [];
for (const { name, run } of wanted) {
  const began = Date.now();
  process.stderr.write(`${name} …\n`);
  try {
    const before = loadNow();
    const result = await run({ quick: options.quick, together: options.together });
    const seconds = Math.round((Date.now() - began) / 1_000);
    // The load before the part is that of other programs.
    const load = `${before} → ${loadNow()}`;
    results[name] = { ...result, seconds, load };
    print(`\n### ${name} (${seconds} s, load ${load})\n\n${markdownOf(result.rows)}`);
  } catch (error) {
    failed.push(name);
    process.stderr.write(
      `${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  }
  await save();
}
print(`\n${(await describeRun(options.quick)).text}`);
process.exit(failed.length > 0 ? 1 : 0);

/** Called after every part, so that an interrupted run keeps its results. */
async function save(): Promise<void> {
  if (options.json === undefined) return;
  const { facts } = await describeRun(options.quick);
  await writeFile(options.json, `${JSON.stringify({ ...facts, failed, parts: results }, null, 2)}\n`);
}

/** `npm run chaos`: kills and freezes every process, and counts what was lost. */
import { writeFile } from 'node:fs/promises';
import { help, readOptions } from './options.js';
import { reportOf } from './report.js';
import { runChaos } from './run.js';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    print(help);
    return 0;
  }
  const { incidents, minutes, kills, seed } = options;
  print(`${incidents} incidents and ${kills} kills within ${minutes} min, seed ${seed}`);
  const result = await runChaos({
    ...options,
    lanes: Math.min(120, Math.max(20, Math.ceil((1.2 * incidents) / minutes))),
    waitMs: 6_000,
    restarts: Math.min(3, Math.floor(kills / 25)),
    vendorFaults: Math.ceil(minutes * 5),
    timeoutMs: 300_000,
    print,
  });
  print(`\n${reportOf(result)}`);
  if (options.json !== null) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
  return result.verdict.findings.length === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(2);
  },
);

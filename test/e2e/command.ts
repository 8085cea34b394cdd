/** The command line of the product as a script calls it, against the Temporal of a service. */
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Service } from './service.js';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Gives the exit code, and what was written: to both streams where the code is not 0. */
export const runCommand = (service: Pick<Service, 'address'>, ...args: string[]): Promise<Ran> =>
  runCommandWith(service, {}, args);

interface Ran {
  stdout: string;
  code: number;
}

/** As `runCommand`, with more variables. */
export async function runCommandWith(
  { address }: Pick<Service, 'address'>,
  more: Record<string, string>,
  args: readonly string[],
): Promise<Ran> {
  const env = { PATH: process.env['PATH'], TEMPORAL_ADDRESS: address, ...more };
  return promisify(execFile)(process.execPath, [main, ...args], { env, cwd: tmpdir() }).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => ({
      stdout: error.stdout + error.stderr,
      code: error.code,
    }),
  );
}

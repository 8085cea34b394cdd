import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { run } from './download.js';

const ServerProcess = Type.Object({
  pid: Type.Integer({ minimum: 2 }),
  port: Type.Integer(),
  /** Of the server's own Web UI, behind our proxy. */
  innerUiPort: Type.Integer(),
  binary: Type.String(),
  /** The process of ours that stops the server. */
  owner: Type.Integer(),
});
export type ServerProcess = Static<typeof ServerProcess>;

/** The server of an earlier run, or null. */
export async function readPidFile(file: string): Promise<ServerProcess | null> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Value.Check(ServerProcess, content) ? content : null;
  } catch {
    return null;
  }
}

export async function writePidFile(file: string, server: ServerProcess): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(server));
  await rename(draft, file);
}

export async function removePidFile(file: string, pid: number): Promise<void> {
  if ((await readPidFile(file))?.pid === pid) await rm(file, { force: true });
}

/** Whether that process is still the server of this database: pids are reused. */
export async function stillRuns({ pid, binary }: ServerProcess, database: string): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8')
    .then((line) => line.replaceAll('\0', ' '))
    .catch(() => run('ps', ['-o', 'command=', '-p', String(pid)], 5_000))
    .catch(() => '');
  return command.startsWith(`${binary} `) && command.includes(database);
}

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { readPidFile, removePidFile, stillRuns, writePidFile, type ServerProcess } from './pid-file.js';
import { answers, isFree } from './ports.js';

export interface EmbeddedOptions {
  /** The `temporal` program, from `findBinary`. */
  binary: string;
  /** gRPC; the Web UI has the port 1000 above it. */
  port: number;
  /** Where the database, the pid file and the server's log are kept. */
  directory: string;
  log?: (line: string) => void;
}

export interface EmbeddedTemporal {
  address: string;
  webUi: string;
  /** Settles when the server ended without `stop`. */
  gone: Promise<string>;
  /** Ends the server, unless it belongs to another process of ours that is alive. */
  stop: () => Promise<void>;
}

/** Where a development server is, or would be, with a given port. */
export const uiPort = (port: number): number => port + 1000;

const pidFileOf = (directory: string) => join(directory, 'temporal.pid');
const databaseOf = (directory: string) => resolve(directory, 'temporal.db');

const startTimeoutMs = 60_000;
/** After this the server is killed; its database survives that. */
const stopTimeoutMs = 1_500;

/**
 * Starts Temporal's development server with a database that outlives it, in a process group of its own, so that Ctrl-C
 * reaches us first and it can be stopped last. A server that an earlier run of ours left behind is taken over.
 *
 * @throws Error when the port is taken by anything else, or the server does not start
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedTemporal> {
  const { port, directory } = options;
  await mkdir(directory, { recursive: true });
  const earlier = await readPidFile(pidFileOf(directory));
  if (earlier?.port === port && (await stillRuns(earlier, databaseOf(directory)))) return takeOver(options, earlier);
  await requireFreePorts(port);
  return startNew(options);
}

const addressesOf = (port: number) => ({
  address: `127.0.0.1:${port}`,
  webUi: `http://127.0.0.1:${uiPort(port)}`,
});

async function takeOver({ port, directory, log }: EmbeddedOptions, earlier: ServerProcess): Promise<EmbeddedTemporal> {
  const { pid } = earlier;
  const pidFile = pidFileOf(directory);
  const owned = !isAlive(earlier.owner);
  log?.(`Using the Temporal server of an earlier run (pid ${pid}).`);
  if (owned) await writePidFile(pidFile, { ...earlier, owner: process.pid });
  await untilReady(port, () => (isAlive(pid) ? null : 'it ended'));
  const watch = watchPid(pid);
  return {
    ...addressesOf(port),
    gone: watch.gone,
    stop: async () => {
      watch.stop();
      if (owned) await stop(pid, pidFile);
    },
  };
}

async function requireFreePorts(port: number): Promise<void> {
  for (const taken of [port, uiPort(port)]) {
    if (await isFree(taken)) continue;
    throw new Error(
      `Port ${taken} is taken by another program, and Temporal's development server needs ${port} and ${uiPort(port)}. ` +
        'Set EMBEDDED_TEMPORAL_PORT to another port, or TEMPORAL_ADDRESS if that program is the Temporal to use.',
    );
  }
}

async function startNew({ binary, port, directory }: EmbeddedOptions): Promise<EmbeddedTemporal> {
  const pidFile = pidFileOf(directory);
  const logFile = join(directory, 'temporal.log');
  const child = launch(binary, port, databaseOf(directory), logFile);
  const exit = new Promise<string>((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, killed) => settle(`it ended with ${killed ?? `code ${code}`}`));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`Temporal's development server cannot be started: ${await exit}.`);
  let ended: string | null = null;
  void exit.then((why) => (ended = why));
  await writePidFile(pidFile, { pid, port, binary, owner: process.pid });
  try {
    await untilReady(port, () => ended);
  } catch (error) {
    await stop(pid, pidFile);
    throw new Error(`Temporal's development server did not start; see ${logFile}.`, { cause: error });
  }

  let stopping = false;
  return {
    ...addressesOf(port),
    gone: new Promise((settle) => void exit.then((why) => stopping || settle(why))),
    stop: async () => {
      stopping = true;
      await stop(pid, pidFile);
    },
  };
}

/** A server that runs with the database of a directory: its port, and the process of ours that it belongs to, if alive. */
export async function leftRunning(directory: string): Promise<{ port: number; owner: number | null } | null> {
  const earlier = await readPidFile(pidFileOf(directory));
  if (!earlier || !(await stillRuns(earlier, databaseOf(directory)))) return null;
  return { port: earlier.port, owner: isAlive(earlier.owner) ? earlier.owner : null };
}

/** Ends what `leftRunning` found. */
export async function endLeftRunning(directory: string): Promise<void> {
  const pidFile = pidFileOf(directory);
  const earlier = await readPidFile(pidFile);
  if (earlier && (await stillRuns(earlier, databaseOf(directory)))) await stop(earlier.pid, pidFile);
}

function launch(binary: string, port: number, database: string, logFile: string): ChildProcess {
  const log = openSync(logFile, 'w');
  const ports = [
    '--ip',
    '127.0.0.1',
    '--port',
    String(port),
    '--ui-ip',
    '127.0.0.1',
    '--ui-port',
    String(uiPort(port)),
  ];
  // Write-ahead logging with synchronous=1 (NORMAL): a crash of the machine can lose the last moments, never the file.
  const store = [
    '--db-filename',
    database,
    ...['journal_mode=wal', 'synchronous=1'].flatMap((it) => ['--sqlite-pragma', it]),
  ];
  const child = spawn(binary, ['server', 'start-dev', ...ports, ...store, '--log-level', 'error'], {
    detached: true,
    stdio: ['ignore', log, log],
    windowsHide: true,
  });
  closeSync(log);
  return child;
}

/** Waits until the server answers and has its default namespace. */
async function untilReady(port: number, ended: () => string | null): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  const until = async (ready: () => Promise<boolean>) => {
    while (!(await ready())) {
      const why = ended();
      if (why !== null) throw new Error(why);
      if (Date.now() > deadline) throw new Error(`it did not answer within ${startTimeoutMs / 1000} s`);
      await sleep(50);
    }
  };
  // Not by gRPC at first: it waits a second between two tries.
  await until(() => answers(port));
  const connection = Connection.lazy({ address: `127.0.0.1:${port}` });
  try {
    await until(() =>
      connection
        .withDeadline(Date.now() + 2_000, () => connection.workflowService.describeNamespace({ namespace: 'default' }))
        .then(
          () => true,
          () => false,
        ),
    );
  } finally {
    await connection.close();
  }
}

async function stop(pid: number, pidFile: string): Promise<void> {
  signal(pid, 'SIGTERM');
  const deadline = Date.now() + stopTimeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) signal(pid, 'SIGKILL');
    await sleep(50);
  }
  await removePidFile(pidFile, pid);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process has ended already.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function watchPid(pid: number): { gone: Promise<string>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const gone = new Promise<string>((settle) => {
    timer = setInterval(() => isAlive(pid) || settle('it ended'), 1_000);
  });
  return { gone, stop: () => clearInterval(timer) };
}

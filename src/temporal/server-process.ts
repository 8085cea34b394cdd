/** The process of the development server: how it is started, watched and ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { removePidFile } from './pid-file.js';
import { answers } from './ports.js';

const startTimeoutMs = 60_000;
/** After this the server is killed; its database survives that. */
const stopTimeoutMs = 1_500;

export function launch(
  binary: string,
  { port, innerUiPort }: { port: number; innerUiPort: number },
  database: string,
  logFile: string,
): ChildProcess {
  const ports = ['--ip', '127.0.0.1', '--port', String(port), '--ui-ip', '127.0.0.1', '--ui-port', String(innerUiPort)];
  // Its HTTP API, on a random port, would take a POST of any web page; nothing of ours uses it, so that no name may.
  const closed = ['--dynamic-config-value', 'frontend.httpAllowedHosts=[]'];
  // Write-ahead logging with synchronous=1 (NORMAL): a crash of the machine can lose the last moments, never the file.
  const store = [
    '--db-filename',
    database,
    ...['journal_mode=wal', 'synchronous=1'].flatMap((it) => ['--sqlite-pragma', it]),
  ];
  // Its files are for this user only.
  const umask = process.umask(0o077);
  try {
    const log = openSync(logFile, 'w');
    const child = spawn(binary, ['server', 'start-dev', ...ports, ...closed, ...store, '--log-level', 'error'], {
      detached: true,
      stdio: ['ignore', log, log],
      windowsHide: true,
    });
    closeSync(log);
    return child;
  } finally {
    process.umask(umask);
  }
}

/** Waits until the server answers and has its default namespace. */
export async function untilReady(port: number, ended: () => string | null): Promise<void> {
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

export async function stop(pid: number, pidFile: string): Promise<void> {
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

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

export function watchPid(pid: number): { gone: Promise<string>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const gone = new Promise<string>((settle) => {
    timer = setInterval(() => isAlive(pid) || settle('it ended'), 1_000);
  });
  return { gone, stop: () => clearInterval(timer) };
}

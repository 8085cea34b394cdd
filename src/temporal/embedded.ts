import { chmod, mkdir, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readPidFile, stillRuns, writePidFile, type ServerProcess } from './pid-file.js';
import { isFree } from './ports.js';
import { isAlive, launch, stop, untilReady, watchPid } from './server-process.js';
import { freeBlockedPorts, startWebUi } from './web-ui.js';

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

/**
 * Starts Temporal's development server with a database that outlives it, in a process group of its own, so that Ctrl-C
 * reaches us first and it can be stopped last. A server that an earlier run of ours left behind is taken over.
 *
 * @throws Error when the port is taken by anything else, or the server does not start
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedTemporal> {
  const { port, directory } = options;
  await openToOwnerOnly(directory);
  const earlier = await readPidFile(pidFileOf(directory));
  if (earlier?.port === port && (await stillRuns(earlier, databaseOf(directory)))) return takeOver(options, earlier);
  await requireFreePorts(port);
  return startNew(options);
}

/** Makes the directory inaccessible to other users, and the database too, which an earlier version may have left readable. */
async function openToOwnerOnly(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const database = basename(databaseOf(directory));
  for (const file of await readdir(directory)) if (file.startsWith(database)) await chmod(join(directory, file), 0o600);
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
  // While the other process of ours is alive, it serves the Web UI.
  const closeWebUi = owned ? await startWebUi(uiPort(port), earlier.innerUiPort) : null;
  const watch = watchPid(pid);
  return {
    ...addressesOf(port),
    gone: watch.gone,
    stop: async () => {
      watch.stop();
      await closeWebUi?.();
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

async function startNew(options: EmbeddedOptions): Promise<EmbeddedTemporal> {
  const { port, directory } = options;
  const pidFile = pidFileOf(directory);
  const logFile = join(directory, 'temporal.log');
  const { pid, exit, innerUiPort } = await startServer(options, pidFile, logFile);
  const closeWebUi = await startWebUi(uiPort(port), innerUiPort).catch(async (error: unknown) => {
    await stop(pid, pidFile);
    throw error;
  });
  let stopping = false;
  return {
    ...addressesOf(port),
    gone: new Promise((settle) => void exit.then((why) => stopping || settle(why))),
    stop: async () => {
      stopping = true;
      await closeWebUi();
      await stop(pid, pidFile);
    },
  };
}

interface StartedServer {
  pid: number;
  exit: Promise<string>;
  innerUiPort: number;
}

/** Starts the server with its UI on one of the ports that browsers block; when another program takes that one meanwhile, on the next. */
async function startServer(
  { binary, port, directory }: EmbeddedOptions,
  pidFile: string,
  logFile: string,
): Promise<StartedServer> {
  for (const innerUiPort of await freeBlockedPorts()) {
    const child = launch(binary, { port, innerUiPort }, databaseOf(directory), logFile);
    const exit = new Promise<string>((settle) => {
      child.once('error', (error) => settle(error.message));
      child.once('exit', (code, killed) => settle(`it ended with ${killed ?? `code ${code}`}`));
    });
    const { pid } = child;
    if (pid === undefined) throw new Error(`Temporal's development server cannot be started: ${await exit}.`);
    let ended: string | null = null;
    void exit.then((why) => (ended = why));
    await writePidFile(pidFile, { pid, port, innerUiPort, binary, owner: process.pid });
    try {
      await untilReady(port, () => ended);
      return { pid, exit, innerUiPort };
    } catch (error) {
      await stop(pid, pidFile);
      if (await isFree(innerUiPort))
        throw new Error(`Temporal's development server did not start; see ${logFile}.`, { cause: error });
    }
  }
  throw new Error("Temporal's development server has no port for its Web UI: end some of the others on this machine.");
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

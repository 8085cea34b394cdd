/** Programs that run beside a test. Their output is kept, they can be killed at any moment, and none outlives the test. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from './until.js';

/** Long enough for whatever a loaded machine with two cores does. */
export const slowMachineTimeoutMs = 60_000;
/** How long a program may take to exit after SIGTERM. */
const stopTimeoutMs = 20_000;

export interface ProgramOptions {
  name: string;
  file: string;
  args: string[];
  /** All of its environment: nothing is inherited. */
  env: Record<string, string>;
  cwd: string;
  /** Whether it is ready, given its output since it was started. */
  ready: (output: string) => Promise<boolean> | boolean;
}

export interface Program {
  name: string;
  /** Resolves when it is ready; throws when it exits before that. */
  start: () => Promise<void>;
  /** SIGKILL; resolves when the process has exited. */
  kill: () => Promise<void>;
  /** SIGSTOP: the process does nothing until it is resumed, but its connections stay open. */
  freeze: () => void;
  resume: () => void;
  /** SIGTERM; gives the exit code, null when the process had to be killed. */
  stop: () => Promise<number | null>;
  /** Sends a signal and does not wait. */
  signal: (name: NodeJS.Signals) => void;
  /** The output of all processes that were started for it, on both streams. */
  output: () => string;
  /** Null while no process runs. */
  pid: () => number | null;
}

const alive = new Set<ChildProcess>();
// Also when the test process is ended by a signal or by an exception.
process.on('exit', () => alive.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

export function programOf({ name, file, args, env, cwd, ready }: ProgramOptions): Program {
  let child: ChildProcess | null = null;
  let output = '';

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const running = child;
    child = null;
    if (!running || !alive.has(running)) return null;
    const gone = once(running, 'exit');
    running.kill(signal);
    const stopTimer = new AbortController();
    void pause(stopTimeoutMs, undefined, { signal: stopTimer.signal }).then(
      () => running.kill('SIGKILL'),
      () => undefined,
    );
    await gone;
    stopTimer.abort();
    return running.exitCode;
  };

  return {
    name,
    async start() {
      const startedAtLength = output.length;
      const started = spawn(file, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      alive.add(started);
      let ended: string | null = null;
      started.once('exit', (code, signal) => {
        alive.delete(started);
        ended = signal ?? `code ${code}`;
      });
      started.once('error', (error) => {
        alive.delete(started);
        ended = error.message;
      });
      for (const stream of [started.stdout, started.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
      }
      await until(
        `${name} to start`,
        async () => {
          if (ended !== null) throw new Error(`${name} ended with ${ended}:\n${output.slice(startedAtLength)}`);
          return ready(output.slice(startedAtLength));
        },
        slowMachineTimeoutMs,
      );
    },
    async kill() {
      await end('SIGKILL');
    },
    freeze: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    stop: () => end('SIGTERM'),
    signal: (what) => void child?.kill(what),
    output: () => output,
    pid: () => child?.pid ?? null,
  };
}

/** The test, which prints the output of the programs when it fails. They may be started after this is called, by a `before`. */
export const printingOutputOnFailure =
  (programs: () => readonly Program[], run: () => Promise<void>): (() => Promise<void>) =>
  async () => {
    try {
      await run();
    } catch (error) {
      for (const { name, output } of programs()) process.stderr.write(`--- ${name}\n${output().slice(-8_000)}\n`);
      throw error;
    }
  };

/** Programs that run beside a test. What they say is kept, they can be killed at any moment, and none outlives the test. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from './until.js';

/** For whatever a loaded machine with two cores may take, milliseconds. */
export const patience = 60_000;
/** How long a program that was asked to end may take. */
const grace = 20_000;

export interface ProgramOptions {
  name: string;
  file: string;
  args: string[];
  /** All of its environment: nothing is inherited. */
  env: Record<string, string>;
  cwd: string;
  /** Whether it has begun, given what it has said since it was started. */
  ready: (said: string) => Promise<boolean> | boolean;
}

export interface Program {
  name: string;
  /** Until it is ready; throws when it ends before. */
  start: () => Promise<void>;
  /** kill -9, until it is gone. */
  kill: () => Promise<void>;
  /** SIGSTOP: it does nothing and answers nothing until it is resumed, yet its connections stay. */
  freeze: () => void;
  resume: () => void;
  /** Asks it to end, until it is gone; gives its exit code, null when it had to be killed. */
  stop: () => Promise<number | null>;
  /** Sends it a signal, without waiting for anything. */
  signal: (name: NodeJS.Signals) => void;
  /** All that it has said, in all its lives. */
  said: () => string;
  /** Of its present life, null while it has none. */
  pid: () => number | null;
}

const alive = new Set<ChildProcess>();
// Also when the test is ended from outside or dies in the middle.
process.on('exit', () => alive.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

export function programOf({ name, file, args, env, cwd, ready }: ProgramOptions): Program {
  let child: ChildProcess | null = null;
  let said = '';

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const running = child;
    child = null;
    if (!running || !alive.has(running)) return null;
    const gone = once(running, 'exit');
    running.kill(signal);
    const late = new AbortController();
    void pause(grace, undefined, { signal: late.signal }).then(
      () => running.kill('SIGKILL'),
      () => undefined,
    );
    await gone;
    late.abort();
    return running.exitCode;
  };

  return {
    name,
    async start() {
      const begun = said.length;
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
          said += text;
        });
      }
      await until(
        `${name} to begin`,
        async () => {
          if (ended !== null) throw new Error(`${name} ended with ${ended}:\n${said.slice(begun)}`);
          return ready(said.slice(begun));
        },
        patience,
      );
    },
    async kill() {
      await end('SIGKILL');
    },
    freeze: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    stop: () => end('SIGTERM'),
    signal: (what) => void child?.kill(what),
    said: () => said,
    pid: () => child?.pid ?? null,
  };
}

/** A test that shows what the programs have said when it fails. */
export const telling =
  (programs: readonly Program[], story: () => Promise<void>): (() => Promise<void>) =>
  async () => {
    try {
      await story();
    } catch (error) {
      for (const { name, said } of programs) process.stderr.write(`--- ${name}\n${said().slice(-8_000)}\n`);
      throw error;
    }
  };

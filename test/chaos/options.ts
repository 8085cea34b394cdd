/** The command line of `npm run chaos`. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export interface ChaosOptions {
  incidents: number;
  kills: number;
  /** How long incidents start and processes are killed; the run then waits for what is open. */
  minutes: number;
  seed: number;
  /** How often a process is frozen by SIGSTOP, and for how many seconds. */
  freezes: number;
  freezeSeconds: number;
  /** Paths for the result as JSON and for the output of every process. */
  json: string | null;
  logs: string | null;
}

export interface RunOptions extends ChaosOptions {
  /** About how many incidents are open at once at most. */
  lanes: number;
  /** The wait of each step. */
  waitMs: number;
  /** How often the whole machine is restarted in the middle of a step's wait. */
  restarts: number;
  /** How many vendor faults are injected. */
  vendorFaults: number;
  /** The longest wait for anything. */
  timeoutMs: number;
  print: (line: string) => void;
}

export const help = `npm run chaos -- [options]

Runs the whole product as real processes, kills and freezes them, makes Twilio and Tableau fail, and reports the outcome
of every incident and every answer. Exits with 1 when a promise was broken.

  --incidents N   how many items fail (1 to 5000; 1000)
  --kills N       how many processes are killed by SIGKILL (0 to 500; 100)
  --minutes N     for how long (0.5 to 120; 20); the run then waits some minutes for what is open
  --freezes N     how often a process is frozen by SIGSTOP (0 to 100; one for every ten kills)
  --frozen N      for how many seconds (1 to 60; 20)
  --seed N        of the random numbers (default: a new one)
  --json FILE     writes the result as JSON
  --logs DIR      writes the output of every process
`;

const limits = {
  incidents: [1, 5000, 1000],
  kills: [0, 500, 100],
  minutes: [0.5, 120, 20],
  freezes: [0, 100, 10],
  frozen: [1, 60, 20],
  seed: [0, 2 ** 31, 0],
} as const;

/** Null for --help. Throws an Error with a message for people. */
export function readOptions(args: string[]): ChaosOptions | null {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      incidents: text,
      kills: text,
      minutes: text,
      freezes: text,
      frozen: text,
      seed: text,
      json: text,
      logs: text,
    },
  });
  if (values.help) return null;
  const number = (name: keyof typeof limits, otherwise: number = limits[name][2]): number => {
    const [least, most] = limits[name];
    const value = values[name] === undefined ? otherwise : Number(values[name]);
    const isWhole = name === 'minutes' || Number.isInteger(value);
    if (!isWhole || !(value >= least && value <= most)) {
      throw new Error(`--${name} must be a ${name === 'minutes' ? '' : 'whole '}number from ${least} to ${most}.`);
    }
    return value;
  };
  const kills = number('kills');
  return {
    incidents: number('incidents'),
    kills,
    minutes: number('minutes'),
    freezes: number('freezes', Math.min(100, Math.ceil(kills / 10))),
    freezeSeconds: number('frozen'),
    seed: number('seed', randomInt(1_000_000)),
    json: values.json ?? null,
    logs: values.logs ?? null,
  };
}

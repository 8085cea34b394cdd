/** What a run of chaos is asked for on its command line. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export interface ChaosOptions {
  incidents: number;
  kills: number;
  /** How long incidents come and processes die; what is open then is waited for. */
  minutes: number;
  seed: number;
  /** How many times something is stopped by SIGSTOP, and for how many seconds. */
  freezes: number;
  frozenFor: number;
  /** Where the result goes as JSON, and what every process said; nowhere unless given. */
  json: string | null;
  logs: string | null;
}

export const help = `npm run chaos -- [options]

Runs the whole product as real processes, kills and freezes them, lets Twilio and Tableau fail, and says what became of
every incident and every answer. Ends with 1 when a promise was broken.

  --incidents N   how many items fail (1 to 5000; 1000)
  --kills N       how many processes are killed by kill -9 (0 to 500; 100)
  --minutes N     how long that takes (0.5 to 120; 20); what is open then is waited for, some minutes more
  --freezes N     how many times a process is stopped by SIGSTOP (0 to 100; one for every ten kills)
  --frozen N      for how many seconds (1 to 60; 20)
  --seed N        who does what, and when (a new one unless given)
  --json FILE     writes the result as JSON
  --logs DIR      writes what every process said
`;

const limits = {
  incidents: [1, 5000, 1000],
  kills: [0, 500, 100],
  minutes: [0.5, 120, 20],
  freezes: [0, 100, 10],
  frozen: [1, 60, 20],
  seed: [0, 2 ** 31, 0],
} as const;

/** Null when help was asked for. Throws an Error with a sentence for people. */
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
    frozenFor: number('frozen'),
    seed: number('seed', randomInt(1_000_000)),
    json: values.json ?? null,
    logs: values.logs ?? null,
  };
}

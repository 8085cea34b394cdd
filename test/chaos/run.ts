/** One run of chaos, from an empty machine to a verdict. */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFollow } from './follow.js';
import { lanesOf, slowLaneOf } from './lanes.js';
import { createLedger, nameOf, type Case, type Ledger } from './ledger.js';
import { restartMachine } from './machine.js';
import type { ChaosOptions } from './options.js';
import { randomOf } from './random.js';
import type { Result } from './report.js';
import { createMoments } from './stages.js';
import { stream } from './stream.js';
import { planStrikes, strikeAll, type Strike, type Struck, type Target } from './strikes.js';
import { openTown, type Town } from './environment.js';
import { trouble } from './troubles.js';
import { judge, type Verdict } from './verdict.js';
import { createWire } from './wire.js';

export interface RunOptions extends ChaosOptions {
  /** As many incidents are open at once at most, or a few more. */
  lanes: number;
  /** Between the steps of a ladder, milliseconds. */
  wait: number;
  /** How often the whole machine goes away in the middle of a wait. */
  restarts: number;
  /** Spells of trouble at Twilio and Tableau. */
  spells: number;
  /** How long anything that is owed is waited for, milliseconds. */
  patience: number;
  say: (line: string) => void;
}

export async function runChaos(options: RunOptions): Promise<Result> {
  const began = Date.now();
  const ledger = createLedger();
  const moments = createMoments();
  // One chance for each: what is asked of it in one place moves nothing in another.
  const chance = (n: number) => randomOf(options.seed * 10 + n);
  let town: Town | null = null;
  const sandbox = () => town?.service.sandbox ?? null;
  const wire = createWire({ ledger, moments, random: chance(1), sandbox });
  const lanes = lanesOf(options.lanes, options.wait);
  const slow = slowLaneOf(Math.max(15_000, 4 * options.wait));
  const opened = await openTown([...lanes, slow], wire);
  town = opened;
  const draining = setInterval(wire.drain, 5_000);
  try {
    const { service, script, notifier, acknowledge, isLoud } = opened;
    const world = { sandbox: service.sandbox, ledger, moments, acknowledge, patience: options.patience };
    const follow = createFollow({ world, notifier, script, isLoud });
    const struck: Struck[] = [];
    const troubles: Record<string, number> = {};
    const restarts: number[] = [];
    const calm = new AbortController();
    const heard = (one: Struck): void => {
      struck.push(one);
      options.say(lineOf(one, began));
    };
    const within = options.minutes * 60_000;
    const { single, several, machine } = targetsOf(opened);
    const machineKills = options.restarts * machine.programs.length;
    const strikes = planStrikes(chance(2), single, several, Math.max(0, options.kills - machineKills), options.freezes);

    const progress = (): number => (struck.length + 1) / (strikes.length + options.restarts + 1);
    async function strikeThrough(): Promise<void> {
      const parts = options.restarts + 1;
      const size = Math.ceil(strikes.length / parts);
      for (let n = 0; n < parts; n += 1) {
        const part: Strike[] = strikes.slice(n * size, (n + 1) * size);
        const { frozenFor } = options;
        await strikeAll({ random: chance(3 + n), moments, strikes: part, within: within / parts, frozenFor, heard });
        if (n === options.restarts) continue;
        const name = nameOf(options.incidents + n + 1);
        restarts.push(await restartMachine({ follow, lane: slow, name, luid: randomUUID(), machine, heard }));
      }
    }
    await Promise.all([
      stream({ follow, moments, random: chance(90), lanes, incidents: options.incidents, within, progress }),
      strikeThrough().finally(() => calm.abort()),
      trouble({
        sandbox: service.sandbox,
        random: chance(91),
        spells: options.spells,
        within,
        signal: calm.signal,
        heard: (what) => {
          troubles[what] = (troubles[what] ?? 0) + 1;
          options.say(`${clock(began)}  ${what}`);
        },
      }),
    ]);
    // What is late belongs to nobody's promise any more, and the books are worth more than quiet.
    await service.quiet().catch((error: unknown) => options.say(String(error)));
    wire.drain();
    const verdict = judge(ledger, struck);
    if (options.logs !== null) await keepLogs(options.logs, opened);
    const seconds = (Date.now() - began) / 1_000;
    const [guilty, slowest] = [guiltyIn(ledger, verdict), slowestIn(ledger)];
    return { seed: options.seed, seconds, verdict, struck, troubles, restarts, slowest, guilty };
  } finally {
    clearInterval(draining);
    await opened.close();
  }
}

function targetsOf({ service, front }: Town): { single: Target[]; several: Target[]; machine: Target } {
  const { api, temporal, workers } = service;
  const single = [api, ...workers, temporal, front].map((program) => ({ name: program.name, programs: [program] }));
  const both = { name: 'both workers', programs: workers };
  const machine = { name: 'the machine', programs: [temporal, api, ...workers] };
  return { single, several: [both, machine], machine };
}

const clock = (began: number): string => `${((Date.now() - began) / 1_000).toFixed(1).padStart(7)} s`;

const lineOf = ({ at, until, target, way, stage, wanted }: Struck, began: number): string =>
  `${clock(began)}  ${target} ${way === 'kill' ? 'killed' : 'frozen'}, ${stage ?? `at any moment, for ${wanted} did not come`}; back after ${((until - at) / 1_000).toFixed(1)} s`;

const shown = ({ name, id, plan, state, story, timeline, pages }: Case): Result['guilty'][number] => ({
  name,
  id,
  plan,
  state,
  story,
  timeline,
  pages,
});

function guiltyIn({ cases }: Ledger, { findings }: Verdict): Result['guilty'] {
  const names = new Set(findings.flatMap(({ name }) => name.split(', ')));
  return [...cases.values()].filter(({ name }) => names.has(name)).map(shown);
}

function slowestIn({ cases }: Ledger): Result['guilty'] {
  const late = ({ acceptedAt, pages }: Case): number => (pages[0]?.at ?? 0) - (acceptedAt ?? 0);
  return [...cases.values()]
    .toSorted((a, b) => late(b) - late(a))
    .slice(0, 5)
    .map(shown);
}

async function keepLogs(directory: string, { service, front }: Town): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const { name, output } of [service.api, ...service.workers, service.temporal, front]) {
    await writeFile(join(directory, `${name.replaceAll(' ', '-')}.log`), output());
  }
}

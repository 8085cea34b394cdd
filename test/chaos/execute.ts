/** Runs the stream of incidents, the process faults and the vendor faults at the same time. */
import { randomUUID } from 'node:crypto';
import type { Environment } from './environment.js';
import { createFollow } from './follow.js';
import type { Lane } from './lanes.js';
import { nameOf, type Ledger } from './ledger.js';
import { restartMachine, type MachineOptions } from './machine.js';
import type { RunOptions } from './options.js';
import { injectProcessFaults, planProcessFaults, type InjectedFault, type Target } from './process-faults.js';
import type { Random } from './random.js';
import type { Result } from './report.js';
import type { StageEvents } from './stages.js';
import { stream } from './stream.js';
import { injectVendorFaults } from './vendor-faults.js';

interface Parts {
  options: RunOptions;
  environment: Environment;
  ledger: Ledger;
  stageEvents: StageEvents;
  /** A generator of its own for each number. */
  random: (n: number) => Random;
  lanes: readonly Lane[];
  /** For restarts of the whole machine in the middle of a wait. */
  slowLane: Lane;
  began: number;
}

export async function execute(parts: Parts): Promise<Pick<Result, 'processFaults' | 'vendorFaults' | 'restarts'>> {
  const { options, environment, ledger, stageEvents, random, lanes, began } = parts;
  const { service, script, notifier, acknowledge, showsAlarm } = environment;
  const { sandbox } = service;
  const world = { sandbox, ledger, stageEvents, acknowledge, timeoutMs: options.timeoutMs };
  const follow = createFollow({ world, notifier, script, showsAlarm });
  const processFaults: InjectedFault[] = [];
  const vendorFaults: Record<string, number> = {};
  const withinMs = options.minutes * 60_000;
  const over = new AbortController();

  const plan = planOf(parts);
  const faultCount = plan.faults.length + options.restarts;
  const progress = (): number => (processFaults.length + 1) / (faultCount + 1);
  const injected = (fault: InjectedFault): void => {
    processFaults.push(fault);
    options.print(lineOf(fault, began));
  };
  const [restarts] = await Promise.all([
    injectAll(parts, { ...plan, withinMs, follow, injected }).finally(() => over.abort()),
    stream({ follow, stageEvents, random: random(90), lanes, incidents: options.incidents, withinMs, progress }),
    injectVendorFaults({
      sandbox,
      random: random(91),
      count: options.vendorFaults,
      withinMs,
      signal: over.signal,
      injected: (what) => {
        vendorFaults[what] = (vendorFaults[what] ?? 0) + 1;
        options.print(`${clock(began)}  ${what}`);
      },
    }),
  ]);
  return { processFaults, vendorFaults, restarts };
}

function planOf({ options, environment, random }: Parts) {
  const { single, several, machine } = targetsOf(environment);
  const kills = Math.max(0, options.kills - options.restarts * machine.programs.length);
  return { faults: planProcessFaults(random(2), single, several, kills, options.freezes), machine };
}

type Plan = ReturnType<typeof planOf> & Pick<MachineOptions, 'follow' | 'injected'> & { withinMs: number };

/** The process faults in equal parts, with a restart of the whole machine after each but the last; gives their delays. */
async function injectAll(
  { options, stageEvents, random, slowLane: lane }: Parts,
  { faults, machine, withinMs, follow, injected }: Plan,
): Promise<number[]> {
  const restarts: number[] = [];
  const parts = options.restarts + 1;
  const size = Math.ceil(faults.length / parts);
  for (let n = 0; n < parts; n += 1) {
    await injectProcessFaults({
      random: random(3 + n),
      stageEvents,
      faults: faults.slice(n * size, (n + 1) * size),
      withinMs: withinMs / parts,
      freezeSeconds: options.freezeSeconds,
      injected,
    });
    if (n === options.restarts) continue;
    const name = nameOf(options.incidents + n + 1);
    restarts.push(await restartMachine({ follow, lane, name, luid: randomUUID(), machine, injected }));
  }
  return restarts;
}

function targetsOf({ service, front }: Environment): { single: Target[]; several: Target[]; machine: Target } {
  const { api, temporal, workers } = service;
  const single = [api, ...workers, temporal, front].map((program) => ({ name: program.name, programs: [program] }));
  const both = { name: 'both workers', programs: workers };
  const machine = { name: 'the machine', programs: [temporal, api, ...workers] };
  return { single, several: [both, machine], machine };
}

const clock = (began: number): string => `${((Date.now() - began) / 1_000).toFixed(1).padStart(7)} s`;

const lineOf = ({ at, until, target, kind, stage, wanted }: InjectedFault, began: number): string =>
  `${clock(began)}  ${target} ${kind === 'kill' ? 'killed' : 'frozen'}, ${stage ?? `at any moment, as stage ${wanted} was not reached`}; back after ${((until - at) / 1_000).toFixed(1)} s`;

/** Process faults: every process is killed at every stage in turn, in random order; some are frozen. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Program } from '../helpers/processes.js';
import type { Random } from './random.js';
import { stages, type StageEvents, type Stage } from './stages.js';

export interface Target {
  name: string;
  programs: Program[];
}

export interface ProcessFault {
  target: Target;
  stage: Stage;
  kind: 'kill' | 'freeze';
}

/** A fault as injected; `stage` is null when the wanted stage was not reached in time. */
export interface InjectedFault {
  at: number;
  until: number;
  target: string;
  programs: number;
  kind: ProcessFault['kind'];
  stage: Stage | null;
  wanted: Stage;
}

const names = Object.keys(stages) as Stage[];

/** Plans the kills: single processes at every stage, then again; some hit both workers or the whole machine. */
export function planProcessFaults(
  random: Random,
  single: Target[],
  several: Target[],
  kills: number,
  freezes: number,
): ProcessFault[] {
  // In rounds, so that every few kills cover every process.
  const pairs = (targets: readonly Target[]): ProcessFault[] => {
    const orders = targets.map((target) => ({ target, order: random.shuffle(names) }));
    return names.flatMap((_, round) =>
      random.shuffle(orders).flatMap(({ target, order }): ProcessFault[] => {
        const stage = order[round];
        return stage === undefined ? [] : [{ target, stage, kind: 'kill' }];
      }),
    );
  };
  const faults: ProcessFault[] = [];
  let left = kills;
  const queue: ProcessFault[] = [];
  const groups: ProcessFault[] = pairs(several);
  while (left > 0) {
    if (queue.length === 0) queue.push(...pairs(single));
    // Every eighth fault hits several processes.
    const group = faults.length % 8 === 7 ? groups.shift() : undefined;
    const fault = group && group.target.programs.length <= left ? group : queue.shift();
    if (!fault) break;
    left -= fault.target.programs.length;
    faults.push(fault);
  }
  const frozen = random.shuffle(single);
  for (let n = 0; n < freezes; n += 1) {
    const target = frozen[n % frozen.length];
    const stage = names[random.between(0, names.length - 1)];
    if (!target || !stage) break;
    const place = Math.floor(((n + 0.5) * faults.length) / freezes) + n;
    faults.splice(Math.min(place, faults.length), 0, { target, stage, kind: 'freeze' });
  }
  return faults;
}

export interface ProcessFaultOptions {
  random: Random;
  stageEvents: StageEvents;
  faults: readonly ProcessFault[];
  withinMs: number;
  freezeSeconds: number;
  /** Called for each fault when its processes run again. */
  injected: (fault: InjectedFault) => void;
}

/** Injects one fault after the other, evenly in time; each ends when its processes run again. */
export async function injectProcessFaults({ faults, withinMs, ...rest }: ProcessFaultOptions): Promise<void> {
  const began = Date.now();
  for (const [n, fault] of faults.entries()) {
    await pause(Math.max(0, began + (withinMs * n) / faults.length - Date.now()));
    rest.injected(await inject(fault, rest));
  }
}

/** The longest wait for a stage; the stream of incidents brings about the wanted ones. */
const stageTimeoutMs = 40_000;

async function inject(
  { target, stage, kind }: ProcessFault,
  { random, stageEvents, freezeSeconds }: Pick<ProcessFaultOptions, 'random' | 'stageEvents' | 'freezeSeconds'>,
): Promise<InjectedFault> {
  const fault = await new Promise<{ at: number; name: string | null; done: Promise<unknown> }>((begun) => {
    stageEvents.onReached(stage, stageTimeoutMs, (name) => {
      const hit = async (program: Program) => (kind === 'kill' ? program.kill() : program.freeze());
      const done = Promise.all(target.programs.map(hit));
      begun({ at: Date.now(), name, done });
    });
  });
  await fault.done;
  if (kind === 'freeze') {
    await pause(freezeSeconds * 1_000);
    for (const program of target.programs) program.resume();
  } else {
    await pause(target.programs.length > 1 ? 3_000 : random.between(0, 3_000));
    // Processes of a machine start in any order.
    await Promise.all(target.programs.map((program) => program.start()));
  }
  return {
    at: fault.at,
    until: Date.now(),
    target: target.name,
    programs: target.programs.length,
    kind,
    stage: fault.name === null ? null : stage,
    wanted: stage,
  };
}

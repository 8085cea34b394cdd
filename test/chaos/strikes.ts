/** What is killed and frozen, and at which stage: every process at every stage in turn, in an order of chance. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Program } from '../helpers/processes.js';
import type { Random } from './random.js';
import { stages, type Moments, type Stage } from './stages.js';

export interface Target {
  name: string;
  programs: Program[];
}

export interface Strike {
  target: Target;
  stage: Stage;
  way: 'kill' | 'freeze';
}

/** A strike as it happened; `stage` null: the stage was not reached in time, and it happened at any. */
export interface Struck {
  at: number;
  until: number;
  target: string;
  programs: number;
  way: Strike['way'];
  stage: Stage | null;
  wanted: Stage;
}

const names = Object.keys(stages) as Stage[];

/** As many kills as asked for: single processes at every stage, then again; some hit both workers, or all of the machine. */
export function planStrikes(
  random: Random,
  single: Target[],
  several: Target[],
  kills: number,
  freezes: number,
): Strike[] {
  // In rounds, so that every few kills have met every process.
  const pairs = (targets: readonly Target[]): Strike[] => {
    const orders = targets.map((target) => ({ target, order: random.shuffle(names) }));
    return names.flatMap((_, round) =>
      random.shuffle(orders).flatMap(({ target, order }): Strike[] => {
        const stage = order[round];
        return stage === undefined ? [] : [{ target, stage, way: 'kill' }];
      }),
    );
  };
  const strikes: Strike[] = [];
  let left = kills;
  const queue: Strike[] = [];
  const groups: Strike[] = pairs(several);
  while (left > 0) {
    if (queue.length === 0) queue.push(...pairs(single));
    // Every eighth strike hits more than one.
    const group = strikes.length % 8 === 7 ? groups.shift() : undefined;
    const strike = group && group.target.programs.length <= left ? group : queue.shift();
    if (!strike) break;
    left -= strike.target.programs.length;
    strikes.push(strike);
  }
  const frozen = random.shuffle(single);
  for (let n = 0; n < freezes; n += 1) {
    const target = frozen[n % frozen.length];
    const stage = names[random.between(0, names.length - 1)];
    if (!target || !stage) break;
    const place = Math.floor(((n + 0.5) * strikes.length) / freezes) + n;
    strikes.splice(Math.min(place, strikes.length), 0, { target, stage, way: 'freeze' });
  }
  return strikes;
}

export interface StrikerOptions {
  random: Random;
  moments: Moments;
  strikes: readonly Strike[];
  within: number;
  frozenFor: number;
  /** Hears of each strike when it is over. */
  heard: (struck: Struck) => void;
}

/** Strikes one after the other, evenly in time; each ends when what was struck works again. */
export async function strikeAll({ strikes, within, ...rest }: StrikerOptions): Promise<void> {
  const began = Date.now();
  for (const [n, strike] of strikes.entries()) {
    await pause(Math.max(0, began + (within * n) / strikes.length - Date.now()));
    rest.heard(await strikeOnce(strike, rest));
  }
}

/** For a stage; the stream brings about what is waited for. */
const patience = 40_000;

async function strikeOnce(
  { target, stage, way }: Strike,
  { random, moments, frozenFor }: Pick<StrikerOptions, 'random' | 'moments' | 'frozenFor'>,
): Promise<Struck> {
  const struck = await new Promise<{ at: number; name: string | null; gone: Promise<unknown> }>((done) => {
    moments.at(stage, patience, (name) => {
      const hit = async (program: Program) => (way === 'kill' ? program.kill() : program.freeze());
      const gone = Promise.all(target.programs.map(hit));
      done({ at: Date.now(), name, gone });
    });
  });
  await struck.gone;
  if (way === 'freeze') {
    await pause(frozenFor * 1_000);
    for (const program of target.programs) program.resume();
  } else {
    await pause(target.programs.length > 1 ? 3_000 : random.between(0, 3_000));
    // The order in which a machine comes up is not known.
    await Promise.all(target.programs.map((program) => program.start()));
  }
  return {
    at: struck.at,
    until: Date.now(),
    target: target.name,
    programs: target.programs.length,
    way,
    stage: struck.name === null ? null : stage,
    wanted: stage,
  };
}

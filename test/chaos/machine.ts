/** The whole machine goes away in the middle of a wait, and comes back: the ladder goes on at its time. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Follow } from './follow.js';
import type { Case } from './ledger.js';
import type { Lane } from './lanes.js';
import type { Struck, Target } from './strikes.js';
import { until } from '../helpers/until.js';

export interface MachineOptions {
  follow: Follow;
  lane: Lane;
  name: string;
  luid: string;
  machine: Target;
  heard: (struck: Struck) => void;
}

/** By how many milliseconds the next step was late; negative when it came before its time. */
export async function restartMachine({ follow, lane, name, luid, machine, heard }: MachineOptions): Promise<number> {
  const subject = follow.begin(name, luid, lane, { how: 'recover', rung: 'sms', after: 500 });
  const through = follow.through(subject);
  const first = await pageBy(subject, 'whatsapp');
  await pause(lane.wait / 5);
  const at = Date.now();
  await Promise.all(machine.programs.map((program) => program.kill()));
  await pause(3_000);
  await Promise.all(machine.programs.map((program) => program.start()));
  const { programs } = machine;
  heard({
    at,
    until: Date.now(),
    target: machine.name,
    programs: programs.length,
    way: 'kill',
    stage: 'whatsapp',
    wanted: 'whatsapp',
  });
  const second = await pageBy(subject, 'sms');
  await through;
  return second.at - first.at - lane.wait;
}

const pageBy = ({ name, pages }: Case, wanted: 'whatsapp' | 'sms') =>
  until(`a page of ${name} by ${wanted}`, () => pages.find(({ channel }) => channel === wanted), 120_000);

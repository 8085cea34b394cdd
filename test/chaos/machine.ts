/** Restarts the whole machine in the middle of a step's wait: the escalation must go on at its time. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Follow } from './follow.js';
import type { Arrival, Case } from './ledger.js';
import type { Lane } from './lanes.js';
import type { InjectedFault, Target } from './process-faults.js';
import { until } from '../helpers/until.js';

export interface MachineOptions {
  follow: Follow;
  lane: Lane;
  name: string;
  luid: string;
  machine: Target;
  injected: (fault: InjectedFault) => void;
}

/** Gives the delay of the next step in milliseconds; negative when it came before its time. */
export async function restartMachine({ follow, lane, name, luid, machine, injected }: MachineOptions): Promise<number> {
  const subject = follow.begin(name, luid, lane, { how: 'recover', channel: 'sms', afterMs: 500 });
  const settled = follow.untilSettled(subject);
  const first = await arrival(subject, ({ pages }) => pages[0]);
  await pause(lane.waitMs / 5);
  const at = Date.now();
  await Promise.all(machine.programs.map((program) => program.kill()));
  await pause(3_000);
  await Promise.all(machine.programs.map((program) => program.start()));
  const { programs } = machine;
  injected({
    at,
    until: Date.now(),
    target: machine.name,
    programs: programs.length,
    kind: 'kill',
    stage: 'whatsapp',
    wanted: 'whatsapp',
  });
  // What is accepted and not delivered never arrives; the step after it begins as soon as Twilio says so.
  const second = await arrival(subject, ({ pages }) => pages.find(({ channel }) => channel !== first.channel));
  await settled;
  return second.at - first.at - lane.waitMs;
}

const arrival = (subject: Case, find: (subject: Case) => Arrival | undefined) =>
  until(`a page of ${subject.name}`, () => find(subject), 120_000);

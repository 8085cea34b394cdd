/** What becomes of an incident, as far as people and Tableau decide it. */
import type { Channel } from './ledger.js';
import type { Lane } from './lanes.js';
import type { Stage } from './stages.js';
import type { Random } from './random.js';

const byText = ['ack', 'thumb', 'number', 'all', 'swipe', 'button', 'done', 'snooze'] as const;
const byKey = ['key', 'key-done'] as const;

export interface Plan {
  how: 'never' | 'recover' | 'api' | 'rerun' | (typeof byText)[number] | (typeof byKey)[number];
  /** The person answers on this channel, when the first page has come by it. */
  rung: Channel;
  /** From the page to the answer, milliseconds. */
  after: number;
}

/** States that an answer may lead to. */
export const leadsTo: Record<Plan['how'], readonly string[]> = {
  never: ['unacknowledged'],
  recover: ['resolved'],
  api: ['acknowledged'],
  ack: ['acknowledged'],
  thumb: ['acknowledged'],
  number: ['acknowledged'],
  all: ['acknowledged'],
  swipe: ['acknowledged'],
  button: ['acknowledged'],
  key: ['acknowledged'],
  done: ['resolved'],
  'key-done': ['resolved'],
  snooze: ['snoozed'],
  rerun: ['acknowledged', 'resolved'],
};

/** What brings about a stage that does not come by itself often enough. */
const bringing: Partial<Record<Stage, Plan['how']>> = {
  ringing: 'key',
  answered: 'ack',
  rerun: 'rerun',
  snoozed: 'snooze',
};

export function planFor(random: Random, lane: Lane, wanted: readonly Stage[]): Plan {
  const [how] = wanted.flatMap((stage) => bringing[stage] ?? []);
  if (how !== undefined && (how === 'rerun' ? lane.known !== null : random.next() < 0.5)) {
    return { how, rung: how === 'key' ? 'call' : 'whatsapp', after: random.between(300, 2_000) };
  }
  return anyPlan(random, lane);
}

function anyPlan(random: Random, lane: Lane): Plan {
  const after = random.between(300, lane.wait - 500);
  const chance = random.next();
  if (lane.known !== null && chance < 0.4) return { how: 'rerun', rung: random.pick(['whatsapp', 'sms']), after };
  if (chance < 0.1) return { how: 'never', rung: 'call', after };
  if (chance < 0.2) return { how: 'recover', rung: random.pick(['whatsapp', 'sms', 'call']), after };
  if (chance < 0.3) return { how: 'api', rung: random.pick(['whatsapp', 'sms', 'call']), after };
  if (chance < 0.5) return { how: random.pick(byKey), rung: 'call', after: random.between(200, 2_500) };
  const how = random.pick(byText);
  const rung: Channel =
    how === 'swipe' || how === 'button' ? 'whatsapp' : random.pick<Channel>(['whatsapp', 'whatsapp', 'sms']);
  return { how, rung, after };
}

/** What contacts and Tableau do with an incident. */
import type { Channel } from './ledger.js';
import type { Lane } from './lanes.js';
import type { Stage } from './stages.js';
import type { Random } from './random.js';

const byText = ['ack', 'thumb', 'number', 'all', 'swipe', 'button', 'done', 'snooze'] as const;
const byKey = ['key', 'key-done'] as const;

export interface Plan {
  how: 'never' | 'recover' | 'api' | 'rerun' | (typeof byText)[number] | (typeof byKey)[number];
  /** The contact answers on this channel after the first page by it. */
  channel: Channel;
  /** From the page to the answer. */
  afterMs: number;
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

/** Answers that bring about stages which are otherwise rare. */
const answersForStage: Partial<Record<Stage, Plan['how']>> = {
  ringing: 'key',
  answered: 'ack',
  rerun: 'rerun',
  snoozed: 'snooze',
};

export function planFor(random: Random, lane: Lane, wanted: readonly Stage[]): Plan {
  const [how] = wanted.flatMap((stage) => answersForStage[stage] ?? []);
  if (how !== undefined && (how === 'rerun' ? lane.known !== null : random.next() < 0.5)) {
    return { how, channel: how === 'key' ? 'call' : 'whatsapp', afterMs: random.between(300, 2_000) };
  }
  return anyPlan(random, lane);
}

function anyPlan(random: Random, lane: Lane): Plan {
  const afterMs = random.between(300, lane.waitMs - 500);
  const chance = random.next();
  if (lane.known !== null && chance < 0.4) return { how: 'rerun', channel: random.pick(['whatsapp', 'sms']), afterMs };
  if (chance < 0.1) return { how: 'never', channel: 'call', afterMs };
  if (chance < 0.2) return { how: 'recover', channel: random.pick(['whatsapp', 'sms', 'call']), afterMs };
  if (chance < 0.3) return { how: 'api', channel: random.pick(['whatsapp', 'sms', 'call']), afterMs };
  if (chance < 0.5) return { how: random.pick(byKey), channel: 'call', afterMs: random.between(200, 2_500) };
  const how = random.pick(byText);
  const channel: Channel =
    how === 'swipe' || how === 'button' ? 'whatsapp' : random.pick<Channel>(['whatsapp', 'whatsapp', 'sms']);
  return { how, channel, afterMs };
}

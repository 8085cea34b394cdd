/** What contacts request by text, besides answers for incidents. */
import { randomInt, randomUUID } from 'node:crypto';
import type { BaseLogger } from 'pino';
import type { EscalationSource } from '../policy/escalation-source.js';
import { spanText } from '../policy/local-time.js';
import { readOverride, scheduleNamed, withAllOverrides } from '../policy/overrides.js';
import { readSwap } from '../policy/swap.js';
import { onCallSentence } from '../policy/who-is-on-call.js';
import { reasonOf } from '../temporal/errors.js';
import type { PreparedEntry, RequestActivities } from '../workflows/activity-contract.js';
import type { Outcome, Override, OverrideRequest } from '../workflows/on-call-contract.js';

export interface RequestDependencies {
  escalation: EscalationSource;
  /** Those that were made while the service runs. */
  overrides: () => Promise<Override[]>;
  /** Makes one, once for each id. */
  makeOverride: (request: OverrideRequest) => Promise<Outcome>;
  logger: BaseLogger;
  clock?: () => number;
}

/** From 1000 on: a code that began with 0 could be the number of an item. By node:crypto, since what a workflow draws can be computed by whoever knows the run. */
const newCode = (): string => String(randomInt(1_000, 10_000));

const iso = (at: number): string => new Date(at).toISOString();

/** No text has room for more, and each may take half a second. */
const mostSentences = 20;

export function createRequestActivities(dependencies: RequestDependencies): RequestActivities {
  const { escalation, overrides, makeOverride, logger, clock = Date.now } = dependencies;

  /** Null where they cannot be read in time: who is on call by the file is still worth knowing. */
  async function readOverrides(): Promise<Override[] | null> {
    try {
      return await overrides();
    } catch (error) {
      logger.warn({ why: reasonOf(error) }, 'overrides could not be read in time: a contact is told who is on call by the file');
      return null;
    }
  }

  /** What became of it, as a sentence. */
  async function putOnCall(by: string, { id, schedule: name, contact, ...span }: PreparedEntry): Promise<string> {
    const inForce = escalation.current();
    const schedule = scheduleNamed(inForce, name);
    if (!schedule) return `Not done: there is no schedule "${name}" any more.`;
    const now = clock();
    // Minutes may have passed until the code came back.
    const from = Math.max(span.from, now);
    const fields = { contact, from: iso(from), to: iso(span.to), by };
    const read = readOverride(inForce, { name, schedule }, fields, { id, now, made: await overrides() });
    if ('problem' in read) return `Not done: ${read.problem.message}`;
    const refusal = await makeOverride(read.request);
    if (refusal !== null) return `Not done: ${refusal.message}`;
    return `Done: ${contact} is on call (${name}) from ${spanText(from, span.to, schedule.timezone, now)}.`;
  }

  return {
    async prepareEntry({ by, command }) {
      const read = readSwap(escalation.current(), by, command, { now: clock(), made: await overrides() });
      if ('refused' in read) return read;
      const { swap, what } = read;
      return { code: newCode(), what, entry: { kind: 'override', id: randomUUID(), ...swap } };
    },

    async makeEntry({ by, entry }) {
      return { text: await putOnCall(by, entry) };
    },

    async whoIsOnCall() {
      const inForce = escalation.current();
      const count = Object.keys(inForce.schedules ?? {}).length;
      if (count === 0) return { sentences: [], count };
      const made = await readOverrides();
      const { schedules = {} } = withAllOverrides(inForce, made ?? []);
      const sentences = Object.entries(schedules)
        .slice(0, mostSentences)
        .map(([name, schedule]) => onCallSentence(name, schedule, clock()));
      return { sentences, count, ...(made === null && { isByFileAlone: true }) };
    },
  };
}

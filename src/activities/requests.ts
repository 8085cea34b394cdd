/** What contacts request by text, besides answers for incidents. */
import { randomInt, randomUUID } from 'node:crypto';
import type { BaseLogger } from 'pino';
import type { EscalationSource } from '../policy/escalation-source.js';
import { spanText } from '../policy/local-time.js';
import { muteReason, readMute } from '../policy/mute.js';
import { readOverride, scheduleNamed, withAllOverrides } from '../policy/overrides.js';
import { silencedText, silenceRequest, untilText } from '../policy/silence-notices.js';
import { readSwap } from '../policy/swap.js';
import { onCallSentence } from '../policy/who-is-on-call.js';
import { reasonOf } from '../temporal/errors.js';
import type { PreparedEntry, RequestActivities } from '../workflows/activity-contract.js';
import type { Outcome, Override, OverrideRequest, SilenceRequest } from '../workflows/on-call-contract.js';

export interface RequestDependencies {
  escalation: EscalationSource;
  /** Those that were made while the service runs. */
  overrides: () => Promise<Override[]>;
  /** This and the next one make an entry once for each id. */
  makeOverride: (request: OverrideRequest) => Promise<Outcome>;
  makeSilence: (request: SilenceRequest) => Promise<Outcome>;
  logger: BaseLogger;
  clock?: () => number;
}

type Of<Kind extends PreparedEntry['kind']> = Extract<PreparedEntry, { kind: Kind }>;

/** From 1000 on: a code that began with 0 could be the number of an item. By node:crypto, since what a workflow draws can be computed by whoever knows the run. */
const newCode = (): string => String(randomInt(1_000, 10_000));

const iso = (at: number): string => new Date(at).toISOString();

/** No text has room for more, and each may take half a second. */
const mostSentences = 20;

export function createRequestActivities(dependencies: RequestDependencies): RequestActivities {
  const { escalation, overrides, makeOverride, makeSilence, logger, clock = Date.now } = dependencies;

  /** Null where they cannot be read in time: who is on call by the file is still worth knowing. */
  async function readOverrides(): Promise<Override[] | null> {
    try {
      return await overrides();
    } catch (error) {
      logger.warn(
        { why: reasonOf(error) },
        'overrides could not be read in time: a request of a contact goes by the schedules of the file alone',
      );
      return null;
    }
  }

  /** What became of it, as a sentence. */
  async function putOnCall(by: string, { id, schedule: name, contact, ...span }: Of<'override'>): Promise<string> {
    const inForce = escalation.current();
    const schedule = scheduleNamed(inForce, name);
    if (!schedule) return `Not done: there is no schedule "${name}" any more.`;
    const now = clock();
    const done = (from: number): string =>
      `Done: ${contact} is on call (${name}) from ${spanText(from, span.to, schedule.timezone, now)}.`;
    const made = await overrides();
    // By an earlier try, whose result was lost.
    const earlier = made.find((one) => one.id === id);
    if (earlier) return done(earlier.from);
    // Minutes may have passed until the code came back.
    const from = Math.max(span.from, now);
    const fields = { contact, from: iso(from), to: iso(span.to), by };
    const read = readOverride(inForce, { name, schedule }, fields, { id, now, made });
    if ('problem' in read) return `Not done: ${read.problem.message}`;
    const refusal = await makeOverride(read.request);
    return refusal === null ? done(from) : `Not done: ${refusal.message}`;
  }

  async function silence(by: string, { kind: _kind, ...entry }: Of<'silence'>): Promise<string> {
    const inForce = escalation.current();
    const now = clock();
    const made = { ...entry, from: Math.max(entry.from, now), by, reason: muteReason };
    const concerned = { made: (await readOverrides()) ?? [], sender: by };
    const refusal = await makeSilence(silenceRequest(inForce, made, concerned));
    if (refusal !== null) return `Not done: ${refusal.message}`;
    return `Done: ${silencedText(entry.match)} is silent until ${untilText(inForce, by, entry.to, now)}.`;
  }

  return {
    async prepareEntry({ by, command }) {
      const id = randomUUID();
      const now = clock();
      const inForce = escalation.current();
      if (command.verb === 'mute') {
        const read = readMute(inForce, by, command, { id, now });
        if ('refused' in read) return read;
        const { match, from, to } = read.silence;
        return { code: newCode(), what: read.what, entry: { kind: 'silence', id, match, from, to } };
      }
      const read = readSwap(inForce, by, command, { now, made: await overrides() });
      if ('refused' in read) return read;
      return { code: newCode(), what: read.what, entry: { kind: 'override', id, ...read.swap } };
    },

    async makeEntry({ by, entry }) {
      return { text: await (entry.kind === 'override' ? putOnCall(by, entry) : silence(by, entry)) };
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

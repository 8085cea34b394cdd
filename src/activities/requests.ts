/** What contacts request by text, besides answers for incidents. */
import { randomInt, randomUUID } from 'node:crypto';
import type { BaseLogger } from 'pino';
import type { EscalationSource } from '../policy/escalation-source.js';
import { spanText } from '../policy/local-time.js';
import { muteReason, mutedText, readMute, untilText } from '../policy/mute.js';
import { dutyAt } from '../policy/on-call.js';
import { noticeChannelOf, readOverride, scheduleNamed, withAllOverrides } from '../policy/overrides.js';
import type { Escalation } from '../policy/route.js';
import { readSwap } from '../policy/swap.js';
import { onCallSentence } from '../policy/who-is-on-call.js';
import { reasonOf } from '../temporal/errors.js';
import type {
  PagerMessage,
  PreparedEntry,
  RequestActivities,
  SignallingResult,
} from '../workflows/activity-contract.js';
import type { Outcome, Override, OverrideRequest, Silence } from '../workflows/on-call-contract.js';

export interface RequestDependencies {
  escalation: EscalationSource;
  /** Those that were made while the service runs. */
  overrides: () => Promise<Override[]>;
  /** This and the next one make an entry once for each id. */
  makeOverride: (request: OverrideRequest) => Promise<Outcome>;
  makeSilence: (silence: Silence) => Promise<Outcome>;
  /** Signals pagers; those that did not take it are named. */
  notify: (messages: PagerMessage[]) => Promise<SignallingResult>;
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
  const { escalation, overrides, makeOverride, makeSilence, notify, logger, clock = Date.now } = dependencies;

  /** Null where they cannot be read in time: who is on call by the file is still worth knowing. */
  async function readOverrides(): Promise<Override[] | null> {
    try {
      return await overrides();
    } catch (error) {
      logger.warn(
        { why: reasonOf(error) },
        'overrides could not be read in time: a contact is told who is on call by the file',
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
    // Minutes may have passed until the code came back.
    const from = Math.max(span.from, now);
    const fields = { contact, from: iso(from), to: iso(span.to), by };
    const read = readOverride(inForce, { name, schedule }, fields, { id, now, made: await overrides() });
    if ('problem' in read) return `Not done: ${read.problem.message}`;
    const refusal = await makeOverride(read.request);
    if (refusal !== null) return `Not done: ${refusal.message}`;
    return `Done: ${contact} is on call (${name}) from ${spanText(from, span.to, schedule.timezone, now)}.`;
  }

  async function silence(by: string, { kind: _kind, ...entry }: Of<'silence'>): Promise<string> {
    const inForce = escalation.current();
    const now = clock();
    const refusal = await makeSilence({ ...entry, from: Math.max(entry.from, now), by, reason: muteReason });
    if (refusal !== null) return `Not done: ${refusal.message}`;
    const what = mutedText(entry.match);
    const until = untilText(inForce, by, entry.to, now);
    const text = `${by} has silenced ${what} until ${until}.`;
    const others = [...new Set(await onCallNow(inForce))].filter((contact) => contact !== by);
    const { unreached } = await notify(
      others.flatMap((contact) => {
        const channel = noticeChannelOf(inForce, contact);
        if (channel === undefined) return [];
        return [
          { contact, signal: 'notice', payload: { noticeId: `silence:${entry.id}`, kind: 'text', text, channel } },
        ];
      }),
    );
    const missing = unreached.map(({ contact }) => contact).join(', ');
    return `Done: ${what} is silent until ${until}.${missing === '' ? '' : ` ${missing} could not be notified.`}`;
  }

  async function onCallNow(inForce: Escalation): Promise<string[]> {
    const { schedules = {} } = withAllOverrides(inForce, (await readOverrides()) ?? []);
    return Object.values(schedules).flatMap((schedule) => dutyAt(schedule, clock()).contact ?? []);
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

/** Overrides are made and ended here. A copy of a request changes nothing. */
import type { LogLine } from '../machine.js';
import {
  maxEntries,
  overrideEnds,
  timesProblem,
  type Concerned,
  type EndOverride,
  type Override,
  type OverrideRequest,
  type Refusal,
  type ShownEntries,
} from '../on-call-contract.js';
import { roleOnly } from '../words.js';
import { queueNotices, type ContactText } from '../text-notices.js';
import { overAt, refuse, type KeptOverride, type OnCall } from './state.js';

export function makeOverride(onCall: OnCall, { override, concerned }: OverrideRequest, now: number): void {
  if (onCall.overrides.some(({ id }) => id === override.id)) return;
  const refusal = refusalOf(onCall, override, now);
  if (refusal !== null) {
    refuse(onCall, override.id, refusal);
    return;
  }
  onCall.overrides.push({ ...override, concerned, endedAt: null });
  queueNotices(onCall, `override:${override.id}:made`, textsOf(concerned, 'made'), now);
  note(onCall, 'override made', override);
}

const textsOf = (concerned: readonly Concerned[], what: 'made' | 'ended'): ContactText[] =>
  concerned.map(({ contact, channel, [what]: text }) => ({ contact, channel, text }));

function refusalOf({ overrides }: OnCall, override: Override, now: number): Refusal | null {
  const problem = timesProblem(override, now, overrideEnds);
  if (problem !== null) return problem;
  const others = overrides.filter((one) => overAt(one) > now);
  const other = others.find(
    (one) => one.schedule === override.schedule && one.from < override.to && override.from < overAt(one),
  );
  if (other) return { field: 'from', message: overlapText(other) };
  if (others.length < maxEntries) return null;
  return { field: null, message: `There are ${maxEntries} overrides already, which is the most: end one first.` };
}

const iso = (at: number): string => new Date(at).toISOString();

const overlapText = ({ id, contact, from, to }: KeptOverride): string =>
  `from and to overlap the override ${id} (${contact} from ${iso(from)} to ${iso(to)}): end that one first, or take other times.`;

/** Ends an override early, or before it begins. */
export function endOverride(onCall: OnCall, request: EndOverride, now: number): void {
  const found = findOverride(onCall, request);
  if (!found || overAt(found) <= now) return;
  found.endedAt = now;
  queueNotices(onCall, `override:${found.id}:ended`, textsOf(found.concerned, 'ended'), now);
  note(onCall, 'override ended', found);
}

const findOverride = ({ overrides }: OnCall, { id, schedule }: EndOverride): KeptOverride | undefined =>
  overrides.find((one) => one.id === id && one.schedule === schedule);

/** Whether there is such an override, also where it is over since less than a day. */
export const isKnownOverride = (onCall: OnCall, request: EndOverride): boolean =>
  findOverride(onCall, request) !== undefined;

/** The memo: more people can read it than are on call, so that it names no person. An override that was ended before it began is none. */
export const shownOverrides = ({ overrides }: OnCall): ShownEntries['overrides'] =>
  overrides
    .filter((one) => overAt(one) > one.from)
    .map((one) => ({
      id: one.id,
      schedule: one.schedule,
      contact: one.contact,
      from: iso(one.from),
      to: iso(overAt(one)),
      by: roleOnly(one.by),
    }));

function note(
  onCall: OnCall,
  message: 'override made' | 'override ended',
  { id, schedule, contact, ...more }: Override,
) {
  const about: LogLine['about'] = {
    id,
    schedule,
    override: contact,
    from: iso(more.from),
    to: iso(more.to),
    by: roleOnly(more.by),
  };
  onCall.logLines.push({ level: 'info', message, about });
}

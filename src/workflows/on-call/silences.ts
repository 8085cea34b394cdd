/** Silences are made and ended here. A copy of a request changes nothing. */
import type { LogLine } from '../machine.js';
import { sentenceOf } from '../names.js';
import {
  maxEntries,
  silenceEnds,
  silenceKeys,
  timesProblem,
  type Refusal,
  type ShownEntries,
  type Silence,
  type SilenceMatch,
} from '../on-call-contract.js';
import { roleOnly } from '../words.js';
import { overAt, refuse, type Kept, type OnCall } from './state.js';

const reasonRoom = 160;

export function makeSilence(onCall: OnCall, silence: Silence, now: number): void {
  if (findSilence(onCall, silence.id)) return;
  const refusal = refusalOf(onCall, silence, now);
  if (refusal !== null) {
    refuse(onCall, silence.id, refusal);
    return;
  }
  onCall.silences.push({ ...silence, endedAt: null });
  note(onCall, 'silence made', silence);
}

function refusalOf({ silences }: OnCall, silence: Silence, now: number): Refusal | null {
  const problem = timesProblem(silence, now, silenceEnds);
  if (problem !== null || silences.filter((one) => overAt(one) > now).length < maxEntries) return problem;
  return { field: null, message: `There are ${maxEntries} silences already, which is the most: end one first.` };
}

/** Ends a silence early, or before it begins. */
export function endSilence(onCall: OnCall, id: string, now: number): void {
  const found = findSilence(onCall, id);
  if (!found || overAt(found) <= now) return;
  found.endedAt = now;
  note(onCall, 'silence ended', found);
}

const findSilence = ({ silences }: OnCall, id: string): Kept<Silence> | undefined =>
  silences.find((one) => one.id === id);

/** Whether there is such a silence, also where it is over since less than a day. */
export const isKnownSilence = (onCall: OnCall, id: string): boolean => findSilence(onCall, id) !== undefined;

const iso = (at: number): string => new Date(at).toISOString();

/** The memo: more people can read it than are on call, so that it holds no number and names no author. */
export const shownSilences = ({ silences }: OnCall): ShownEntries['silences'] =>
  silences
    .filter((one) => overAt(one) > one.from)
    .map((one) => ({
      id: one.id,
      match: one.match,
      from: iso(one.from),
      to: iso(overAt(one)),
      reason: sentenceOf(one.reason, reasonRoom),
      by: roleOnly(one.by),
    }));

/** `project Finance/**, event *RefreshFailed` */
export const matchText = (match: SilenceMatch): string =>
  silenceKeys.flatMap((key) => (match[key] === undefined ? [] : [`${key} ${match[key]}`])).join(', ');

function note(onCall: OnCall, message: 'silence made' | 'silence ended', silence: Silence): void {
  const about: LogLine['about'] = {
    id: silence.id,
    match: matchText(silence.match),
    from: iso(silence.from),
    to: iso(silence.to),
    by: roleOnly(silence.by),
  };
  onCall.logLines.push({ level: 'info', message, about });
}

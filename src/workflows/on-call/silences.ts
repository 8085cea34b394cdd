/** Silences are made, announced and ended here. A copy of a request changes nothing. */
import type { LogLine, Wake } from '../machine.js';
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
  type SilenceRequest,
} from '../on-call-contract.js';
import { roleOnly } from '../words.js';
import { queueNotices } from '../text-notices.js';
import { forgetWhy, forgottenAt, overAt, refuse, type KeptSilence, type OnCall } from './state.js';

const reasonRoom = 160;

/** An api of an earlier version sends the silence alone. */
export const wholeRequest = (request: SilenceRequest | Silence): SilenceRequest =>
  'silence' in request ? request : { silence: request, concerned: [] };

export function makeSilence(onCall: OnCall, { silence, concerned }: SilenceRequest, now: number): void {
  if (findSilence(onCall, silence.id)) return;
  const refusal = refusalOf(onCall, silence, now);
  if (refusal !== null) {
    refuse(onCall, silence.id, refusal);
    return;
  }
  onCall.silences.push({ ...silence, endedAt: null, concerned, announced: 'nothing' });
  note(onCall, 'silence made', silence);
}

function refusalOf({ silences }: OnCall, silence: Silence, now: number): Refusal | null {
  const problem = timesProblem(silence, now, silenceEnds);
  if (problem !== null || silences.filter((one) => overAt(one) > now).length < maxEntries) return problem;
  return { field: null, message: `There are ${maxEntries} silences already, which is the most: end one first.` };
}

/** Notices to whom silences concern: at the beginning and at the end of each. One that was ended before it began has none. */
export function announceSilences(onCall: OnCall, now: number): void {
  for (const silence of onCall.silences) {
    if (silence.announced === 'nothing' && silence.from <= now && now < overAt(silence))
      announceStart(onCall, silence, now);
    if (silence.announced !== 'end' && overAt(silence) <= now) announceEnd(onCall, silence, now);
  }
}

function announceStart(onCall: OnCall, silence: KeptSilence, now: number): void {
  const texts = silence.concerned.flatMap(({ contact, channel, started }) =>
    started === undefined ? [] : [{ contact, channel, text: started }],
  );
  queueNotices(onCall, `silence:${silence.id}:started`, texts, now);
  silence.announced = 'start';
  // What is sent need not be handed over to the next run.
  silence.concerned = silence.concerned.map(({ started: _started, ...end }) => end);
}

/** Where no worker ran from its beginning until its end, the end is all that is still worth a notice. */
function announceEnd(onCall: OnCall, silence: KeptSilence, now: number): void {
  const { id, from, to, announced, concerned } = silence;
  const isEarly = overAt(silence) < to;
  const texts = concerned.map(({ contact, channel, ended, endedEarly }) => ({
    contact,
    channel,
    text: isEarly ? endedEarly : ended,
  }));
  if (announced === 'start' || overAt(silence) > from) queueNotices(onCall, `silence:${id}:ended`, texts, now);
  silence.announced = 'end';
  silence.concerned = [];
}

/** When something becomes of each silence, and what. */
export const silenceWakes = ({ silences }: OnCall): Wake[] =>
  silences.map((silence) => {
    switch (silence.announced) {
      case 'nothing':
        return { at: Math.min(silence.from, overAt(silence)), why: 'Wait for a silence to begin' };
      case 'start':
        return { at: overAt(silence), why: 'Wait for a silence to end' };
      case 'end':
        return { at: forgottenAt(silence), why: forgetWhy };
    }
  });

/** Ends a silence early, or before it begins. */
export function endSilence(onCall: OnCall, id: string, now: number): void {
  const found = findSilence(onCall, id);
  if (!found || overAt(found) <= now) return;
  found.endedAt = now;
  note(onCall, 'silence ended', found);
}

const findSilence = ({ silences }: OnCall, id: string): KeptSilence | undefined =>
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

/** What the workflow `on-call` remembers. Plain data, so that it survives continue-as-new. */
import { day } from '../contract.js';
import type { Concerned, Entry, Outcome, Override, Refusal, Silence, SilenceConcerned } from '../on-call-contract.js';
import type { NoticeQueue } from '../text-notices.js';

/** An entry, and when somebody ended it early. */
export type Kept<E extends Entry> = E & { endedAt: number | null };
export type KeptOverride = Kept<Override> & { concerned: Concerned[] };
/** With whom it concerns, and what they have got a notice of: nothing, its beginning, or its end, after which nobody is kept. */
export type KeptSilence = Kept<Silence> & { concerned: SilenceConcerned[]; announced: 'nothing' | 'start' | 'end' };

export interface OnCall extends NoticeQueue {
  version: 1;
  /** In the order in which they were made. */
  overrides: KeptOverride[];
  silences: KeptSilence[];
  /** The newest requests that were refused, for their responses. */
  refused: { id: string; refusal: Refusal }[];
  /** The memo as it was last written. */
  published: { overrides: string; silences: string };
  cancelling: boolean;
}

export const newOnCall = (): OnCall => ({
  version: 1,
  overrides: [],
  silences: [],
  refused: [],
  notices: [],
  inFlight: null,
  lastId: 0,
  published: { overrides: '[]', silences: '[]' },
  cancelling: false,
  logLines: [],
});

/** The state of an earlier run, whose version may have known less. */
export type CarriedOnCall = Partial<Omit<OnCall, 'silences'>> & {
  silences?: (Kept<Silence> & Partial<KeptSilence>)[];
};

/** The state that an earlier run handed over; what it did not know yet has its default. The memo is written anew. */
export const restoreOnCall = ({ silences = [], ...carried }: CarriedOnCall): OnCall => ({
  ...newOnCall(),
  ...carried,
  version: 1,
  silences: silences.map((one): KeptSilence => ({ concerned: [], announced: 'nothing', ...one })),
  published: { overrides: '', silences: '' },
});

const keptOverMs = day;
const keptOver = 50;
const keptRefusals = 20;

/** When an entry is over: at its end, or when somebody ended it. */
export const overAt = ({ to, endedAt }: Kept<Entry>): number => Math.min(to, endedAt ?? to);

/** When an entry is forgotten: until then a copy of its request changes nothing. */
export const forgottenAt = (entry: Kept<Entry>): number => overAt(entry) + keptOverMs;
export const forgetWhy = 'Wait before what is over is forgotten';

/** All that are not over, and of the others the newest, for a day: a script may make and end many. */
export function kept<E extends Kept<Entry>>(entries: readonly E[], now: number): E[] {
  const over = entries.filter((one) => overAt(one) <= now).slice(-keptOver);
  return entries.filter((one) => overAt(one) > now || (over.includes(one) && forgottenAt(one) > now));
}

/** Notes why a request is refused, for its response. */
export function refuse(onCall: OnCall, id: string, refusal: Refusal): void {
  onCall.refused = [...onCall.refused, { id, refusal }].slice(-keptRefusals);
}

/** What became of the request for an entry. */
export const outcomeOf = ({ overrides, silences, refused }: OnCall, id: string): Outcome =>
  [...overrides, ...silences].some((one) => one.id === id)
    ? null
    : (refused.findLast((one) => one.id === id)?.refusal ?? null);

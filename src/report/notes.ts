/** Sentences on what a report leaves out. */
import type { Progress } from '../history/archive.js';
import type { Prices } from '../policy/prices.js';
import { channelName } from '../workflows/channels.js';
import { channels, day, hour } from '../workflows/contract.js';

export interface ReadParts {
  incidents: Progress;
  pagers: Progress;
  /** For how long Temporal keeps what has ended; null: it does not say, or did not answer. */
  keptMs: number | null;
}

/** Whether nothing is still being read. */
export const isComplete = ({ read, of }: Progress): boolean => of !== null && read >= of;

/** Temporal keeps a run for its retention after its end, so that what began that long ago may be gone. */
export const hasKept = (keptMs: number | null, agoMs: number): boolean => keptMs === null || keptMs >= agoMs;

export function notesOf(
  { incidents, pagers, keptMs }: ReadParts,
  sinceMs: number,
  prices: Prices | undefined,
): string[] {
  const both = [incidents, pagers];
  const sum = (of: (progress: Progress) => number): number => both.reduce((all, one) => all + of(one), 0);
  const [unreadable, gone, failed] = [sum((one) => one.unreadable), sum((one) => one.gone), sum((one) => one.failed)];
  return [
    ...readSentences(incidents, pagers),
    ...(both.some(({ isCut }) => isCut)
      ? ['There are more incidents than are read: those that ended first are left out.']
      : []),
    ...(failed > 0 ? [`${failed} histories could not be read: try again later.`] : []),
    ...(gone > 0 ? [`${gone} histories were removed by Temporal meanwhile.`] : []),
    ...(unreadable > 0 ? [`${unreadable} histories cannot be read: their payloads are encoded in another way.`] : []),
    ...retentionSentences(keptMs, sinceMs),
    ...priceSentences(prices),
  ];
}

function readSentences(incidents: Progress, pagers: Progress): string[] {
  if (isComplete(incidents) && isComplete(pagers)) return [];
  const part = (name: string, { read, of }: Progress): string =>
    of === null
      ? `${name} are being counted`
      : `${read.toLocaleString('en')} of ${of.toLocaleString('en')} ${name} read`;
  return [`Still being read: ${part('incidents', incidents)}, ${part('contacts', pagers)}.`];
}

function retentionSentences(keptMs: number | null, sinceMs: number): string[] {
  if (hasKept(keptMs, 2 * sinceMs)) return [];
  const kept =
    keptMs !== null && keptMs < 2 * day
      ? `${Math.round((keptMs ?? 0) / hour)} hours`
      : `${Math.round((keptMs ?? 0) / day)} days`;
  const missing = hasKept(keptMs, sinceMs)
    ? 'so that there is nothing to compare with'
    : 'so that what ended before is missing, and there is nothing to compare with';
  return [`Temporal keeps what has ended for ${kept}, ${missing}.`];
}

function priceSentences(prices: Prices | undefined): string[] {
  const unpriced = channels.filter((channel) => prices?.each[channel] === undefined);
  if (unpriced.length === channels.length) return ['The escalation file has no prices, so that costs are not known.'];
  return unpriced.length > 0 ? [`Costs are without ${unpriced.map((one) => channelName(one)).join(' and ')}.`] : [];
}

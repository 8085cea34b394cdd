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

/** Whether all that Temporal keeps was read: else counts are the least there was. */
export const isWhole = (progress: Progress): boolean =>
  isComplete(progress) && !progress.isCut && progress.failed + progress.unreadable === 0;

/** Temporal keeps a run for its retention after its end, so that what began that long ago may be gone. */
export const hasKept = (keptMs: number | null, agoMs: number): boolean => keptMs === null || keptMs >= agoMs;

export function notesOf(
  { incidents, pagers, keptMs }: ReadParts,
  sinceMs: number,
  prices: Prices | undefined,
): string[] {
  return [
    ...readSentences(incidents, pagers),
    ...unreadNotes(incidents, pagers),
    ...retentionNotes(keptMs, sinceMs),
    ...comparisonSentences(incidents, pagers, keptMs, sinceMs),
    ...priceSentences(prices),
  ];
}

export const histories = (count: number): string =>
  count === 1 ? '1 history' : `${count.toLocaleString('en')} histories`;

/** Sentences on histories that were not read. */
export function unreadNotes(...parts: readonly Progress[]): string[] {
  const sum = (of: (progress: Progress) => number): number => parts.reduce((all, one) => all + of(one), 0);
  const [unreadable, gone, failed] = [sum((one) => one.unreadable), sum((one) => one.gone), sum((one) => one.failed)];
  return [
    ...(parts.some(({ isCut }) => isCut) ? ['There is more than is read: what ended first is left out.'] : []),
    ...(failed > 0 ? [`${histories(failed)} could not be read: try again later.`] : []),
    ...(gone > 0 ? [`${histories(gone)} ${gone === 1 ? 'was' : 'were'} removed by Temporal meanwhile.`] : []),
    ...(unreadable > 0 ? [`${histories(unreadable)} cannot be read: the payloads are encoded in another way.`] : []),
  ];
}

/** A sentence where Temporal does not keep as much as is looked at. */
export function retentionNotes(
  keptMs: number | null,
  sinceMs: number,
  missing = 'what ended before is missing',
): string[] {
  if (keptMs === null) return ['For how long Temporal keeps what has ended is not known: some may be missing.'];
  return hasKept(keptMs, sinceMs) ? [] : [`${keepsText(keptMs)}, so that ${missing}.`];
}

function keepsText(keptMs: number): string {
  const [count, unit] = keptMs < 2 * day ? [Math.floor(keptMs / hour), 'hour'] : [Math.floor(keptMs / day), 'day'];
  return `Temporal keeps what has ended for ${count} ${unit}${count === 1 ? '' : 's'}`;
}

function comparisonSentences(incidents: Progress, pagers: Progress, keptMs: number | null, sinceMs: number): string[] {
  if (incidents.isCut || pagers.isCut) return ['There is nothing to compare with: not all of the time before is read.'];
  if (keptMs === null || hasKept(keptMs, 2 * sinceMs)) return [];
  return [
    hasKept(keptMs, sinceMs)
      ? `${keepsText(keptMs)}, so that there is nothing to compare with.`
      : 'There is nothing to compare with.',
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

function priceSentences(prices: Prices | undefined): string[] {
  const unpriced = channels.filter((channel) => prices?.each[channel] === undefined);
  if (unpriced.length === channels.length) return ['The escalation file has no prices, so that costs are not known.'];
  return unpriced.length > 0 ? [`Costs are without ${unpriced.map((one) => channelName(one)).join(' and ')}.`] : [];
}

/** Once a day the labels in Tableau are gone through: what an incident that was terminated by hand has left is removed. */
import { day, hour } from '../contract.js';
import type { LabelSweep } from '../label-contract.js';
import type { ActivityEffect } from '../machine.js';
import { nextId, type Freshness } from './state.js';

export interface SweepCall {
  activity: 'sweepLabels';
}

const tryAgainMs = hour;

export function beginSweep(freshness: Freshness, now: number): ActivityEffect<SweepCall>[] {
  const { sweep } = freshness;
  if (sweep.id !== null || now < sweep.nextAt) return [];
  sweep.id = nextId(freshness, 'sweep');
  return [
    { type: 'activity', id: sweep.id, summary: 'Remove labels without an incident', call: { activity: 'sweepLabels' } },
  ];
}

/** When the next one is due; null while one runs. */
export const sweepAt = ({ sweep }: Freshness): number | null => (sweep.id === null ? sweep.nextAt : null);

/** @param result null where it could not be run to its end */
export function applySweep(freshness: Freshness, id: string, result: LabelSweep | null, now: number): void {
  const { sweep } = freshness;
  if (id !== sweep.id) return;
  const isDone = result !== null && result.failed === 0;
  freshness.sweep = { id: null, nextAt: now + (isDone ? day : tryAgainMs) };
  if (result === null || result.removed + result.failed === 0) return;
  const { seen, removed, failed } = result;
  const message = 'Labels without an incident were looked for in Tableau';
  freshness.logLines.push({ level: failed > 0 ? 'warn' : 'info', message, about: { seen, removed, failed } });
}

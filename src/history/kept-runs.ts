/** What was read of runs, within a bound of memory. */
import type { Fact } from './incident-facts.js';
import type { PagerFact } from './pager-facts.js';

/** `unreadable`: its payloads are encoded in another way, such as encrypted. `gone`: Temporal has removed it. */
export type RunFacts =
  | { type: 'incident'; facts: readonly Fact[] }
  | { type: 'pager'; facts: readonly PagerFact[] }
  | { type: 'unreadable' | 'gone' };

export interface KeptRun {
  read: RunFacts;
  /** It had ended when it was read, so that it never changes. */
  isOver: boolean;
  /** What Temporal listed of it before it was read: a run that goes on is read again when that has changed. */
  stamp: string;
  readAt: number;
}

interface Entry extends KeptRun {
  bytes: number;
  usedAt: number;
}

/** Objects take about twice the length of their JSON. */
const bytesPerCharacter = 2;
/** What was used so recently makes room for nothing: else two readers would read in turns for ever. */
const recentMs = 60_000;

export interface KeptRuns {
  get: (runId: string) => KeptRun | undefined;
  /** False where there is no room: everything kept was used a moment ago. */
  set: (runId: string, run: KeptRun) => boolean;
  bytes: () => number;
}

/** @param clock milliseconds since the epoch */
export function createKeptRuns(maxBytes: number, clock: () => number): KeptRuns {
  // In order of their last use.
  const entries = new Map<string, Entry>();
  let bytes = 0;

  const remove = (runId: string): void => {
    bytes -= entries.get(runId)?.bytes ?? 0;
    entries.delete(runId);
  };

  function makeRoom(wanted: number): boolean {
    const now = clock();
    for (const [runId, { usedAt }] of entries) {
      if (bytes + wanted <= maxBytes || now - usedAt < recentMs) break;
      remove(runId);
    }
    return bytes + wanted <= maxBytes;
  }

  return {
    get: (runId) => {
      const entry = entries.get(runId);
      if (!entry) return undefined;
      entries.delete(runId);
      entries.set(runId, entry);
      entry.usedAt = clock();
      return entry;
    },
    set: (runId, run) => {
      remove(runId);
      const size = 200 + bytesPerCharacter * JSON.stringify(run.read).length;
      if (!makeRoom(size)) return false;
      entries.set(runId, { ...run, bytes: size, usedAt: clock() });
      bytes += size;
      return true;
    },
    bytes: () => bytes,
  };
}

/** What really happened, by the histories that Temporal keeps: episodes of incidents, and messages of pagers. */
import { incidentIdOf, incidentType } from '../workflows/contract.js';
import { pagerId, pagerType } from '../workflows/pager-contract.js';
import { listRuns, type ListedRuns, type Run } from '../temporal/histories.js';
import { episodesIn } from './episodes.js';
import type { RunFacts } from './kept-runs.js';
import { messagesIn, type PagerMessages } from './messages.js';
import type { RecordedEpisode } from './recorded.js';
import type { RecordedMessage } from './recorded-message.js';
import { createRunReader, type ReaderOptions, type RunReader, type RunType } from './run-reader.js';

/** How much of what is wanted was read. */
export interface Progress {
  /** Incidents or contacts; `of` is null while Temporal has not listed them. */
  read: number;
  of: number | null;
  /** There are more than are read. */
  isCut: boolean;
  /** Runs whose payloads are encoded in another way; runs that Temporal removed; runs that could not be read for now, and the reason of one. */
  unreadable: number;
  gone: number;
  failed: number;
  reason: unknown;
}

export interface Wanted {
  /** Milliseconds since the epoch. */
  since: number;
  /** How long the caller waits; what is read by then is given, and the rest is read meanwhile. */
  waitMs: number;
  /** How many runs have been tried, and of how many. */
  onRead?: (read: number, of: number) => void;
}

export interface Episodes extends Progress {
  /** Those that began since then. */
  episodes: RecordedEpisode[];
}
export interface Messages extends Progress {
  /** Those that were requested since then, the oldest first. */
  messages: RecordedMessage[];
  /** The names of items by incident. */
  names: Map<string, string>;
}

export interface Archive {
  /** @throws whatever Temporal says where it gives no list */
  episodes: (wanted: Wanted) => Promise<Episodes>;
  messages: (wanted: Wanted) => Promise<Messages>;
  /** About how much memory is in use. */
  bytes: () => number;
}

const maxWorkflows = 5_000;
const listTimeoutMs = 20_000;
/** A list is used again for so long. */
const listAgeMs = 3_000;

const typeNames = { incident: incidentType, pager: pagerType } as const;

export function createArchive(options: ReaderOptions): Archive {
  const reader = createRunReader(options);
  const lists = { incident: createLister('incident', options), pager: createLister('pager', options) };
  const made = { incident: createMaker(episodesOf), pager: createMaker(messagesOf) };

  /** Gives the list when every run has been tried, or the time is over. */
  async function read(type: RunType, { since, waitMs, onRead }: Wanted): Promise<ListedRuns | null> {
    const deadline = options.clock() + waitMs;
    const listed = await within(lists[type](since), waitMs);
    if (listed === null) return null;
    const runs = [...listed.workflows.values()].flat();
    let tried = 0;
    const each = reader.read(type, runs).map(async (one) => {
      await one;
      tried += 1;
      onRead?.(tried, runs.length);
    });
    await within(Promise.all(each), deadline - options.clock());
    return listed;
  }

  return {
    episodes: async (wanted) => {
      const listed = await read('incident', wanted);
      const all = listed === null ? [] : made.incident(reader, listed);
      const episodes = all.flat().filter(({ at }) => at >= wanted.since);
      return { episodes, ...progressOf(reader, listed) };
    },
    messages: async (wanted) => {
      const listed = await read('pager', wanted);
      const all = listed === null ? [] : made.pager(reader, listed);
      const messages = all.flatMap((one) => one.messages).filter(({ at }) => at >= wanted.since);
      const names = new Map(all.flatMap((one) => [...one.names]));
      return { messages: messages.toSorted((a, b) => a.at - b.at), names, ...progressOf(reader, listed) };
    },
    bytes: reader.bytes,
  };
}

/** Null where it takes longer. */
async function within<T>(work: Promise<T>, waitMs: number): Promise<T | null> {
  if (!Number.isFinite(waitMs)) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), waitMs)));
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The runs since a time. One list is made at a time, and used for a moment. */
function createLister(type: RunType, { request, clock }: ReaderOptions): (since: number) => Promise<ListedRuns> {
  let last: { since: number; at: number; list: Promise<ListedRuns> } | null = null;
  return (since) => {
    if (last !== null && last.since <= since && clock() - last.at < listAgeMs) return last.list;
    const wanted = { type: typeNames[type], since, max: maxWorkflows };
    const made = { since, at: clock(), list: request(listTimeoutMs, (client) => listRuns(client, wanted)) };
    last = made;
    made.list.then(
      () => {
        made.at = clock();
      },
      () => {
        if (last === made) last = null;
      },
    );
    return made.list;
  };
}

const oldestFirst = (runs: readonly Run[]): Run[] => runs.toSorted((a, b) => a.startedAt - b.startedAt);

const episodesOf = (workflowId: string, read: readonly RunFacts[]): RecordedEpisode[] =>
  episodesIn(
    incidentIdOf(workflowId) ?? workflowId,
    read.flatMap((run) => (run.type === 'incident' ? run.facts : [])),
  );

const messagesOf = (workflowId: string, read: readonly RunFacts[]): PagerMessages =>
  messagesIn(
    workflowId.slice(pagerId('').length),
    read.flatMap((run) => (run.type === 'pager' ? run.facts : [])),
  );

/** What is made of what was read of each workflow, anew where one of its runs was read again. One of which a run is still to be read is left out. */
function createMaker<T>(make: (workflowId: string, read: readonly RunFacts[]) => T) {
  let before = new Map<string, { of: readonly RunFacts[]; made: T }>();
  return (reader: RunReader, { workflows }: ListedRuns): T[] => {
    const now: typeof before = new Map();
    for (const [workflowId, runs] of workflows) {
      if (runs.some((run) => reader.known(run) === undefined && !reader.isSettled(run))) continue;
      const of = oldestFirst(runs).flatMap((run) => reader.known(run) ?? []);
      const earlier = before.get(workflowId);
      const isSame = earlier?.of.length === of.length && of.every((read, index) => read === earlier.of[index]);
      now.set(workflowId, earlier && isSame ? earlier : { of, made: make(workflowId, of) });
    }
    before = now;
    return [...now.values()].map(({ made }) => made);
  };
}

function progressOf(reader: RunReader, listed: ListedRuns | null): Progress {
  if (listed === null) return { read: 0, of: null, isCut: false, unreadable: 0, gone: 0, failed: 0, reason: undefined };
  const { workflows, isCut } = listed;
  const runs = [...workflows.values()];
  const all = runs.flat();
  const problems = all.flatMap((run) => reader.problem(run) ?? []);
  const count = (kind: RunFacts['type']): number => all.filter((run) => reader.known(run)?.type === kind).length;
  return {
    read: runs.filter((those) => those.every(reader.isSettled)).length,
    of: runs.length,
    isCut,
    unreadable: count('unreadable'),
    gone: count('gone'),
    failed: problems.length,
    reason: problems[0],
  };
}

/**
 * What the service under test says of its incidents, by its documented HTTP API: for the page, which shows it beside the phones. The page
 * gets it from here, so that it needs no token.
 */
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

/** How the service is reached. */
export const Access = Type.Object({
  /** Without a trailing slash. */
  url: Type.String({ minLength: 1 }),
  apiToken: Type.String({ minLength: 1 }),
  /** More addresses for people: name → address. */
  links: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type Access = Static<typeof Access>;

const Row = Type.Object({
  id: Type.String(),
  state: Type.String(),
  item: Type.Object({ name: Type.String() }),
  failures: Type.Number(),
  acknowledgedBy: Type.Union([Type.String(), Type.Null()]),
  snoozedBy: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  next: Type.Union([Type.Object({ at: Type.String(), what: Type.String() }), Type.Null()]),
});
const Rows = Type.Object({ incidents: Type.Array(Row) });
const PageView = Type.Object({
  contact: Type.String(),
  channel: Type.String(),
  status: Type.String(),
  heldUntil: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  why: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});
const View = Type.Object({ pagesSent: Type.Optional(Type.Array(PageView)) });

/** Pages that the limits of one contact hold back, all for one reason. */
export interface Held {
  contact: string;
  channel: string;
  why: string;
  pages: number;
  /** ISO 8601: the latest of them. */
  until: string | null;
}

export interface ServiceState {
  /** Null: no service is watched. */
  url: string | null;
  links: Record<string, string>;
  /** Milliseconds since the epoch, by the clock of the sandbox. */
  now: number;
  /** Why its incidents cannot be read; null: they can. */
  problem: string | null;
  /** Open ones first, the newest first. */
  incidents: Static<typeof Row>[];
  held: Held[];
}

export interface WatchedService {
  /** Null: none any more. */
  set: (access: Access | null) => void;
  state: () => ServiceState;
  close: () => void;
}

interface Watcher {
  /** Nothing is read while nobody looks. */
  isWanted: () => boolean;
  changed: () => void;
}

const everyMs = 1_000;
const timeoutMs = 4_000;
/** Reads of single incidents in one look. */
const mostReads = 40;
const isOver = (state: string): boolean => state === 'resolved' || state === 'forgotten';

export const createWatchedService = ({ isWanted, changed }: Watcher): WatchedService => {
  let access: Access | null = null;
  let problem: string | null = null;
  let rows: Static<typeof Row>[] = [];
  let held: Held[] = [];
  let timer: NodeJS.Timeout | undefined;

  const read = async (path: string): Promise<unknown> => {
    if (!access) throw new Error('no service is watched');
    const response = await fetch(access.url + path, {
      headers: { authorization: `Bearer ${access.apiToken}`, accept: 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return response.json();
  };

  const readHeld = async (open: readonly Static<typeof Row>[]): Promise<Held[]> => {
    const waiting = open.filter(({ state }) => state === 'triggered' || state === 'unacknowledged').slice(0, mostReads);
    const views = await Promise.all(waiting.map(({ id }) => read(`/incidents/${encodeURIComponent(id)}`)));
    return grouped(views.flatMap((view) => (Value.Check(View, view) ? (view.pagesSent ?? []) : [])));
  };

  const look = async (): Promise<void> => {
    const before = JSON.stringify([problem, rows, held]);
    const from = access;
    try {
      const { incidents } = Value.Parse(Rows, await read('/incidents?limit=100'));
      const open = incidents.filter(({ state }) => !isOver(state));
      const found = await readHeld(open);
      if (from !== access) return;
      rows = [...open, ...incidents.filter(({ state }) => isOver(state))];
      held = found;
      problem = null;
    } catch (error) {
      if (from !== access) return;
      problem = reasonOf(error);
    }
    if (JSON.stringify([problem, rows, held]) !== before) changed();
  };

  const follow = async (): Promise<void> => {
    if (access && isWanted()) await look();
    if (access) timer = setTimeout(() => void follow(), everyMs);
  };

  return {
    set: (next) => {
      clearTimeout(timer);
      access = next;
      [problem, rows, held] = [null, [], []];
      changed();
      if (access) void follow();
    },
    state: () => ({
      url: access?.url ?? null,
      links: access?.links ?? {},
      now: Date.now(),
      problem,
      incidents: rows,
      held,
    }),
    close: () => {
      access = null;
      clearTimeout(timer);
    },
  };
};

const grouped = (pages: readonly Static<typeof PageView>[]): Held[] => {
  const groups = new Map<string, Held>();
  for (const { contact, channel, status, heldUntil = null, why } of pages) {
    if (status !== 'held') continue;
    const key = JSON.stringify([contact, channel, why]);
    const group = groups.get(key) ?? { contact, channel, why: why ?? 'no reason was given', pages: 0, until: null };
    const until = heldUntil !== null && heldUntil > (group.until ?? '') ? heldUntil : group.until;
    groups.set(key, { ...group, pages: group.pages + 1, until });
  }
  return [...groups.values()];
};

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  // What fetch throws for every failed connection.
  if (error instanceof TypeError) return 'it cannot be reached';
  return error.name === 'TimeoutError' ? `it did not answer within ${timeoutMs / 1000} s` : error.message;
};

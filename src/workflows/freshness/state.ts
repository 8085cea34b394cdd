/** What the workflow of a site's freshness remembers. Plain data, so that it survives continue-as-new. */
import type { Item, Policy, Settings } from '../contract.js';
import type { TextChannel } from '../channels.js';
import type { FreshnessAlarm, FreshnessAlarmCode, LateState, ShownFreshness } from '../freshness-contract.js';
import type { IntakeEntry } from '../intake-contract.js';
import type { LogLine } from '../machine.js';
import type { NoticeQueue } from '../text-notices.js';

/** A late item that was reported: to its incident, or to nobody where no policy pages for it. */
export interface Reported {
  item: Item;
  incident: string;
  deadline: number;
  state: LateState;
  isPaged: boolean;
  /** As in `Late`, of any look. */
  hasFailed?: true;
  /** Since when looks do not name it: it is late because of another item, or Tableau does not show it. Absent while they do. */
  unnamedSince?: number;
}

/** A flow whose last known run failed: reported to its incident, or to nobody where no route pages for it. */
export interface OpenFlow {
  item: Item;
  incident: string;
  /** When that run ended. */
  failedAt: number;
  isPaged: boolean;
}

export interface FlowWatch {
  /** Null: flows are not watched. */
  everyMs: number | null;
  /** The activity that runs. */
  id: string | null;
  nextAt: number;
  /** What ended before is from before the watch. */
  from: number;
  /** When the newest run that a look saw ended; null before the first. */
  newestAt: number | null;
  /** When Tableau last answered; null: not yet. */
  answeredAt: number | null;
  /** Since when it does not; null while it does. */
  failingSince: number | null;
  /** Failed runs that were reported and that the next look may see again, the newest last. */
  reported: { run: string; endedAt: number }[];
  open: OpenFlow[];
  /** That the last look named. */
  alarms: FreshnessAlarm[];
}

export interface Raised {
  code: FreshnessAlarmCode;
  since: number;
  text: string;
}

export interface Freshness {
  version: 1;
  /** As the last look gave them; the first is of all that is watched, flows too. */
  promises: string;
  memory: string | null;
  operators: { contact: string; channel: TextChannel }[];
  promised: number;
  /** Late items, also those that are not reported yet, and those beyond a root. */
  reported: Reported[];
  check: {
    /** The activity that runs. */
    id: string | null;
    nextAt: number;
    what: string;
    /** The promises that a signal named while the activity runs. */
    announced: string | null;
    /** When Tableau last answered; null: not yet. */
    answeredAt: number | null;
    /** Since when it does not; null while it does. */
    failingSince: number | null;
  };
  flows: FlowWatch;
  /** That the last look at promises named. */
  lookAlarms: FreshnessAlarm[];
  /** What incidents have to be told, in order. */
  outbox: IntakeEntry[];
  delivery: { id: string | null; entries: IntakeEntry[]; tries: number; nextAt: number };
  /** What a delivery needs besides. */
  policies: Record<string, Policy>;
  settings: Pick<Settings, 'lingerMs' | 'forgetMs'> | null;
  searchAttributes: boolean;
  /** Labels in Tableau whose incident was terminated are removed once a day. */
  sweep: { id: string | null; nextAt: number };
  alarms: Raised[];
  /** By code, when the operators last got a notice of it. */
  noticedAt: Partial<Record<FreshnessAlarmCode, number>>;
  notices: NoticeQueue;
  /** For the page, and when Tableau gave it; null before the first look. */
  shown: ShownFreshness | null;
  shownAt: string | null;
  /** What the memo holds already, as JSON or as a fingerprint of it. */
  published: { counts: string; shown: string; lookedAt: string };
  lastId: number;
  cancelling: boolean;
  logLines: LogLine[];
}

export const newFlowWatch = (): FlowWatch => ({
  everyMs: null,
  id: null,
  nextAt: 0,
  from: 0,
  newestAt: null,
  answeredAt: null,
  failingSince: null,
  reported: [],
  open: [],
  alarms: [],
});

const nothingPublished = (): Freshness['published'] => ({ counts: '', shown: '', lookedAt: '' });

export const newFreshness = (): Freshness => ({
  version: 1,
  promises: '',
  memory: null,
  operators: [],
  promised: 0,
  reported: [],
  check: { id: null, nextAt: 0, what: 'First look', announced: null, answeredAt: null, failingSince: null },
  flows: newFlowWatch(),
  lookAlarms: [],
  outbox: [],
  delivery: { id: null, entries: [], tries: 0, nextAt: 0 },
  policies: {},
  settings: null,
  searchAttributes: false,
  sweep: { id: null, nextAt: 0 },
  alarms: [],
  noticedAt: {},
  notices: { notices: [], inFlight: null, lastId: 0, logLines: [] },
  shown: null,
  shownAt: null,
  published: nothingPublished(),
  lastId: 0,
  cancelling: false,
  logLines: [],
});

/** The state that an earlier run handed over, whose version may have known less. The memo is written anew. */
export const restoreFreshness = (carried: Partial<Freshness>): Freshness => ({
  ...newFreshness(),
  ...carried,
  check: { ...newFreshness().check, ...carried.check },
  version: 1,
  published: nothingPublished(),
});

export function nextId(freshness: Freshness, what: string): string {
  freshness.lastId += 1;
  return `${what}-${freshness.lastId}`;
}

/** As the last look has it: by itself, not because of another item. */
export const lateNow = ({ reported }: Freshness): Reported[] =>
  reported.filter(({ unnamedSince }) => unnamedSince === undefined);

/** For its incident; what waits for the same one is out of date. */
export function queue(freshness: Freshness, entry: IntakeEntry): void {
  freshness.outbox = [...freshness.outbox.filter(({ incident }) => incident !== entry.incident), entry];
}

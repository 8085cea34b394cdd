/** What an incident remembers. Plain data, so that it survives continue-as-new and a test can print it. */
import type { PagerMessage } from '../activity-contract.js';
import type { TextChannel } from '../channels.js';
import type { Channel, IncidentInput, IncidentState, Item, ItemDetail, Policy } from '../contract.js';
import { refreshMissing } from '../freshness-contract.js';
import type { LogLine } from '../machine.js';
import type { TimelineEntry } from '../view-contract.js';
import type { Reporting } from './change-state.js';
import type { Label } from './label-state.js';
import { nothingPublished, type Published } from './published.js';
import type { Holder, RecordedAnswer } from './answer-state.js';
import { newEscalation, noDuties, type Duties, type Escalation, type Page, type Routing } from './escalation-state.js';
import type { Next } from './next.js';
import type { FailedRerun, InFlight, LookUp, Rerun, Unreached } from './request-state.js';

export interface Incident {
  version: 1;
  id: string;
  /** Made when the incident began; the ids of its episodes derive from it. */
  uuid: string;
  lastEpisode: number;
  lastId: number;
  settings: IncidentInput['settings'];
  /** Whether the namespace has our search attributes. */
  hasSearchAttributes: boolean;
  /** Null until the first event. */
  state: IncidentState | null;
  item: Item;
  /** The type of the newest failure. */
  event: string;
  failures: number;
  /** A refresh has failed in this episode: by an event, or by a job that ran it again. Else there is only no new data. */
  hasFailed: boolean;
  firstFailedAt: number;
  lastFailedAt: number;
  /** Null while no success was seen. */
  lastSucceededAt: number | null;
  lastEventAt: number;
  /** When the newest failure that counts arrived. */
  failureSeenAt: number;
  episode: string | null;
  /** When this service opened the episode: the first page waits for detail from here. */
  openedAt: number;
  policy: Policy | null;
  /** The policy may change by what Tableau knows; null when it does not. */
  routing: Routing | null;
  escalation: Escalation;
  /** How many rounds of steps the present episode has begun, over all of its escalations. */
  rounds: number;
  duties: Duties;
  /** Contacts who came on call in this episode and got a notice of it, by a channel that other notices take, too. */
  notified: { contact: string; channel: TextChannel }[];
  lastPage: number;
  lastNotice: number;
  pages: Page[];
  /** The channels by which the last page of the escalation goes to a contact where those before fail. */
  lastChannels: { contact: string; left: Channel[] }[];
  acknowledgedBy: string | null;
  /** The contact among the pagers who acknowledged. */
  acknowledgedContact: string | null;
  /** Null while nobody has it. */
  acknowledgedAt: number | null;
  /** The newest snooze, null where there was none since the escalation began. Who acknowledged before is kept. */
  snoozed: (Holder & { until: number }) | null;
  /** No reminder before this; null while nobody has acknowledged. */
  remindAt: number | null;
  /** Whether the reminder that comes without a new failure was given. */
  reminded: boolean;
  overAt: number | null;
  detail: ItemDetail | null;
  lookUp: LookUp | null;
  /** Set when the first event arrived late: Tableau is asked for a later success before anybody is paged. */
  recoveryCheck: { startedAt: number | null; done: boolean; failedAt: number } | null;
  /** Before the incident is forgotten Tableau is asked about the item; `failures` counts the requests without an answer. */
  itemCheck: { isRequesting: boolean; failures: number };
  rerun: Rerun | null;
  /** The newest failure was that of a rerun, and nobody has taken it since. */
  failedRerun: FailedRerun | null;
  /** Its label in Tableau; null where labels are off. */
  label: Label | null;
  /** Its changes for outgoing webhooks; null where there are none. */
  reporting: Reporting | null;
  /** `(event_type, created_at)` of deliveries, newest last: a copy does nothing. */
  seen: string[];
  answers: RecordedAnswer[];
  /** For pagers, in order. */
  outgoing: PagerMessage[];
  unreached: Unreached[];
  inFlight: InFlight[];
  /** What happens next without any input; null while a step is being taken. */
  next: Next | null;
  timeline: TimelineEntry[];
  /** The number of its newest entry: they count from 1 and go on when the workflow continues as new. */
  lastEntry: number;
  logLines: LogLine[];
  published: Published;
  /** The contacts that the memo shows as unreachable, as JSON. */
  publishedUnreachable: string;
  /** Temporal was asked to cancel the workflow: it ends as soon as its pagers know. */
  cancelling: boolean;
}

const keptDeliveries = 500;
const keptAnswers = 200;
export const keptTimeline = 200;
const keptPages = 400;

/** @param uuid any text that no other incident has; ids derive from it */
export function newIncident(input: IncidentInput, uuid: string): Incident {
  return {
    version: 1,
    id: input.id,
    uuid,
    lastEpisode: 0,
    lastId: 0,
    settings: input.settings,
    hasSearchAttributes: input.searchAttributes,
    state: null,
    item: { kind: 'item', luid: '-', name: '-', site: '-' },
    event: '',
    failures: 0,
    hasFailed: false,
    firstFailedAt: 0,
    lastFailedAt: 0,
    lastSucceededAt: null,
    lastEventAt: 0,
    failureSeenAt: 0,
    episode: null,
    openedAt: 0,
    policy: null,
    routing: null,
    escalation: newEscalation(0, 1),
    rounds: 0,
    duties: noDuties(),
    notified: [],
    lastPage: 0,
    lastNotice: 0,
    pages: [],
    lastChannels: [],
    acknowledgedBy: null,
    acknowledgedContact: null,
    acknowledgedAt: null,
    snoozed: null,
    remindAt: null,
    reminded: false,
    overAt: null,
    detail: null,
    lookUp: null,
    recoveryCheck: null,
    itemCheck: { isRequesting: false, failures: 0 },
    rerun: null,
    failedRerun: null,
    label: null,
    reporting: null,
    seen: [],
    answers: [],
    outgoing: [],
    unreached: [],
    inFlight: [],
    next: null,
    timeline: [],
    lastEntry: 0,
    logLines: [],
    published: nothingPublished(),
    publishedUnreachable: '[]',
    cancelling: false,
  };
}

/** The state that an earlier run handed over; what it did not know yet has its default. */
export const restoreIncident = (input: IncidentInput, carried: Partial<Incident>): Incident => ({
  ...newIncident(input, input.id),
  ...carried,
  hasFailed:
    carried.hasFailed ?? (carried.event !== refreshMissing || carried.failures !== 1 || Boolean(carried.failedRerun)),
  lastEntry: carried.lastEntry ?? carried.timeline?.length ?? 0,
  published: { ...nothingPublished(), ...carried.published },
  version: 1,
});

export const isOpen = (incident: Incident): boolean =>
  incident.state !== null && incident.state !== 'resolved' && incident.state !== 'forgotten';

/** Who acknowledged or snoozed it last; null while nobody has it. */
export const holderOf = ({
  snoozed,
  acknowledgedBy: by,
  acknowledgedContact: contact,
  acknowledgedAt: at,
}: Incident): Holder | null => snoozed ?? (by === null || at === null ? null : { by, contact, at });

/** Nobody has it any more. */
export function release(incident: Incident): void {
  incident.acknowledgedBy = null;
  incident.acknowledgedContact = null;
  incident.acknowledgedAt = null;
  incident.snoozed = null;
  incident.remindAt = null;
}

/** Contacts that know of this episode, each once: they were paged, or came on call. */
export const informedContacts = ({ pages, notified }: Incident): string[] => [
  ...new Set([...pages.filter(({ why }) => why !== 'silenced'), ...notified].map(({ contact }) => contact)),
];

/** Contacts who knew of this episode before the present step. */
export const informedBefore = ({ pages, notified, escalation }: Incident): string[] => [
  ...new Set([...pages.filter(({ n }) => !escalation.pages.includes(n)), ...notified].map(({ contact }) => contact)),
];

/** An id that this incident has not given before, also after continue-as-new. */
export function nextId(incident: Incident, what: string): string {
  incident.lastId += 1;
  return `${what}-${incident.lastId}`;
}

const bounded = <T>(list: T[], max: number): T[] => (list.length > max ? list.slice(list.length - max) : list);

/** True the first time that this delivery is seen. */
export function isNew(incident: Incident, delivery: string): boolean {
  if (incident.seen.includes(delivery)) return false;
  incident.seen = bounded([...incident.seen, delivery], keptDeliveries);
  return true;
}

export function recordAnswer(incident: Incident, answer: RecordedAnswer): void {
  incident.answers = bounded([...incident.answers, answer], keptAnswers);
}

export function addPage(incident: Incident, page: Page): void {
  incident.pages = bounded([...incident.pages, page], keptPages);
}

export function addToTimeline(incident: Incident, entry: TimelineEntry): void {
  incident.timeline = bounded([...incident.timeline, entry], keptTimeline);
  incident.lastEntry += 1;
}

/** What an incident remembers. Plain data, so that it survives continue-as-new and a test can print it. */
import type { Duty, LookUpPart, PagerMessage } from '../activity-contract.js';
import type { TextChannel } from '../channels.js';
import type {
  AnswerOutcome,
  AnswerSignal,
  Channel,
  IncidentInput,
  IncidentState,
  Item,
  ItemDetail,
  Policy,
} from '../contract.js';
import type { LogLine } from '../machine.js';
import type { NextCode, TimelineEntry } from '../view-contract.js';
import type { Reporting } from './change-state.js';
import type { Label } from './label-state.js';
import { nothingPublished, type Published } from './published.js';

/** One page of the present episode, as its pager reported on it. */
export interface Page {
  n: number;
  contact: string;
  channel: Channel;
  /** The number of its step, from 1; absent for the last page of an escalation. */
  step?: number;
  requestedAt: number;
  status: 'requested' | 'held' | 'sent' | 'failed';
  sentAt?: number;
  readAt?: number;
  heldUntil?: number;
  /** The quiet hours of the contact end then: it is not sent before. */
  quietUntil?: number;
  /** Why it is held, or the code it failed with. */
  why?: string;
  /** Why it was withdrawn, a sentence. */
  withdrawnFor?: string;
  /** It failed, and nothing is known against the recipient: an outage, or it was not sent within its step. */
  outage?: true;
}

/** How far the escalation has come in its policy. */
export interface Escalation {
  startedAt: number;
  /** The first step waits until then: the backoff after an escalation in which an outage let no page through. */
  notBefore: number;
  round: number;
  /** Index into the policy's steps; -1 before the first. */
  step: number;
  /** Numbers of the pages of the present step. */
  pages: number[];
  /** What the present step names besides contacts, until it is known who that is. `id`: of the activity that finds it, null before. */
  unresolved?: { references: string[]; id: string | null };
  /** Covers the incident before its first step, and when to look whether it lasts. `findingId`: of the activity that looks, null before. */
  silence?: { id: string; until: number; checkAt: number; findingId: string | null };
  steppedAt: number;
  /** When the present step was due; null for the first, and for one that follows a failure at once. */
  dueAt: number | null;
  /** The first page of this escalation. */
  firstPage: number;
  /** Whether Twilio accepted any page of this escalation. */
  accepted: boolean;
  /** How many escalations in a row ended in an outage, without an accepted page. */
  restarts: number;
}

/** A refresh that is run again, for the policy or for a person. */
export interface Rerun {
  /** Unique within the incident. */
  id: string;
  /** Null: the policy asks for it before anybody is paged. */
  by: string | null;
  /** The pager of the person who asked. */
  contact: string | null;
  /** Counts from 1. */
  attempt: number;
  phase: 'wanted' | 'requesting' | 'following';
  /** Null while it is not known, and when the refresh was queued already. */
  job: string | null;
  requestedAt: number;
  /** The newest failure when it was asked for. */
  failedAt: number;
  /** The longest time to a result. */
  until: number;
  checks: number;
  checkAt: number;
  checking: boolean;
}

/** A rerun that failed: what its failure is called on pages until something else happens. */
export interface FailedRerun {
  /** Who requested it: a contact, or the name that a script gave; null: the policy. */
  by: string | null;
  /** Empty where it is not known. */
  cause: string;
  /** When this service learnt of it. */
  at: number;
}

/** The next request for the policy of the present episode. `turn` counts the requests from 0, `id` is of the activity that runs, null before. */
export interface Routing {
  turn: number;
  at: number;
  id: string | null;
  /** When the failure arrived. */
  receivedAt: number;
}

/** Who is on call by the schedules that steps of the present episode have named. */
export interface Duties {
  schedules: string[];
  /** As far as it is known. */
  bySchedule: Record<string, Duty>;
  /** When to look again; null while nothing is to be looked at, or a look is under way. */
  lookAt: number | null;
  /** Of the activity that looks. */
  lookId: string | null;
}

/** How far the look-up of the present episode has come. `turn` counts the requests from 0. */
export type LookUp =
  | { phase: 'waiting'; turn: number; parts: LookUpPart[]; at: number }
  | { phase: 'requesting'; turn: number; parts: LookUpPart[] }
  | { phase: 'done' };

/** An activity that has begun and whose result is still to come; with `looksUp` it asks Tableau first. */
export type InFlight = { id: string } & (
  | { activity: 'signalPagers'; messages: PagerMessage[]; episode: string | null; looksUp?: true }
  | { activity: 'retryPager'; contact: string; messages: PagerMessage[]; episode: string | null }
  | { activity: 'lookUp'; episode: string }
  | { activity: 'hasRecovered'; episode: string }
  | { activity: 'checkItem'; episode: string }
  | { activity: 'findOnCall' }
  | { activity: 'chooseRoute' }
  | { activity: 'findSilence' }
  | { activity: 'rerun'; rerunId: string }
  | { activity: 'checkJob'; rerunId: string }
  /** `text`: what it sets. */
  | { activity: 'setLabel'; text: string | null }
  /** Changes up to this one. */
  | { activity: 'reportChanges'; upTo: number }
);

/** A contact whose pager could not be signalled. */
export interface Unreached {
  contact: string;
  /** What its pager has not taken, in order; a try that runs has taken its messages from here. */
  messages: PagerMessage[];
  /** When the first try failed. */
  since: number;
  /** Failed tries in a row. */
  tries: number;
  /** As many pauses have passed since the newest message came: they grow, and begin anew with each message. */
  pauses: number;
  /** When it is tried again; null while a try runs. */
  retryAt: number | null;
}

/** Who has an incident. `by`: a contact, or the name that a script gave; `contact` where a pager took the answer. */
export interface Holder {
  by: string;
  contact: string | null;
  at: number;
}

/** `pager`: the contact whose pager took it, and settles its pages by the outcome. Absent: it came by a page or a script. */
export type GivenAnswer = AnswerSignal & { pager: string | undefined };

/** `isShown`: its outcome stands in the memo. */
export type RecordedAnswer = { id: string; isShown?: true } & AnswerOutcome;

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

/** What happens next: at a time, or with an input. `shownAt` is what people wait for, where the incident looks before. */
export type Next =
  { at: number; code: NextCode; what: string; latest?: number; shownAt?: number } | { at: null; what: string };

/** What an incident does next. */
export type Decision =
  | {
      do:
        | 'signal-pagers'
        | 'step'
        | 'find-on-call'
        | 'find-silence'
        | 'rerun'
        | 'check-job'
        | 'check-recovery'
        | 'check-item';
    }
  /** The state has changed, so decide by it once more. */
  | { do: 'decide-again' }
  /** Until `latest` (default: `until`) a timer that runs already is early enough. `shownAt` as in `Next`. */
  | { do: 'wait'; until: number; code: NextCode; what: string; latest?: number; shownAt?: number }
  /** `what` is null while the outcome is not worth showing, since it comes within milliseconds. */
  | { do: 'wait'; until: null; what: string | null }
  | { do: 'end' };

const keptDeliveries = 500;
const keptAnswers = 200;
export const keptTimeline = 200;
const keptPages = 400;

export const newEscalation = (now: number, firstPage: number): Escalation => ({
  startedAt: now,
  notBefore: now,
  round: 0,
  step: -1,
  pages: [],
  steppedAt: now,
  dueAt: null,
  firstPage,
  accepted: false,
  restarts: 0,
});

export const noDuties = (): Duties => ({ schedules: [], bySchedule: {}, lookAt: null, lookId: null });

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

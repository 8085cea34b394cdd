/**
 * What an incident remembers. Plain data, so that it survives continue-as-new and can be tested without a server.
 */
import type { PagerMessage } from '../activity-contract.js';
import type { Line } from '../log-lines.js';
import type {
  AnswerResult,
  Channel,
  IncidentInput,
  IncidentState,
  Item,
  ItemDetail,
  Policy,
  TimelineEntry,
} from '../contract.js';

export const minute = 60_000;
export const hour = 60 * minute;

/** A page of the present episode, as its pager told of it. */
export interface Page {
  n: number;
  contact: string;
  channel: Channel;
  requestedAt: number;
  status: 'asked' | 'held' | 'sent' | 'failed';
  sentAt?: number;
  heldUntil?: number;
  /** Why it is held, or the code it failed with. */
  why?: string;
}

/** Where the incident stands in its policy. */
export interface Escalation {
  startedAt: number;
  /** Not climbed before: the backoff after a escalation in which Twilio accepted no page. */
  notBefore: number;
  round: number;
  /** Index into the policy's steps; -1 before the first. */
  step: number;
  /** Numbers of the pages of the present step. */
  pages: number[];
  steppedAt: number;
  /** When the present step was due; null for the first, and for one that follows a failure at once. */
  dueAt: number | null;
  /** The first page of this escalation. */
  firstPage: number;
  /** Whether Twilio accepted any page of this escalation. */
  accepted: boolean;
  /** Ladders in a row in which it accepted none. */
  restarts: number;
}

/** A refresh that is run again, by the policy or by a person. */
export interface Rerun {
  /** Null: the policy asked for it, before anybody is woken. */
  by: string | null;
  /** The pager of the person who asked. */
  contact: string | null;
  /** Counts from 1. */
  attempt: number;
  phase: 'wanted' | 'asking' | 'following';
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

export interface Incident {
  id: string;
  settings: IncidentInput['settings'];
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
  escalation: Escalation;
  lastPage: number;
  lastNotice: number;
  pages: Page[];
  /** Contacts who said STOP in this episode. */
  stopped: string[];
  acknowledgedBy: string | null;
  /** The contact among the pagers who acknowledged, or asked for the snooze. */
  acknowledgedContact: string | null;
  snoozedUntil: number | null;
  /** Not reminded before this; null while nobody has it. */
  remindAt: number | null;
  /** Whether the reminder that comes by itself was given. */
  reminded: boolean;
  overAt: number | null;
  detail: ItemDetail | null;
  /** Whether Tableau has told all that it tells of this episode; null before it is asked. */
  lookedUp: boolean | null;
  /** Set when the first event came late: whether it has healed since is asked before anybody is paged. */
  recoveryCheck: { askedAt: number | null; done: boolean; failedAt: number } | null;
  rerun: Rerun | null;
  /** `(event_type, created_at)` of deliveries, newest last: a copy does nothing. */
  seen: string[];
  answers: { id: string; result: AnswerResult }[];
  /** To be handed to pagers, in order. */
  outgoing: PagerMessage[];
  timeline: TimelineEntry[];
  /** For the log, which has them before anything is waited for. */
  logLines: Line[];
}

export type Decision =
  | { do: 'tell' }
  | { do: 'step' }
  | { do: 'rerun' }
  | { do: 'check' }
  | { do: 'ask-healing' }
  /** The incident was moved on and is to be decided anew. */
  | { do: 'again' }
  | { do: 'wait'; until: number | null; what: string }
  | { do: 'end' };

const keptDeliveries = 500;
const keptAnswers = 200;
const keptTimeline = 200;
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

export function newIncident(input: Pick<IncidentInput, 'id' | 'settings'>): Incident {
  return {
    id: input.id,
    settings: input.settings,
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
    escalation: newEscalation(0, 1),
    lastPage: 0,
    lastNotice: 0,
    pages: [],
    stopped: [],
    acknowledgedBy: null,
    acknowledgedContact: null,
    snoozedUntil: null,
    remindAt: null,
    reminded: false,
    overAt: null,
    detail: null,
    lookedUp: null,
    recoveryCheck: null,
    rerun: null,
    seen: [],
    answers: [],
    outgoing: [],
    timeline: [],
    logLines: [],
  };
}

const bounded = <T>(list: T[], max: number): T[] => (list.length > max ? list.slice(list.length - max) : list);

/** What becomes a line of the log: decisions. Pages and replies are logged by the pager, events by the api. */
const logged: Readonly<Record<string, string>> = {
  opened: 'incident opened',
  reopened: 'incident reopened',
  step: 'step taken',
  restarted: 'escalation starts again',
  triggered: 'escalation starts again',
  acknowledged: 'incident acknowledged',
  resolved: 'incident resolved',
  recovered: 'incident recovered',
  deleted: 'incident recovered',
  snoozed: 'incident snoozed',
  rerun: 'refresh run again',
  reminded: 'contact reminded',
  stopped: 'contact stopped',
  skipped: 'step cut short',
  forgotten: 'incident forgotten',
};

/** Something that was decided, for the log alone: role keys, counts and codes. */
export function logDecision(incident: Incident, type: string, about: Line['about'] = {}): void {
  const message = logged[type];
  if (message !== undefined) incident.logLines.push({ message, about });
}

export function record(incident: Incident, now: number, type: string, text: string, about?: Line['about']): void {
  logDecision(incident, type, about);
  incident.timeline = bounded([...incident.timeline, { at: new Date(now).toISOString(), type, text }], keptTimeline);
}

/** True the first time that this delivery is seen. */
export function isNew(incident: Incident, delivery: string): boolean {
  if (incident.seen.includes(delivery)) return false;
  incident.seen = bounded([...incident.seen, delivery], keptDeliveries);
  return true;
}

export function recordAnswer(incident: Incident, id: string, result: AnswerResult): void {
  incident.answers = bounded([...incident.answers, { id, result }], keptAnswers);
}

export function addPage(incident: Incident, page: Page): void {
  incident.pages = bounded([...incident.pages, page], keptPages);
}

export const isOpen = (incident: Incident): boolean =>
  incident.state !== null && incident.state !== 'resolved' && incident.state !== 'forgotten';

/** Contacts that were paged in this episode, each once. */
export const pagedContacts = (incident: Incident): string[] => [...new Set(incident.pages.map((page) => page.contact))];

/**
 * Activities, as the workflows see them. Durations and times are milliseconds, as in `contract.ts`.
 */
import type { AnswerOutcome, AnswerSignal, Channel, Item, ItemDetail, Policy } from './contract.js';
import type {
  Command,
  HandOverNotice,
  MuteTime,
  NoticeSignal,
  PageSignal,
  TextNotice,
  WithdrawSignal,
} from './pager-contract.js';
import type { TextChannel } from './channels.js';
import type { Silenced, SilenceMatch, SilenceSubject } from './on-call-contract.js';

/** One signal of an incident to the pager of a contact, which is started when it does not run. */
export type PagerMessage = { contact: string } & (
  | { signal: 'page'; payload: PageSignal }
  | { signal: 'withdraw'; payload: WithdrawSignal }
  | { signal: 'notice'; payload: NoticeSignal | HandOverNotice | TextNotice }
);

export interface SignallingResult {
  /** Contacts whose pager did not take all of its messages, and the reason that Temporal gave. */
  unreached: { contact: string; why: string }[];
  /** Where a look-up was part of it. */
  lookedUp?: LookedUp;
  /** A silence covers the item: none of the pages was signalled. */
  silenced?: Silenced;
}

export interface PagingActivities {
  /**
   * Signals pagers by signalWithStart: all contacts at once, the messages of one contact in order and within some seconds. `dueAt` is when the
   * pages among them were due: where that is some seconds ago, since no worker ran, the first attempt fails, so that an answer can arrive
   * before the pages are sent. With `lookUp` Tableau is asked first, and the pages are signalled with what was learnt in time.
   */
  signalPagers(input: {
    messages: PagerMessage[];
    dueAt: number | null;
    /** Contacts who were paged before, and may have answered. */
    paged?: string[];
    lookUp?: LookUpRequest;
    /** Of the item of the pages: they are not signalled where a silence covers it. */
    subject?: SilenceSubject;
  }): Promise<SignallingResult>;
  /** Signals one pager again that could not be signalled before. */
  retryPager(input: { contact: string; messages: PagerMessage[]; paged: string[] }): Promise<SignallingResult>;
}

/** `incident`: its id. */
export interface IncidentAnswer {
  incident: string;
  answer: AnswerSignal;
}

export interface AnsweringResult {
  /** By `answerId`. Null: the incident does not run any more. */
  outcomes: Record<string, AnswerOutcome | null>;
  /** By `answerId`, the reason why an incident has not taken it: to be tried again. What is named nowhere had no turn. */
  failed: Record<string, string>;
}

export interface AnswerActivities {
  /** Takes answers to their incidents by updates, within some seconds. A copy of an answer has the outcome of the first. */
  answerIncidents(input: { answers: IncidentAnswer[] }): Promise<AnsweringResult>;
}

/** Who is on call, for a text. Of many schedules only the first have a sentence. */
export interface OnCallNow {
  /** "data: ana until Mon 09:00, then ben." on the clock of the schedule. */
  sentences: string[];
  /** How many schedules there are. */
  count: number;
  /** Overrides that were made by requests could not be read. */
  isByFileAlone?: true;
}

/** What takes effect when the contact returns the code. */
export type PreparedEntry = {
  /** A uuid: a copy of the request for it changes nothing. */
  id: string;
  from: number;
  to: number;
} & ({ kind: 'override'; schedule: string; contact: string } | { kind: 'silence'; match: SilenceMatch });
/** `refused`: why not, in sentences. `what`: "put ben on call (data) from Fri 18:00 to Sat 09:00". */
export type Prepared = { refused: string } | { code: string; what: string; entry: PreparedEntry };
export type EntryCommand = Extract<Command, { verb: 'swap' }> | { verb: 'mute'; match: SilenceMatch; time: MuteTime };

/** What a contact requests by a text, besides answers for incidents. `by` is its key. */
export interface RequestActivities {
  /** Who is on call by each schedule now, until when, and who is next. */
  whoIsOnCall(): Promise<OnCallNow>;
  /** Finds out what a request means, and makes a code that nobody can guess. It changes nothing. */
  prepareEntry(input: { by: string; command: EntryCommand }): Promise<Prepared>;
  /** Does what was prepared, once for each id. `text`: what became of it, in sentences. */
  makeEntry(input: { by: string; entry: PreparedEntry }): Promise<{ text: string }>;
}

/** Who is on call by a schedule, and the channel by which that contact gets notices; null: nobody, or no address for one. */
export interface Duty {
  contact: string | null;
  channel: TextChannel | null;
}

export interface FoundOnCall {
  /**
   * Reference → contact. Where nobody is on call, and where the owner is no contact, has no address for the channel or cannot be looked up
   * within a second, it is the fallback of the file; null where there is none.
   */
  contacts: Record<string, string | null>;
  /** By the names of those of the schedules that the file has: who is on call, whatever addresses they have. */
  duties: Record<string, Duty>;
  /** Until then nobody else comes on call by these schedules, as far as the file and the overrides of now say; null without a schedule. */
  lookAgainAt: number | null;
}

export interface OnCallActivities {
  /** Whom `schedule/<name>` and `owner` mean now. */
  findOnCall(input: { references: string[]; by: Channel; item: Item }): Promise<FoundOnCall>;
}

export interface RouteInput {
  item: Item;
  event: string;
  /** When the failure arrived: routes can have hours. */
  receivedAt: number;
  /** Failures of the episode; Tableau's own count in a row may be greater. */
  failures: number;
  /** How long the requests to Tableau may take. */
  withinMs: number;
}
/**
 * What the routes of the escalation file decide. `ignored`: nobody is to be paged, with the reason of the route (empty where none fits). `route`: its
 * position in the file, from 1. `isCertain` is false while Tableau has not told all that they depend on.
 */
export type Routed = { route: number | null; isCertain: boolean } & ({ policy: Policy } | { ignored: string });

export interface RoutingActivities {
  /** Chooses the policy of a failure by what Tableau knows of its item. Never fails for want of an answer. */
  chooseRoute(input: RouteInput): Promise<Routed>;
}

export interface SilenceActivities {
  /** The silence that covers an item now, by what is known of it; null: none. */
  findSilence(subject: SilenceSubject): Promise<Silenced | null>;
}

/** The id that Temporal shows of a retry names its contact: only a page to that contact has to wait for it. */
export const retryActivityId = (id: string, contact: string): string => `${id}:${contact}`;
export const isRetryFor = (activityId: string, contact: string): boolean => activityId.endsWith(`:${contact}`);

/** A failure of this type may be tried again; nothing else is thrown by these activities. */
export const tableauUnavailable = 'tableau-unavailable';

export interface LookUpInput {
  item: Item;
  event: string;
  /** `created_at` of the failure. */
  at: number;
}

export type LookUpPart = 'item' | 'cause' | 'severity';
/** `withinMs`: how long the look-up may take. */
export interface LookUpRequest extends LookUpInput {
  parts: LookUpPart[];
  withinMs: number;
}
/** What was learnt in time, and what was not, with the reason. */
export interface LookedUp {
  learnt: ItemDetail;
  pending: { part: LookUpPart; why: string }[];
}

export interface TableauActivities {
  /** Never fails for want of an answer: what could not be learnt is named in `problems`, what may yet be in `pending`. */
  lookUp(input: LookUpRequest): Promise<LookedUp>;
  /** Whether the item was refreshed with success after `at`; false also when that cannot be learnt. */
  hasRecovered(input: LookUpInput): Promise<boolean>;
  /** Runs the refresh now. Safe to try again: one that is queued already is `queued`. */
  rerun(input: { item: Item }): Promise<RerunStart>;
  /** The status of the job of a rerun; `unknown` when Tableau does not know it (any more). */
  checkJob(input: { job: string }): Promise<JobStatus>;
  /** What became of an item of which Tableau has sent no event for long. */
  checkItem(input: LookUpInput): Promise<ItemStatus>;
}

export type ItemStatus =
  /** It was refreshed with success at that time, after the failure. */
  | { state: 'recovered'; at: number }
  /** `suspended`: Tableau does not run its refreshes until somebody resumes them. */
  | { state: 'deleted' | 'suspended' }
  /** `inARow`: how many refreshes failed, by Tableau's count. */
  | { state: 'failing'; inARow?: number }
  /** Neither a success nor a failure was found; `why` is a sentence, empty where there is nothing to find for its kind. */
  | { state: 'unknown'; why: string };

/** `queued` names no job when one was queued already: then only the webhook reports its end. */
export type RerunStart = { state: 'queued'; job?: string } | { state: 'refused'; why: string };
export type JobStatus = { state: 'running' | 'succeeded' | 'unknown' } | { state: 'failed'; cause?: string };

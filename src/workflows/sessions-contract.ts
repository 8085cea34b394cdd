/**
 * What the api and the workflow `ended-sessions` share (docs/decisions, 41): which sessions of the pages were ended before their time. A session is a signed
 * cookie, so that it counts wherever nobody says that it is over. Times are milliseconds since the epoch.
 */
import { hour, taskQueues } from './contract.js';

/** How long a session lasts; then nobody needs to know that it was ended. */
export const sessionMs = 12 * hour;

/** So many ended sessions, and people whose sessions were ended, fit in the memo. */
export const mostEnded = { sessions: 500, people: 100 } as const;

export const endedSessionsType = 'endedSessions';

/** How the one workflow is started by whoever ends a session first. It ends when it has nothing to remember. */
export const endedSessionsStart = {
  workflowId: 'ended-sessions',
  taskQueue: taskQueues.incidents,
  staticSummary: 'Sessions of the pages that were ended before their time',
  workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  workflowIdConflictPolicy: 'USE_EXISTING',
} as const;

/** Ends one session, or all of a person that have begun before a time. */
export type EndSignal =
  /** `until`: when it would end by itself. */
  | { what: 'session'; id: string; until: number }
  /** `person`: a keyed hash, since histories name nobody. */
  | { what: 'person'; person: string; before: number };

/** The memo `ended` of the workflow. */
export interface EndedSessions {
  sessions: { id: string; until: number }[];
  people: { person: string; before: number }[];
  /** All that have begun until then are over, whosever they are: so many were ended that the workflow cannot remember each. */
  allBefore: number;
}

export const nothingEnded: EndedSessions = { sessions: [], people: [], allBefore: 0 };

/** Whether a session was ended. @param session `begunAt` as its cookie says, and the keyed hash of its person */
export const isEnded = (ended: EndedSessions, session: { id: string; person: string; begunAt: number }): boolean =>
  session.begunAt <= ended.allBefore ||
  ended.sessions.some(({ id }) => id === session.id) ||
  ended.people.some(({ person, before }) => person === session.person && session.begunAt < before);

import { setTimeout as sleepMs } from 'node:timers/promises';
import { second } from '../../workflows/contract.js';

export interface Session {
  token: string;
  /** The site's LUID. */
  siteId: string;
  /** The LUID of our user; undefined where Tableau does not tell. */
  userId?: string | undefined;
}

export interface SharedSession {
  /** The session, after a sign-in where there is none. All callers at the same time share one sign-in. */
  current(): Promise<Session>;
  /** A session other than `refused`, which Tableau has ended. */
  renewed(refused: Session): Promise<Session>;
  /** Forgets the session and returns it, if there is one. */
  end(): Promise<Session | undefined>;
}

export interface SessionOptions {
  lifetimeMs: number;
  /** Whether another sign-in by the same credentials ends our session. */
  exclusive: boolean;
  /** How long a failed sign-in is not repeated, given how many failed in a row. By default not at all. */
  failureTtlMs?: (error: unknown, inARow: number) => number;
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
}

/** A session is not used in the last part of its lifetime. */
const expiryMargin = 0.05;
/** Renewals within this time mean that another process uses the same token. */
const renewalWindowMs = 30 * second;
const renewalDelayMs = { first: 150, max: 4_000 };

/**
 * One session for all requests. Tableau ends the first session of a personal access token when a second one begins, so there must never
 * be two sign-ins at a time. Where another process signs in with the same token, each waits longer after every renewal, by a random time, so
 * that both get some requests done.
 * https://help.tableau.com/current/server/en-us/security_personal_access_tokens.htm
 */
export function createSharedSession(signIn: () => Promise<Session>, options: SessionOptions): SharedSession {
  const { lifetimeMs, exclusive, failureTtlMs = () => 0, now = Date.now, sleep = sleepMs } = options;
  let shared: { session: Promise<Session>; expiresAt: number } | undefined;
  let renewals: number[] = [];
  let failuresInARow = 0;

  const share = (session: Promise<Session>): Promise<Session> => {
    const entry = { session, expiresAt: now() + lifetimeMs * (1 - expiryMargin) };
    shared = entry;
    session.then(
      () => {
        failuresInARow = 0;
      },
      (error: unknown) => {
        failuresInARow += 1;
        const ttlMs = failureTtlMs(error, failuresInARow);
        if (shared !== entry) return;
        if (ttlMs > 0) entry.expiresAt = now() + ttlMs;
        else shared = undefined;
      },
    );
    return session;
  };

  const current = (): Promise<Session> => (shared && now() < shared.expiresAt ? shared.session : share(signIn()));

  function signInAgain(): Promise<Session> {
    renewals = renewals.filter((at) => now() - at < renewalWindowMs);
    const maxDelayMs = Math.min(renewalDelayMs.first * 2 ** renewals.length, renewalDelayMs.max);
    renewals.push(now());
    if (!exclusive) return signIn();
    return sleep(maxDelayMs * (0.5 + Math.random() / 2)).then(signIn);
  }

  return {
    current,
    async renewed(refused) {
      const entry = shared;
      const session = entry && (await entry.session.catch(() => undefined));
      if (shared === entry && session?.token === refused.token) return share(signInAgain());
      return current();
    },
    async end() {
      const ending = shared;
      shared = undefined;
      return ending?.session.catch(() => undefined);
    },
  };
}

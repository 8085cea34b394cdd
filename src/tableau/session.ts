export interface Session {
  token: string;
  /** The site's LUID. */
  siteId: string;
}

export interface SharedSession {
  /** The session, after signing in where there is none; whoever asks meanwhile waits for the same sign-in. */
  current(): Promise<Session>;
  /** A session other than `refused`, which Tableau no longer takes. */
  renewed(refused: Session): Promise<Session>;
  /** Gives up the session and returns it, if there is one. */
  end(): Promise<Session | undefined>;
}

export interface SessionOptions {
  /** Milliseconds. */
  lifetime: number;
  /** Whether another sign-in by the same credentials ends our session. */
  exclusive: boolean;
  /** How long a failed sign-in stands, milliseconds, so that a storm does not lock an account. */
  standing?: (error: unknown) => number;
  now?: () => number;
  pause?: (ms: number) => Promise<void>;
}

/** How long before its end a session is no longer used, as a part of its lifetime. */
const reserve = 0.05;
/** Renewals within this time are signs of a contest for the token. */
const contest = 30_000;

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * One session for all. Tableau ends the first session of a personal access token when a second one begins, so there must never
 * be two sign-ins at a time; and where another process signs in with the same token, each waits longer, by chance, before it
 * takes the session back, so that everybody gets some work done.
 * https://help.tableau.com/current/server/en-us/security_personal_access_tokens.htm
 */
export function createSharedSession(signIn: () => Promise<Session>, options: SessionOptions): SharedSession {
  const { lifetime, exclusive, standing = () => 0, now = Date.now, pause = wait } = options;
  let open: { session: Promise<Session>; until: number } | undefined;
  let renewals: number[] = [];

  const opening = (session: Promise<Session>): Promise<Session> => {
    const opened = { session, until: now() + lifetime * (1 - reserve) };
    open = opened;
    session.catch((error: unknown) => {
      const stands = standing(error);
      if (open !== opened) return;
      if (stands > 0) opened.until = now() + stands;
      else open = undefined;
    });
    return session;
  };

  const current = (): Promise<Session> => (open && now() < open.until ? open.session : opening(signIn()));

  function takenBack(): Promise<Session> {
    renewals = renewals.filter((at) => now() - at < contest);
    const longest = Math.min(150 * 2 ** renewals.length, 4_000);
    renewals.push(now());
    if (!exclusive) return signIn();
    return pause(longest * (0.5 + Math.random() / 2)).then(signIn);
  }

  return {
    current,
    async renewed(refused) {
      const held = open;
      const session = held && (await held.session.catch(() => undefined));
      if (open === held && session?.token === refused.token) return opening(takenBack());
      return current();
    },
    async end() {
      const ending = open;
      open = undefined;
      return ending?.session.catch(() => undefined);
    },
  };
}

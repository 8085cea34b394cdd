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

/** How long before its end a session is no longer used, as a part of its lifetime. */
const reserve = 0.05;

/**
 * One session for all. Tableau ends the first session of a personal access token when a second one begins, so there must never
 * be two sign-ins at a time. `lifetime` in milliseconds.
 * https://help.tableau.com/current/server/en-us/security_personal_access_tokens.htm
 */
export function createSharedSession(signIn: () => Promise<Session>, lifetime: number, now = Date.now): SharedSession {
  let open: { session: Promise<Session>; until: number } | undefined;

  const begin = (): Promise<Session> => {
    const session = signIn();
    const opened = { session, until: now() + lifetime * (1 - reserve) };
    open = opened;
    session.catch(() => {
      if (open === opened) open = undefined;
    });
    return session;
  };

  const current = (): Promise<Session> => (open && now() < open.until ? open.session : begin());

  return {
    current,
    async renewed(refused) {
      const held = open;
      const session = held && (await held.session.catch(() => undefined));
      if (open === held && session?.token === refused.token) return begin();
      return current();
    },
    async end() {
      const ending = open;
      open = undefined;
      return ending?.session.catch(() => undefined);
    },
  };
}

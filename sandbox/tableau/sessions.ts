/** Sign-in and sessions: https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_authentication.htm */
import { randomBytes } from 'node:crypto';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { verifyToken } from './connected-app.js';
import { badCredentials, badRequest, noCredentials, signinFailed, type TableauError } from './errors.js';
import { findUser } from './items.js';
import type { Ports, Session, TableauOptions, TableauState, User } from './world.js';

const Signin = Type.Object({
  credentials: Type.Object({
    site: Type.Optional(Type.Object({ contentUrl: Type.Optional(Type.String()) })),
    personalAccessTokenName: Type.Optional(Type.String()),
    personalAccessTokenSecret: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
    password: Type.Optional(Type.String()),
    jwt: Type.Optional(Type.String()),
  }),
});

export interface Sessions {
  signIn: (body: unknown) => Promise<Record<string, unknown> | TableauError>;
  signOut: (token: string) => void;
  find: (token: string | undefined) => Session | TableauError;
}

export const createSessions = (options: TableauOptions, state: TableauState, ports: Ports): Sessions => {
  const open = (user: User, pat: string | null, scopes: string[] | null = null): string => {
    if (pat !== null) {
      // A personal access token has one session: a new sign-in ends the older one.
      const killed = [...state.sessions].filter(([, session]) => session.pat === pat);
      for (const [token] of killed) state.sessions.delete(token);
      if (killed.length > 0) ports.log('Tableau: a second sign-in with the same token ended the first session');
    }
    const token = `${randomBytes(16).toString('base64url')}|${randomBytes(16).toString('hex')}|${options.site.luid}`;
    state.sessions.set(token, { user, pat, scopes, expiresAt: Date.now() + ports.settings().sessionForMs });
    return token;
  };

  const signedIn = (user: User, token: string): Record<string, unknown> => ({
    credentials: {
      site: { id: options.site.luid, contentUrl: options.site.contentUrl },
      user: { id: user.luid },
      token,
      estimatedTimeToExpiration: `${Math.floor(ports.settings().sessionForMs / 3_600_000)}:00:00`,
    },
  });

  return {
    signIn: async (body) => {
      if (!Value.Check(Signin, body)) return badRequest('The sign-in request has no credentials.');
      const { credentials } = body;
      if ((credentials.site?.contentUrl ?? '') !== options.site.contentUrl) return signinFailed;
      if (credentials.jwt !== undefined) {
        const claims = options.connectedApp
          ? await verifyToken(credentials.jwt, options.connectedApp, state.usedTokens)
          : 'there is no connected app';
        if (typeof claims === 'string') {
          ports.log(`Tableau: a connected app was refused: ${claims}`);
          return signinFailed;
        }
        const user = findUser(state, claims.username);
        ports.log(`Tableau: ${user.fullName} signed in by a connected app`);
        return signedIn(user, open(user, null, claims.scopes));
      }
      const byToken =
        credentials.personalAccessTokenName === options.pat.name &&
        credentials.personalAccessTokenSecret === options.pat.secret;
      const known = options.users.find(
        (user) => user.name === credentials.name && user.password === credentials.password,
      );
      if (!byToken && !known) {
        ports.log('Tableau: a sign-in was refused');
        return signinFailed;
      }
      const user = findUser(state, known?.name ?? 'Tableau Admin');
      const token = open(user, byToken ? options.pat.name : null);
      ports.log(`Tableau: ${user.fullName} signed in${byToken ? ' by token' : ''}`);
      return signedIn(user, token);
    },
    signOut: (token) => {
      state.sessions.delete(token);
    },
    find: (token) => {
      if (token === undefined || token === '') return noCredentials;
      const session = state.sessions.get(token);
      if (!session || session.expiresAt <= Date.now()) {
        state.sessions.delete(token);
        return badCredentials;
      }
      return session;
    },
  };
};

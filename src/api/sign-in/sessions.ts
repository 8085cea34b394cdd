/** Sessions of signed-in people: a signed token in a cookie, so that every process of the api can check it and none stores it. */
import { createHmac, randomUUID } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { derivedKey } from '../../links/derived-key.js';
import { sessionMs } from '../../workflows/sessions-contract.js';

/** What the cookie says of the person. What they may do is decided anew at each request, by the files and variables of that time. */
const Claims = Type.Object({
  /** The session. */
  jti: Type.String(),
  /** `token`: by the API token, under the name that was given; `oidc`: by the identity provider. */
  via: Type.Enum(['token', 'oidc']),
  name: Type.String(),
  /** Verified by the provider, in lower case. */
  email: Type.Optional(Type.String()),
  /** At the sign-in, of those that the variables name. */
  groups: Type.Optional(Type.Array(Type.String())),
  /** Seconds since the epoch. */
  iat: Type.Number(),
  exp: Type.Number(),
});
export type Session = Static<typeof Claims>;
export type SignedIn = Omit<Session, 'jti' | 'iat' | 'exp'>;

const algorithm = 'HS256';

/** How a person signs in, without the name: an e-mail address for the provider, a name for the API token. */
export type PersonId = Pick<SignedIn, 'via'> & { id: string };
export const personIdOf = ({ via, name, email }: SignedIn): PersonId => ({ via, id: email ?? name });

/** @param secret whoever changes it ends all sessions */
export function createSessions(secret: string, clock: () => number) {
  const key = derivedKey(secret, 'sessions');
  const people = derivedKey(secret, 'people of sessions');
  const seconds = (ms: number): number => Math.floor(ms / 1_000);
  return {
    /** The value of the cookie for a new session. */
    begin: (person: SignedIn): Promise<string> =>
      new SignJWT({ ...person })
        .setProtectedHeader({ alg: algorithm })
        .setJti(randomUUID())
        .setIssuedAt(seconds(clock()))
        .setExpirationTime(seconds(clock() + sessionMs))
        .sign(key),
    /** A keyed hash of whoever signed in, for what Temporal keeps: there nobody is named. Case does not count. */
    hashOf: ({ via, id }: PersonId): string =>
      createHmac('sha256', people).update(`${via} ${id.toLowerCase()}`).digest('base64url').slice(0, 24),
    /** Null for a token that is not ours, was changed or has expired. */
    async read(token: string): Promise<Session | null> {
      try {
        const { payload } = await jwtVerify(token, key, { algorithms: [algorithm], currentDate: new Date(clock()) });
        return Value.Check(Claims, payload) ? payload : null;
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}
export type Sessions = ReturnType<typeof createSessions>;

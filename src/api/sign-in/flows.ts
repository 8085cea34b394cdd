/** Sign-ins that are under way at the identity provider: what the browser must bring back, in a signed cookie, so that no process stores it. */
import { errors, jwtVerify, SignJWT } from 'jose';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { derivedKey } from '../../links/derived-key.js';
import { minute } from '../../workflows/contract.js';

/** How long a sign-in may take at the provider. */
export const flowMs = 10 * minute;

const Flow = Type.Object({
  state: Type.String(),
  nonce: Type.String(),
  /** Of PKCE: https://www.rfc-editor.org/rfc/rfc7636 */
  verifier: Type.String(),
  /** A path of ours. */
  to: Type.String(),
});
export type Flow = Static<typeof Flow>;

const algorithm = 'HS256';

export function createFlows(secret: string, clock: () => number) {
  const key = derivedKey(secret, 'sign-ins');
  return {
    /** The value of the cookie. */
    write: (flow: Flow): Promise<string> =>
      new SignJWT({ ...flow })
        .setProtectedHeader({ alg: algorithm })
        .setExpirationTime(Math.floor((clock() + flowMs) / 1_000))
        .sign(key),
    /** Null for a value that is not ours, was changed or has expired. */
    async read(text: string): Promise<Flow | null> {
      try {
        const { payload } = await jwtVerify(text, key, { algorithms: [algorithm], currentDate: new Date(clock()) });
        return Value.Check(Flow, payload) ? payload : null;
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}

/** Who an identity provider says that somebody is, as far as it has verified it. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { PeopleSignIn } from '../../config/people-sign-in.js';
import { namedGroups } from './person.js';
import type { SignedIn } from './sessions.js';
import { ambiguousEmail, unverified } from './problems.js';

const flag = Type.Optional(Type.Unknown());
/** https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims */
const Claims = Type.Object({
  email: Type.Optional(Type.String({ maxLength: 254, pattern: '^[^@\\s]+@[^@\\s]+$' })),
  email_verified: flag,
  /** Of Microsoft Entra ID, which has no other: https://learn.microsoft.com/en-us/entra/identity-platform/optional-claims-reference */
  xms_edov: flag,
  groups: Type.Optional(Type.Unknown()),
});

/** Some providers write a boolean as a text or a number. */
const isTrue = (value: unknown): boolean => value === true || value === 'true' || value === 1 || value === '1';

/**
 * Whether a letter outside of ASCII becomes one of ASCII in lower case, as the Kelvin sign becomes k: two addresses that belong to two people would
 * be the same here.
 */
const isAmbiguous = (email: string): boolean =>
  Array.from(email).some((letter) => letter > '\u007F' && /[a-z]/.test(letter.toLowerCase()));

/**
 * Throws the Problem `EMAIL_NOT_VERIFIED` where there is no verified address: anybody could have written another one. Throws `EMAIL_AMBIGUOUS` for an
 * address that in lower case is that of somebody else.
 */
export function personIn(claims: unknown, settings: PeopleSignIn): SignedIn {
  if (!Value.Check(Claims, claims) || claims.email === undefined) throw unverified();
  if (!isTrue(claims.email_verified ?? claims.xms_edov)) throw unverified();
  if (isAmbiguous(claims.email)) throw ambiguousEmail();
  const email = claims.email.toLowerCase();
  const { groups } = claims;
  const given = Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [];
  return { via: 'oidc', name: email, email, groups: namedGroups(settings, given) };
}

/** Who signs in to the pages by an identity provider (OpenID Connect), and what each may do there. */
import { loopback } from './addresses.js';
import type { Env } from './variables.js';

/** What may be done on the pages: each of these may do what those before it may. */
export const accessLevels = ['viewer', 'responder', 'admin'] as const;
export type AccessLevel = (typeof accessLevels)[number];

export interface PeopleSignIn {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Scopes with blanks between them. */
  scope: string;
  /** Whom each level is given to: patterns of verified e-mail addresses, in lower case, and `group:<name>`. */
  people: Readonly<Record<AccessLevel, readonly string[]>>;
}

const groupPrefix = 'group:';

/** The name of the group in an entry, or null for a pattern of e-mail addresses. */
export const groupIn = (entry: string): string | null =>
  entry.startsWith(groupPrefix) ? entry.slice(groupPrefix.length) : null;

/** Whether any level is given to a group: otherwise nobody needs to know the groups of a person. */
export const namesGroups = ({ people }: PeopleSignIn): boolean =>
  accessLevels.some((level) => people[level].some((entry) => groupIn(entry) !== null));

const names = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const;
const lists = { viewer: 'OIDC_VIEWERS', responder: 'OIDC_RESPONDERS', admin: 'OIDC_ADMINS' } as const;

/** From variables without problems; undefined where there is no identity provider. */
export function peopleSignIn(env: Env): PeopleSignIn | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env;
  if (!issuer || !clientId || !clientSecret) return undefined;
  const { viewer, responder, admin } = lists;
  return {
    issuer,
    clientId,
    clientSecret,
    scope: env.OIDC_SCOPE ?? 'openid email profile',
    people: { viewer: entriesOf(env[viewer]), responder: entriesOf(env[responder]), admin: entriesOf(env[admin]) },
  };
}

const entriesOf = (text = ''): string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => (groupIn(entry) === null ? entry.toLowerCase() : entry));

/** The sentence about variables that are missing, incomplete or wrong; nothing when there is none. */
export function peopleSignInProblem(env: Env, production: boolean): string | undefined {
  const given = [...names, 'OIDC_SCOPE' as const, ...Object.values(lists)].find((name) => env[name]);
  const missing = names.find((name) => !env[name]);
  if (given && missing) return `${missing} is missing: ${given} needs ${names.join(', ')}.`;
  const { OIDC_ISSUER: issuer, OIDC_SCOPE: scope } = env;
  if (issuer && !isIssuer(issuer, production))
    return 'OIDC_ISSUER must be the https address of the identity provider, without query (http is for this machine, outside production).';
  if (scope && !scope.split(' ').includes('openid')) return 'OIDC_SCOPE must have openid among its scopes.';
  for (const name of Object.values(lists)) {
    const wrong = entriesOf(env[name]).some((entry) => !isEntry(entry));
    if (wrong)
      return `${name} must be e-mail addresses such as *@example.com, or group:<name>, with commas between them.`;
  }
  return undefined;
}

function isIssuer(text: string, production: boolean): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.search || url.hash || url.username || url.password) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && !production && loopback(url));
}

/** A lone `*` would let in everybody whom the provider knows, which nobody should write without a domain. */
const isEntry = (entry: string): boolean => {
  const group = groupIn(entry);
  return group === null ? /^[^@\s]+@[^@\s]+$/.test(entry) && !/@\**$/.test(entry) : group !== '';
};

/** Who is signed in, and what they may do. */
import { accessLevels, groupIn, type AccessLevel, type PeopleSignIn } from '../../config/people-sign-in.js';
import { authorProblem } from '../../policy/author.js';
import { matchesName } from '../../policy/glob.js';
import type { Escalation } from '../../policy/route.js';
import { timezoneOf } from '../../policy/timezone-of.js';
import type { SignedIn } from './sessions.js';

export { accessLevels, type AccessLevel };

export interface Person {
  /** Under this name answers are recorded: a contact key where the person is a contact, else the name that signed in. */
  name: string;
  /** The key of the contact who this is; null: none. */
  contact: string | null;
  access: AccessLevel;
  /** An IANA zone for times on pages. */
  zone: string;
  /** Of the session; null for the bearer of the API token, who has none. */
  session: string | null;
}

export const mayAct = ({ access }: Pick<Person, 'access'>, least: AccessLevel): boolean =>
  accessLevels.indexOf(access) >= accessLevels.indexOf(least);

/** What is in force now: the escalation file, and whom the variables let in by the identity provider. */
export interface InForce {
  escalation: Escalation;
  signIn: PeopleSignIn | undefined;
}

/**
 * Who a signed-in person is by what is in force now; null: they may do nothing, and their session is worth nothing.
 *
 * Whoever has the API token may do everything, and goes by the name that they gave, as scripts do (`by`): that name is no proof of being a
 * contact. By the identity provider a verified e-mail address in a contact's `tableau` list makes that contact of a person, who may answer;
 * all others are let in by the variables alone.
 */
export function personOf(signedIn: SignedIn, { escalation, signIn }: InForce): Omit<Person, 'session'> | null {
  const zone = timezoneOf(escalation, '');
  if (signedIn.via === 'token') return { name: signedIn.name, contact: null, access: 'admin', zone };
  const { email, groups = [] } = signedIn;
  if (signIn === undefined || email === undefined) return null;
  const contact = contactOfEmail(escalation, email);
  const given = accessLevels.findLast((level) => signIn.people[level].some((entry) => fits(entry, email, groups)));
  const access = contact !== null && given !== 'admin' ? 'responder' : given;
  if (access === undefined) return null;
  if (contact === null) return { name: nameOf(email), contact: null, access, zone };
  return { name: contact, contact, access, zone: timezoneOf(escalation, contact) };
}

function contactOfEmail({ owners = {} }: Escalation, email: string): string | null {
  const key = email.toLowerCase();
  return Object.hasOwn(owners, key) ? (owners[key] ?? null) : null;
}

function fits(entry: string, email: string, groups: readonly string[]): boolean {
  const group = groupIn(entry);
  return group === null ? matchesName(entry, email) : groups.includes(group);
}

const maxName = 64;

/** The address, for whoever has no contact key: people choose their display names, and one could choose that of another. */
function nameOf(email: string): string {
  const name =
    Array.from(email).length <= maxName
      ? email
      : `…${Array.from(email)
          .slice(1 - maxName)
          .join('')}`;
  return authorProblem(name) === null ? name : name.replace(/\d/g, '*');
}

/** Of all groups of a person those that the variables name: a provider may list hundreds, which no cookie holds. */
export const namedGroups = ({ people }: PeopleSignIn, groups: readonly string[]): string[] => {
  const named = new Set(accessLevels.flatMap((level) => people[level].flatMap((entry) => groupIn(entry) ?? [])));
  return groups.filter((group) => named.has(group));
};

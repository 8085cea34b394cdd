/** Who is signed in, and what they may do. */

/** Each may do what those before it may. `viewer` sees, `responder` answers and makes overrides and silences, `admin` sends test pages and ends sessions. */
export const accessLevels = ['viewer', 'responder', 'admin'] as const;
export type AccessLevel = (typeof accessLevels)[number];

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

export const mayAct = ({ access }: Person, least: AccessLevel): boolean =>
  accessLevels.indexOf(access) >= accessLevels.indexOf(least);

/** The ways to sign in: https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_concepts_auth.htm */
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { second } from '../../workflows/contract.js';

export type SignInBy =
  | { kind: 'pat'; name: string; secret: string }
  | {
      kind: 'jwt';
      /** Of the connected app (direct trust). */
      clientId: string;
      secretId: string;
      secretValue: string;
      /** Who the app acts for. */
      username: string;
      /** In place of those that our requests need. */
      scopes?: readonly string[];
    }
  | { kind: 'password'; username: string; password: string };

/** The variables of each sign-in, for the message when Tableau refuses it. */
export const variablesOf: Record<SignInBy['kind'], string> = {
  pat: 'TABLEAU_PAT_NAME, TABLEAU_PAT_SECRET and TABLEAU_SITENAME; tokens expire',
  jwt: "TABLEAU_CA_CLIENT, TABLEAU_CA_SECRET_ID, TABLEAU_CA_SECRET_VALUE, TABLEAU_USERNAME and TABLEAU_SITENAME, that the app is enabled, and this machine's clock",
  password: 'TABLEAU_USERNAME, TABLEAU_PASSWORD and TABLEAU_SITENAME',
};

/** The lifetime of a connected app's token: Tableau accepts at most 600 s. */
const tokenLifetimeS = 300;

/** `y` of REST API `x.y`, comparable with another: 3.9 is older than 3.25. */
export const versionOf = (version: string): number => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1_000 + minor;
};

/** Connected apps can read jobs since 2025.1. https://help.tableau.com/current/online/en-us/connected_apps_scopes.htm */
export const mayReadJobs = (by: SignInBy, apiVersion: string): boolean =>
  by.kind !== 'jwt' || versionOf(apiVersion) >= versionOf('3.25');

/** The scopes that our requests need in this version. */
export const scopesFor = (apiVersion: string): string[] => [
  'tableau:content:read',
  'tableau:users:read',
  'tableau:tasks:read',
  'tableau:tasks:run',
  ...(versionOf(apiVersion) >= versionOf('3.25') ? ['tableau:jobs:read', 'tableau:flow_runs:read'] : []),
];

/** The `credentials` of a sign-in request. A connected app's token is made for this one request. */
export async function credentialsFor(by: SignInBy, siteName: string, apiVersion: string): Promise<object> {
  const site = { contentUrl: siteName };
  switch (by.kind) {
    case 'pat':
      return { personalAccessTokenName: by.name, personalAccessTokenSecret: by.secret, site };
    case 'password':
      return { name: by.username, password: by.password, site };
    case 'jwt':
      return { jwt: await tokenFor(by, apiVersion), site };
  }
}

function tokenFor(by: SignInBy & { kind: 'jwt' }, apiVersion: string): Promise<string> {
  const nowS = Math.floor(Date.now() / second);
  return new SignJWT({ scp: by.scopes ?? scopesFor(apiVersion) })
    .setProtectedHeader({ alg: 'HS256', kid: by.secretId, iss: by.clientId })
    .setIssuer(by.clientId)
    .setSubject(by.username)
    .setAudience('tableau')
    .setJti(randomUUID())
    .setExpirationTime(nowS + tokenLifetimeS)
    .sign(new TextEncoder().encode(by.secretValue));
}

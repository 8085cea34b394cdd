import type { Env } from './variables.js';

/** The sign-in to Tableau: by a connected app if one is configured, else by a personal access token, else by password. */
export type TableauSignIn =
  | { kind: 'jwt'; clientId: string; secretId: string; secretValue: string; username: string }
  | { kind: 'pat'; name: string; secret: string }
  | { kind: 'password'; username: string; password: string };

const app = ['TABLEAU_CA_CLIENT', 'TABLEAU_CA_SECRET_ID', 'TABLEAU_CA_SECRET_VALUE'] as const;

/** The sign-ins whose variables are complete, in the order in which they are preferred. The first one is used. */
export function tableauSignIns(env: Env): TableauSignIn[] {
  const { TABLEAU_CA_CLIENT: clientId, TABLEAU_CA_SECRET_ID: secretId, TABLEAU_CA_SECRET_VALUE: secretValue } = env;
  const { TABLEAU_PAT_NAME: name, TABLEAU_PAT_SECRET: secret } = env;
  const { TABLEAU_USERNAME: username, TABLEAU_PASSWORD: password } = env;
  const complete: TableauSignIn[] = [];
  if (clientId && secretId && secretValue && username)
    complete.push({ kind: 'jwt', clientId, secretId, secretValue, username });
  if (name && secret) complete.push({ kind: 'pat', name, secret });
  if (username && password) complete.push({ kind: 'password', username, password });
  return complete;
}

const names: Record<TableauSignIn['kind'], string> = {
  jwt: 'the connected app (TABLEAU_CA_*)',
  pat: 'the personal access token (TABLEAU_PAT_*)',
  password: 'user and password (TABLEAU_USERNAME, TABLEAU_PASSWORD)',
};

/** How the service signs in to Tableau and, where several sign-ins are configured, why it uses this one. */
export function explainSignIn([used, ...unused]: readonly TableauSignIn[]): string {
  if (used === undefined) return 'No sign-in to Tableau is configured.';
  const sentence = `The sign-in to Tableau is by ${names[used.kind]}`;
  if (unused.length === 0) return `${sentence}.`;
  const others = unused.map(({ kind }) => names[kind]).join(' and ');
  return `${sentence}. It is preferred to ${others}: to use another one, empty the variables of this one.`;
}

/** The sentence about a set of variables that is missing or incomplete; undefined when there is none. */
export function signInProblem(env: Env): string | undefined {
  if (env.TABLEAU_PAT_NAME && !env.TABLEAU_PAT_SECRET)
    return 'TABLEAU_PAT_SECRET is missing: write the secret that Tableau showed with TABLEAU_PAT_NAME.';
  if (env.TABLEAU_PAT_SECRET && !env.TABLEAU_PAT_NAME)
    return 'TABLEAU_PAT_NAME is missing: write the name of the token of TABLEAU_PAT_SECRET.';
  const missing = [...app, 'TABLEAU_USERNAME'].find((variable) => !env[variable]);
  if (missing && app.some((variable) => env[variable]))
    return `${missing} is missing: a connected app needs ${app.join(', ')} and TABLEAU_USERNAME.`;
  if (env.TABLEAU_PASSWORD && !env.TABLEAU_USERNAME)
    return 'TABLEAU_USERNAME is missing: write the user of TABLEAU_PASSWORD.';
  if (tableauSignIns(env).length > 0) return undefined;
  return 'TABLEAU_PAT_NAME and TABLEAU_PAT_SECRET are missing: write a personal access token made in Tableau (My Account Settings), or TABLEAU_CA_* and TABLEAU_USERNAME of a connected app.';
}

import type { Env } from './environment.js';

/** The sign-in to Tableau: by a connected app if one is configured, else by a personal access token, else by password. */
export type TableauSignIn =
  | { kind: 'jwt'; clientId: string; secretId: string; secretValue: string; username: string }
  | { kind: 'pat'; name: string; secret: string }
  | { kind: 'password'; username: string; password: string };

const app = ['TABLEAU_CA_CLIENT', 'TABLEAU_CA_SECRET_ID', 'TABLEAU_CA_SECRET_VALUE'] as const;

/** The sign-in of the first complete set of variables, or null where no set is complete. */
export function tableauSignIn(env: Env): TableauSignIn | null {
  const { TABLEAU_CA_CLIENT: clientId, TABLEAU_CA_SECRET_ID: secretId, TABLEAU_CA_SECRET_VALUE: secretValue } = env;
  const { TABLEAU_PAT_NAME: name, TABLEAU_PAT_SECRET: secret } = env;
  const { TABLEAU_USERNAME: username, TABLEAU_PASSWORD: password } = env;
  if (clientId && secretId && secretValue && username)
    return { kind: 'jwt', clientId, secretId, secretValue, username };
  if (name && secret) return { kind: 'pat', name, secret };
  if (username && password) return { kind: 'password', username, password };
  return null;
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
  if (tableauSignIn(env)) return undefined;
  return 'TABLEAU_PAT_NAME and TABLEAU_PAT_SECRET are missing: write a personal access token made in Tableau (My Account Settings), or TABLEAU_CA_* and TABLEAU_USERNAME of a connected app.';
}

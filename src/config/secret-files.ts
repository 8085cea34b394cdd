import { readFileSync } from 'node:fs';
import { webhookSecrets } from './rules.js';
import type { Env } from './variables.js';

/** Every variable that holds a secret, and may be read from the file that `<NAME>_FILE` names. */
export const secretNames = [
  'API_TOKEN',
  'OIDC_CLIENT_SECRET',
  'LINK_SECRET',
  'TABLEAU_WEBHOOK_SECRET',
  'TABLEAU_PAT_SECRET',
  'TABLEAU_CA_SECRET_VALUE',
  'TABLEAU_PASSWORD',
  'TWILIO_AUTH_TOKEN',
  'TWILIO_AUTH_TOKEN_ALTERNATE',
  'TWILIO_API_SECRET',
  'TEMPORAL_API_KEY',
] as const;
export type SecretName = (typeof secretNames)[number];

/** The values of a variable that holds a secret: TABLEAU_WEBHOOK_SECRET may have several. */
export const secretValues = (env: Env, name: SecretName): string[] =>
  (name === 'TABLEAU_WEBHOOK_SECRET' ? webhookSecrets(env[name] ?? '') : [(env[name] ?? '').trim()]).filter(Boolean);

/** Variables that outgoing webhooks of the escalation file may name: their names are chosen there. */
const ofWebhook = /^WEBHOOK_[A-Z0-9_]{1,64}$/;
/** Without `_FILE`. */
export const webhookNames = (env: Env): string[] => [
  ...new Set(Object.keys(env).flatMap((name) => (ofWebhook.test(name) ? name.replace(/_FILE$/, '') : []))),
];
/** From variables whose files were read. */
export const webhookVariables = (env: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(webhookNames(env).flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));

export interface Unfolded {
  env: Record<string, string>;
  /** Variable → what is wrong with its file, in one sentence without any value. Such a variable is not in `env`. */
  problems: Map<string, string>;
}

/** The variables with the contents of the files that hold secrets, each without its last line break. */
export function unfoldSecretFiles(given: Readonly<Record<string, string>>): Unfolded {
  const env = { ...given };
  const problems = new Map<string, string>();
  for (const name of [...secretNames, ...webhookNames(given)]) {
    const path = env[`${name}_FILE`];
    if (path === undefined) continue;
    const read = env[name] === undefined ? contentOf(path) : 'both';
    if (typeof read === 'object') {
      env[name] = read.content;
    } else {
      delete env[name];
      problems.set(
        name,
        read === 'both'
          ? `${name} and ${name}_FILE (${path}) are both set: leave one of them empty.`
          : `${name}_FILE names ${path}, ${read}: write the path of a file that holds the secret and nothing else.`,
      );
    }
  }
  return { env, problems };
}

function contentOf(path: string): { content: string } | string {
  try {
    const content = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (content.trim() === '') return 'which is empty';
    if (/[\r\n]/.test(content)) return 'which has more than one line';
    return { content };
  } catch (error) {
    return `which cannot be read (${reasonOf(error)})`;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this process may not',
  EPERM: 'this process may not',
  EISDIR: 'it is a directory',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return reasons[code] ?? code;
}

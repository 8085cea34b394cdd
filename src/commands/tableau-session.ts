/** What the commands for a Tableau administrator share: settings, a session, and output as text or JSON. */
import { createInterface } from 'node:readline/promises';
import { createTableauAdmin, type TableauAdmin } from '../tableau/rest/admin.js';
import type { Config } from '../config/config.js';
import type { Env } from '../config/variables.js';
import { createLogger } from '../service/logger.js';
import { loadSettings, type Settings } from '../service/settings.js';

export interface AdminSession extends Settings {
  admin: TableauAdmin;
  /** The command prints one JSON value and nothing else. */
  json: boolean;
  /** Prints a line, unless `json`. */
  print: (text: string) => void;
  /** Prints the JSON value, if `json`. */
  printJson: (value: object) => void;
}

/** Runs `work` with a session that is closed afterwards. With `json` an error is printed as `{ problem }` and gives 1. */
export async function withAdminSession(
  env: Env,
  json: boolean,
  work: (session: AdminSession) => Promise<number>,
): Promise<number> {
  const printJson = (value: object) => void (json && process.stdout.write(`${JSON.stringify(value, null, 2)}\n`));
  const print = (text: string) => void (json || process.stdout.write(`${text}\n`));
  let admin: TableauAdmin | undefined;
  try {
    const settings = loadSettings(preferAdminSignIn(env));
    admin = openAdmin(settings.config.tableau);
    return await work({ ...settings, admin, json, print, printJson });
  } catch (error) {
    if (!json) throw error;
    printJson({ problem: error instanceof Error ? error.message : String(error) });
    return 1;
  } finally {
    await admin?.signOut();
  }
}

export const openAdmin = (tableau: Config['tableau']): TableauAdmin =>
  createTableauAdmin(tableau, createLogger({ level: 'silent', pretty: false }));

/** No scope lets a connected app manage webhooks: a token or password, if there is one, goes before it here. */
export function preferAdminSignIn(env: Env): Env {
  const has = (secret: 'TABLEAU_PAT_SECRET' | 'TABLEAU_PASSWORD') => env[secret] || env[`${secret}_FILE`];
  const byToken = env.TABLEAU_PAT_NAME && has('TABLEAU_PAT_SECRET');
  const byPassword = env.TABLEAU_USERNAME && has('TABLEAU_PASSWORD');
  if (!byToken && !byPassword) return env;
  const without = [
    'TABLEAU_CA_CLIENT',
    'TABLEAU_CA_SECRET_ID',
    'TABLEAU_CA_SECRET_VALUE',
    'TABLEAU_CA_SECRET_VALUE_FILE',
  ];
  return { ...env, ...Object.fromEntries(without.map((name) => [name, ''])) };
}

/** Whether the person at the terminal answers yes; null where there is no terminal. */
export async function askConfirmation(prompt: string): Promise<boolean | null> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return null;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^\s*y(es)?\s*$/i.test(await terminal.question(`${prompt} [y/N] `));
  } finally {
    terminal.close();
  }
}

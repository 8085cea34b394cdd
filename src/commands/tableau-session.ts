/** What the commands for an administrator of Tableau have in common: settings, a session, and how they speak. */
import { createInterface } from 'node:readline/promises';
import { createTableauAdmin, type TableauAdmin } from '../tableau/admin.js';
import { secretsOf, type Config } from '../config/config.js';
import type { Env } from '../config/env.js';
import { createLogger } from '../service/logger.js';
import { loadSettings, type Settings } from '../service/settings.js';

export interface Desk extends Settings {
  admin: TableauAdmin;
  /** Nothing but one JSON value is written then. */
  json: boolean;
  say: (text: string) => void;
  /** Writes the JSON value, where it is asked for. */
  tell: (value: object) => void;
}

/** `--json` and problems are the same for all: what is thrown is said in JSON too, and ends with 1. */
export async function atDesk(env: Env, json: boolean, work: (desk: Desk) => Promise<number>): Promise<number> {
  const tell = (value: object) => void (json && process.stdout.write(`${JSON.stringify(value, null, 2)}\n`));
  const say = (text: string) => void (json || process.stdout.write(`${text}\n`));
  let admin: TableauAdmin | undefined;
  try {
    const settings = loadSettings(administering(env));
    admin = openAdmin(settings.config);
    return await work({ ...settings, admin, json, say, tell });
  } catch (error) {
    if (!json) throw error;
    tell({ problem: error instanceof Error ? error.message : String(error) });
    return 1;
  } finally {
    await admin?.signOut();
  }
}

export const openAdmin = (config: Config): TableauAdmin =>
  createTableauAdmin(config.tableau, createLogger({ level: 'silent', pretty: false, secrets: secretsOf(config) }));

/** No scope lets a connected app manage webhooks, so that another sign-in goes first where there is one. */
export function administering(env: Env): Env {
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

/** Asks the person at the terminal; null where there is none. */
export async function confirmed(question: string): Promise<boolean | null> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return null;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^\s*y(es)?\s*$/i.test(await terminal.question(`${question} [y/N] `));
  } finally {
    terminal.close();
  }
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { parse } from 'dotenv';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { publicAddress } from './addresses.js';
import { ConfigError } from './config-error.js';
import { isProduction, present, Variables, type Env } from './variables.js';
import { misspelt } from './misspelt.js';
import { problemsOf } from './problems.js';
import { ownProfile, ownTemporal } from './rules.js';
import { bareNumber, type Contact } from './phone-numbers.js';
import { unneeded, type Roles } from './roles.js';
import { secretNames, secretValues, unfoldSecretFiles, webhookVariables } from './secret-files.js';
import {
  httpSettings,
  tableauSettings,
  twilioSettings,
  type HttpSettings,
  type TableauSettings,
  type TwilioSettings,
} from './parts.js';

/** What every role needs. Numbers are in E.164, addresses without a trailing slash. */
interface CommonConfig {
  production: boolean;
  /** Where Tableau and Twilio reach this service. */
  publicUrl: string;
  escalationFile?: string;
  /** The contact that is paged where there is no escalation file. */
  defaultContact: Contact;
  /** The sender that contacts with WhatsApp addresses need. */
  whatsappFrom?: string;
  /** What outgoing webhooks of the escalation file may name; absent in the api, which posts none. */
  webhookVariables?: Record<string, string>;
  temporal: {
    /** The port of the development server that this process starts; null: `connect` names another Temporal. */
    embedded: { port: number } | null;
    connect: ClientConnectConfig;
  };
  /** What the links of pages derive from: LINK_SECRET, else API_TOKEN. Absent: pages have no links. */
  linkSecret?: string;
  log: { level: string; pretty: boolean };
  /** Every value that must never reach a log. */
  secrets: string[];
}

/** The whole configuration. */
export interface Config extends CommonConfig {
  http: HttpSettings;
  tableau: TableauSettings;
  twilio: TwilioSettings;
}

/** The configuration of a process: the api has `http`, the worker `tableau` and `twilio`. */
export type RoleConfig = CommonConfig & Partial<Config>;

const Common = Type.Pick(Variables, [
  'NODE_ENV',
  'PUBLIC_URL',
  'ESCALATION_FILE',
  'WHATSAPP_FROM',
  'WHATSAPP_TO',
  'TWILIO_TO_NUMBER',
  'LOG_LEVEL',
]);

/** The variables of this process, which win, and those of the directory's `.env`, if there is one. */
export function readEnvironment(directory = process.cwd()): Env {
  let file = '';
  try {
    file = readFileSync(join(directory, '.env'), 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  return { ...parse(file), ...process.env };
}

/**
 * The whole configuration, from the variables that `.env.example` explains. An empty variable counts as unset, and a
 * secret may be in a file that `<NAME>_FILE` names.
 *
 * @throws ConfigError with a sentence for every variable that is missing or wrong
 */
export function loadConfig(given: Env): Config {
  const { env, common } = load(given, { api: true, worker: true });
  return freeze({ ...common, http: httpSettings(env), tableau: tableauSettings(env), twilio: twilioSettings(env) });
}

/**
 * The configuration of a process with these roles, without the variables and secret files that only the other role needs.
 *
 * @throws ConfigError as `loadConfig`
 */
export function loadRoleConfig(given: Env, roles: Roles): RoleConfig {
  const { env, common } = load(given, roles);
  return freeze({
    ...common,
    ...(roles.api && { http: httpSettings(env) }),
    ...(roles.worker && { tableau: tableauSettings(env), twilio: twilioSettings(env) }),
  });
}

/**
 * Where Temporal is, for a command that needs nothing else of the environment.
 *
 * @throws ConfigError as `loadConfig`, of `TEMPORAL_*` and `EMBEDDED_TEMPORAL` alone
 */
export function loadTemporal(given: Env): CommonConfig['temporal'] {
  const isOurs = ([name]: [string, ...unknown[]]) => /^(EMBEDDED_)?TEMPORAL(_|$)/.test(name);
  const isNeeded = ([name]: [string, ...unknown[]]) => isOurs([name]) || name === 'NODE_ENV';
  const unfolded = unfoldSecretFiles(Object.fromEntries(Object.entries(present(given)).filter(isNeeded)));
  const { env } = unfolded;
  const problems = [...problemsOf(env, unfolded.problems)].filter(isOurs).map(([, problem]) => problem);
  const connect = connection(env, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return freeze(temporalConfig(env, connect));
}

const temporalConfig = (env: Record<string, string>, connect: ClientConnectConfig): CommonConfig['temporal'] => ({
  embedded: ownTemporal(env) ? null : { port: Number(env['EMBEDDED_TEMPORAL_PORT'] ?? 7233) },
  connect,
});

function load(given: Env, roles: Roles): { env: Record<string, string>; common: CommonConfig } {
  const others = new Set(unneeded(roles, given));
  const isOurs = ([name]: [string, ...unknown[]]) => !others.has(name) && !others.has(name.replace(/_FILE$/, ''));
  const unfolded = unfoldSecretFiles(Object.fromEntries(Object.entries(present(given)).filter(isOurs)));
  const { env } = unfolded;
  const problems = [...problemsOf(env, unfolded.problems)].filter(isOurs).map(([, problem]) => problem);
  const connect = connection(env, problems);
  if (problems.length > 0) throw new ConfigError([...problems, ...misspelt(given)]);
  const common = commonConfig(env, connect, linkSecretOf(given));
  return { env, common: roles.worker ? { ...common, webhookVariables: webhookVariables(env) } : common };
}

/** A worker need not have the API token, but derives the secret from it where it does. */
function linkSecretOf(given: Env): string | undefined {
  const isOurs = ([name]: [string, ...unknown[]]) => /^(LINK_SECRET|API_TOKEN)(_FILE)?$/.test(name);
  const { env } = unfoldSecretFiles(Object.fromEntries(Object.entries(present(given)).filter(isOurs)));
  // The worker does not check the token, and an api with a wrong one does not start.
  return env.LINK_SECRET ?? (/^[!-~]{8,}$/.test(env.API_TOKEN ?? '') ? env.API_TOKEN : undefined);
}

/** From variables without problems, as the parts. */
function commonConfig(
  env: Record<string, string>,
  connect: ClientConnectConfig,
  linkSecret: string | undefined,
): CommonConfig {
  const is = Value.Parse(Common, env);
  const production = isProduction(env);
  const { apiKey } = connect.connectionOptions;
  return {
    production,
    publicUrl: publicAddress(is.PUBLIC_URL, production) ?? '',
    ...(is.ESCALATION_FILE && { escalationFile: is.ESCALATION_FILE }),
    defaultContact: {
      ...(is.WHATSAPP_TO && { whatsapp: bareNumber(is.WHATSAPP_TO) }),
      ...(is.TWILIO_TO_NUMBER && { phone: bareNumber(is.TWILIO_TO_NUMBER) }),
    },
    ...(is.WHATSAPP_FROM && { whatsappFrom: bareNumber(is.WHATSAPP_FROM) }),
    temporal: temporalConfig(env, connect),
    ...(linkSecret !== undefined && { linkSecret }),
    log: { level: is.LOG_LEVEL ?? 'info', pretty: is.NODE_ENV === 'development' },
    secrets: [
      ...secretNames.flatMap((name) => secretValues(env, name)),
      ...Object.values(webhookVariables(env)),
      ...(typeof apiKey === 'string' ? [apiKey] : []),
      ...(linkSecret === undefined || Object.values(env).includes(linkSecret) ? [] : [linkSecret]),
    ],
  };
}

/** `TEMPORAL_*` as Temporal's library reads them. A profile on this machine is ignored unless a variable names it. */
function connection(env: Record<string, string>, problems: string[]): ClientConnectConfig {
  // The library ignores one without the other.
  const [certificate, key] = ['CERT', 'KEY'].map((part) =>
    ['PATH', 'DATA'].some((where) => env[`TEMPORAL_TLS_CLIENT_${part}_${where}`]),
  );
  if (certificate !== key && !ownProfile(env)) {
    problems.push('TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH go together: write both or neither.');
    return { connectionOptions: {} };
  }
  try {
    const config = loadClientConnectConfig({ overrideEnvVars: env, disableFile: !ownTemporal(env) });
    const { address } = config.connectionOptions;
    if (address !== undefined && !isHostAndPort(address)) {
      const where = env.TEMPORAL_ADDRESS ? 'TEMPORAL_ADDRESS' : "The address in Temporal's configuration file";
      problems.push(
        `${where} must be host:port without http:// and without a path, such as temporal.example.com:7233.`,
      );
    }
    return config;
  } catch (error) {
    problems.push(`TEMPORAL_* cannot be used: ${error instanceof Error ? error.message : String(error)}.`);
    return { connectionOptions: {} };
  }
}

const isHostAndPort = (address: string): boolean =>
  /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i.test(address) && URL.canParse(`grpc://${address}`);

function freeze<T>(value: T): T {
  // A Buffer (a certificate) cannot be frozen.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}

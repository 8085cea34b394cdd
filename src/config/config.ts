import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { parse } from 'dotenv';
import { Value } from 'typebox/value';
import { origin, originAsWritten, publicAddress, trustedProxies, type TrustedProxies } from './addresses.js';
import { ConfigError } from './config-error.js';
import { isProduction, present, Variables, type Env } from './variables.js';
import { problemsOf } from './problems.js';
import { ownProfile, ownTemporal, webhookSecrets } from './rules.js';
import { bareNumber, type Contact } from './phone-numbers.js';
import { unfoldSecretFiles } from './secret-files.js';
import { explainSignIn, tableauSignIns, type TableauSignIn } from './tableau-sign-in.js';

/** The checked configuration, with numbers in E.164 and addresses without a trailing slash. */
export interface Config {
  production: boolean;
  http: {
    host: string;
    port: number;
    publicUrl: string;
    /** The scheme and host of PUBLIC_URL where its spelling differs: Twilio signs the address that it was given. */
    originAsWritten?: string;
    apiToken: string;
    webhookSecrets: string[];
    trustedProxies?: TrustedProxies;
  };
  tableau: {
    domain: string;
    siteName: string;
    apiVersion: string;
    sessionMinutes: number;
    signIn: TableauSignIn;
    /** Which sign-in that is, and why, in words without any value. */
    signInReason: string;
  };
  twilio: {
    accountSid: string;
    authTokens: [string, ...string[]];
    apiKey?: { sid: string; secret: string };
    from: string;
    whatsappFrom?: string;
    messagingServiceSid?: string;
    contentSid?: string;
    apiBaseUrl?: string;
  };
  escalationFile?: string;
  /** The contact that is paged where there is no escalation file. */
  defaultContact: Contact;
  temporal: {
    /** The port of the development server that this process starts; null: `connect` names another Temporal. */
    embedded: { port: number } | null;
    connect: ClientConnectConfig;
  };
  log: { level: string; pretty: boolean };
}

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
 * The configuration of every role, from the variables that `.env.example` explains. An empty variable counts as unset, and a
 * secret may be in a file that `<NAME>_FILE` names.
 *
 * @throws ConfigError with a sentence for every variable that is missing or wrong
 */
export function loadConfig(given: Env): Config {
  const { env, problems: ofFiles } = unfoldSecretFiles(present(given));
  const problems = problemsOf(env, ofFiles);
  const connect = connection(env, problems);
  if (problems.length > 0) throw new ConfigError(problems);

  const {
    TWILIO_AUTH_TOKEN_ALTERNATE: alternate,
    TWILIO_API_KEY: key,
    TWILIO_API_SECRET: secret,
    ...is
  } = Value.Parse(Variables, env);
  const production = isProduction(env);
  const proxies = trustedProxies(is.TRUSTED_PROXIES ?? '');
  const signIns = tableauSignIns(env);
  const written = originAsWritten(is.PUBLIC_URL);
  return freeze({
    production,
    http: {
      host: is.HOST ?? '0.0.0.0',
      port: Number(is.PORT ?? 3000),
      publicUrl: publicAddress(is.PUBLIC_URL, production) ?? '',
      ...(written !== null && { originAsWritten: written }),
      apiToken: is.API_TOKEN,
      webhookSecrets: webhookSecrets(is.TABLEAU_WEBHOOK_SECRET),
      ...(proxies !== null && { trustedProxies: proxies }),
    },
    tableau: {
      domain: origin(is.TABLEAU_DOMAIN, { allowHttp: is.TABLEAU_ALLOW_HTTP === 'true' }) ?? '',
      siteName: is.TABLEAU_SITENAME ?? '',
      apiVersion: is.TABLEAU_RESTAPI_VERSION ?? '3.21',
      // Tableau Cloud ends a session after 120 minutes, Tableau Server after 240.
      sessionMinutes: Number(is.TABLEAU_SESSION_MINUTES ?? 110),
      signIn: signIns[0] ?? { kind: 'pat', name: '', secret: '' },
      signInReason: explainSignIn(signIns),
    },
    twilio: {
      accountSid: is.TWILIO_ACCOUNT_SID,
      authTokens: alternate ? [is.TWILIO_AUTH_TOKEN, alternate] : [is.TWILIO_AUTH_TOKEN],
      ...(key && secret && { apiKey: { sid: key, secret } }),
      from: bareNumber(is.TWILIO_FROM_NUMBER),
      ...(is.WHATSAPP_FROM && { whatsappFrom: bareNumber(is.WHATSAPP_FROM) }),
      ...(is.TWILIO_MESSAGING_SERVICE_SID && { messagingServiceSid: is.TWILIO_MESSAGING_SERVICE_SID }),
      ...(is.WHATSAPP_CONTENT_SID && { contentSid: is.WHATSAPP_CONTENT_SID }),
      ...(is.TWILIO_API_BASE_URL && { apiBaseUrl: origin(is.TWILIO_API_BASE_URL) ?? '' }),
    },
    ...(is.ESCALATION_FILE && { escalationFile: is.ESCALATION_FILE }),
    defaultContact: {
      ...(is.WHATSAPP_TO && { whatsapp: bareNumber(is.WHATSAPP_TO) }),
      ...(is.TWILIO_TO_NUMBER && { phone: bareNumber(is.TWILIO_TO_NUMBER) }),
    },
    temporal: {
      embedded: ownTemporal(env) ? null : { port: Number(is.EMBEDDED_TEMPORAL_PORT ?? 7233) },
      connect,
    },
    log: { level: is.LOG_LEVEL ?? 'info', pretty: is.NODE_ENV === 'development' },
  });
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
    return loadClientConnectConfig({ overrideEnvVars: env, disableFile: !ownTemporal(env) });
  } catch (error) {
    problems.push(`TEMPORAL_* cannot be used: ${error instanceof Error ? error.message : String(error)}.`);
    return { connectionOptions: {} };
  }
}

/** Every value of the configuration that must never reach a log. */
export function secretsOf({ http, tableau, twilio, temporal }: Config): string[] {
  const { apiKey } = temporal.connect.connectionOptions;
  return [
    http.apiToken,
    ...http.webhookSecrets,
    ...secretsOfSignIn(tableau.signIn),
    ...twilio.authTokens,
    ...(twilio.apiKey ? [twilio.apiKey.secret] : []),
    ...(typeof apiKey === 'string' ? [apiKey] : []),
  ];
}

function secretsOfSignIn(by: TableauSignIn): string[] {
  switch (by.kind) {
    case 'pat':
      return [by.secret];
    case 'jwt':
      return [by.secretValue];
    case 'password':
      return [by.password];
  }
}

function freeze<T>(value: T): T {
  // A Buffer (a certificate) cannot be frozen.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}

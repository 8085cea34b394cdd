import { Type, type Static, type TSchemaOptions } from 'typebox';
import type { Env } from './env.js';
import { everyError } from './every-error.js';
import { signInProblem } from './tableau-sign-in.js';
import { trustedProxies } from './trusted-proxies.js';
import { weakSecrets } from './weak-secrets.js';

const text = (pattern: string, says: string, more: TSchemaOptions = {}) => Type.String({ pattern, says, ...more });
const optional = (pattern: string, says: string) => Type.Optional(text(pattern, says));
const any = '^[^\\x00-\\x1f]+$';
const number = '^(whatsapp:)?\\s*\\+[1-9]([ ().-]*[0-9]){6,14}$';
const e164 = 'a phone number in E.164, such as +15550000001';
const hex = (prefix: string) => `^${prefix}[0-9a-fA-F]{32}$`;
const port = '^[0-9]{1,5}$';

/** Every variable by itself. `says` finishes the sentence "NAME must be …"; rules between variables are below. */
export const Variables = Type.Object({
  NODE_ENV: optional('^(production|development|test)$', 'production, development or test'),
  HOST: optional('^[0-9a-zA-Z:.-]+$', 'the address to listen on, such as 0.0.0.0'),
  PORT: optional(port, 'a port number, such as 3000'),
  PUBLIC_URL: text(any, 'the address at which Twilio reaches this service, such as https://pager.example.com'),
  TRUSTED_PROXIES: optional(any, 'how many proxies are before this service, or their addresses with commas between'),
  API_TOKEN: text('^[!-~]{8,}$', 'at least 16 characters without spaces (8 outside production)'),
  LOG_LEVEL: optional(
    '^(trace|debug|info|warn|error|fatal|silent)$',
    'trace, debug, info, warn, error, fatal or silent',
  ),

  TABLEAU_DOMAIN: text(any, 'the address of Tableau, such as eu-west-1a.online.tableau.com'),
  TABLEAU_SITENAME: optional(
    '^[A-Za-z0-9_-]+$',
    "the site's part of its URL (letters, digits, - and _); leave it empty for the default site",
  ),
  TABLEAU_RESTAPI_VERSION: optional('^[2-9]\\.[0-9]{1,2}$', 'a REST API version, such as 3.21'),
  TABLEAU_SESSION_MINUTES: optional('^[1-9][0-9]{0,3}$', 'a whole number of minutes, such as 110'),
  TABLEAU_WEBHOOK_SECRET: text(any, 'a secret that ends the address given to Tableau (commas between several)'),
  TABLEAU_PAT_NAME: optional(any, 'the name of a personal access token'),
  TABLEAU_PAT_SECRET: optional(any, 'the secret of a personal access token'),

  TWILIO_ACCOUNT_SID: text(hex('AC'), '"AC" and 32 hexadecimal digits, as the Twilio console shows it'),
  TWILIO_AUTH_TOKEN: text('^[!-~]{8,}$', 'the auth token that the Twilio console shows'),
  TWILIO_AUTH_TOKEN_ALTERNATE: optional('^[!-~]{8,}$', 'the other auth token while they are rotated, else empty'),
  TWILIO_API_KEY: optional(hex('SK'), '"SK" and 32 hexadecimal digits'),
  TWILIO_API_SECRET: optional('^[!-~]+$', 'the secret of TWILIO_API_KEY'),
  TWILIO_FROM_NUMBER: text(number, `the Twilio number that sends SMS and calls: ${e164}`),
  TWILIO_TO_NUMBER: optional(number, `the number to page: ${e164}`),
  TWILIO_MESSAGING_SERVICE_SID: optional(hex('MG'), '"MG" and 32 hexadecimal digits'),
  TWILIO_API_BASE_URL: optional(any, 'an address such as https://api.twilio.com'),
  WHATSAPP_FROM: optional(number, `the WhatsApp sender at Twilio: ${e164}`),
  WHATSAPP_TO: optional(number, `the WhatsApp number to page: ${e164}`),
  WHATSAPP_CONTENT_SID: optional(hex('HX'), '"HX" and 32 hexadecimal digits'),

  ESCALATION_FILE: optional(any, 'the path of the escalation file'),
  EMBEDDED_TEMPORAL: optional('^(true|false)$', 'true or false'),
  EMBEDDED_TEMPORAL_PORT: optional(port, 'a port number, such as 7233'),
});
export type Variables = Static<typeof Variables>;

type Rule = (env: Env, production: boolean) => string | undefined | false;

const parsed = (address: string) => (URL.canParse(address) ? new URL(address) : null);
/** Whether an address leads to this machine. */
export const loopback = (url: URL) => /^(localhost|127(\.\d+){3}|\[::1\])$/i.test(url.hostname);

/** `https://host[:port]` of an address with or without a scheme, or null. */
export function origin(address: string): string | null {
  const url = parsed(/^[a-z]+:\/\//i.test(address) ? address : `https://${address}`);
  if (!url || url.username || url.password || url.search || url.hash || url.pathname !== '/') return null;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback(url)) ? url.origin : null;
}

/** The address without a trailing slash, or null. */
export function publicAddress(address: string, production: boolean): string | null {
  const url = parsed(address);
  if (!url || url.username || url.password || url.search || url.hash || !/^https?:$/.test(url.protocol)) return null;
  if (production && url.protocol === 'http:') return null;
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

export const webhookSecrets = (value: string): string[] => value.split(',').map((secret) => secret.trim());

/** What one variable means for another. Each gives a sentence, or nothing when all is well or the variable is unset. */
const rules: Rule[] = [
  ({ PUBLIC_URL: value }, production) =>
    value &&
    publicAddress(value, production) === null &&
    `PUBLIC_URL must be an absolute ${production ? 'https' : 'http or https'} address without query, such as https://pager.example.com.`,
  ({ TRUSTED_PROXIES: value }) =>
    value &&
    trustedProxies(value) === null &&
    'TRUSTED_PROXIES must be how many proxies are before this service (1 to 9), or their addresses, such as 10.0.0.0/8,loopback.',
  ({ API_TOKEN: value }, production) =>
    production && value && value.length < 16 && 'API_TOKEN must have at least 16 characters in production.',
  ({ TABLEAU_DOMAIN: value }) =>
    value &&
    origin(value) === null &&
    'TABLEAU_DOMAIN must be the address of Tableau and no more, such as eu-west-1a.online.tableau.com (https; http is for this machine only).',
  ({ TWILIO_API_BASE_URL: value }) =>
    value &&
    origin(value) === null &&
    'TWILIO_API_BASE_URL must be an https address without a path (http is for this machine only), or empty.',
  ({ TABLEAU_WEBHOOK_SECRET: value }, production) => {
    const least = production ? 16 : 8;
    const good = (secret: string) => secret.length >= least && /^[A-Za-z0-9_~.-]+$/.test(secret);
    return (
      value &&
      !webhookSecrets(value).every(good) &&
      `TABLEAU_WEBHOOK_SECRET must be at least ${least} characters of A-Z a-z 0-9 _ ~ . - (several with commas between them), for it is part of an address.`
    );
  },
  signInProblem,
  (env) =>
    Boolean(env.TWILIO_API_KEY) !== Boolean(env.TWILIO_API_SECRET) &&
    'TWILIO_API_KEY and TWILIO_API_SECRET go together: write both or neither.',
  (env) =>
    !env.TWILIO_TO_NUMBER &&
    !env.ESCALATION_FILE &&
    'TWILIO_TO_NUMBER or ESCALATION_FILE is missing: write the number to page, or the path of an escalation file.',
  (env) =>
    env.WHATSAPP_TO &&
    !env.WHATSAPP_FROM &&
    !env.ESCALATION_FILE &&
    'WHATSAPP_FROM is missing: WHATSAPP_TO needs a WhatsApp sender at Twilio.',
  ...(['PORT', 'EMBEDDED_TEMPORAL_PORT'] as const).map((name): Rule => (env) => {
    const most = name === 'PORT' ? 65_535 : 64_535;
    return (
      env[name] && /^\d+$/.test(env[name]) && Number(env[name]) > most && `${name} must be a port number up to ${most}.`
    );
  }),
  (env, production) => {
    const address = ownTemporal(env);
    if (env.EMBEDDED_TEMPORAL === 'true') {
      return address && `EMBEDDED_TEMPORAL=true and ${address} contradict each other: leave one of them empty.`;
    }
    if (address) return undefined;
    if (env.EMBEDDED_TEMPORAL === 'false')
      return 'TEMPORAL_ADDRESS is missing: with EMBEDDED_TEMPORAL=false write the host:port of Temporal.';
    return (
      production &&
      'TEMPORAL_ADDRESS is missing: write the host:port of Temporal, or EMBEDDED_TEMPORAL=true to run the development server in production on this machine.'
    );
  },
];

/** The variable that says that a Temporal of one's own is there, so that none is embedded. */
export const ownTemporal = (env: Env): string | undefined =>
  ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'].find((name) => env[name]);

/** Whether a profile may hold what the variables do not. */
export const ownProfile = (env: Env): boolean => Boolean(env.TEMPORAL_PROFILE ?? env.TEMPORAL_CONFIG_FILE);

/** The variables that are not empty, without surrounding blanks. */
export const present = (env: Env): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()] as const] : [])),
  );

/**
 * A sentence for every variable that is missing or wrong. Values are never repeated: many are secret.
 * @param known what is known to be wrong already, by variable: nothing more is said of these
 */
export function problemsOf(env: Env, known: ReadonlyMap<string, string> = new Map()): string[] {
  const problems = new Map(known);
  for (const error of everyError(Variables, env)) {
    if (error.keyword === 'required') {
      for (const name of error.params.requiredProperties)
        if (!problems.has(name)) problems.set(name, `${name} is missing: write ${saysOf(name)}.`);
    } else {
      const name = error.instancePath.slice(1);
      problems.set(name, `${name} is wrong: it must be ${saysOf(name)}.`);
    }
  }
  const production = env.NODE_ENV === 'production';
  const isKnown = (problem: string) => [...known.keys()].some((name) => new RegExp(`\\b${name}\\b`).test(problem));
  for (const problem of [...rules.map((rule) => rule(env, production)), ...(production ? weakSecrets(env) : [])]) {
    const name = problem ? (/^[A-Z_]+/.exec(problem)?.[0] ?? '') : '';
    if (problem && !problems.has(name) && !isKnown(problem)) problems.set(name, problem);
  }
  return [...problems.values()];
}

function saysOf(name: string): string {
  const schema = Object.entries(Variables.properties).find(([key]) => key === name)?.[1];
  return schema && 'says' in schema ? String(schema.says) : 'a value';
}

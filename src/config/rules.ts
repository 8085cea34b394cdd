import { origin, publicAddress, trustedProxies } from './addresses.js';
import type { Env } from './variables.js';
import { peopleSignInProblem } from './people-sign-in.js';
import { signInProblem } from './tableau-sign-in.js';

type Rule = (env: Env, production: boolean) => string | undefined | false;

export const webhookSecrets = (value: string): string[] => value.split(',').map((secret) => secret.trim());

/** Rules on values and between variables. Each gives a sentence, or nothing when the rule holds or the variable is unset. */
export const rules: readonly Rule[] = [
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
  ({ LINK_SECRET: value }, production) =>
    production && value && value.length < 16 && 'LINK_SECRET must have at least 16 characters in production.',
  ({ TABLEAU_DOMAIN: value, TABLEAU_ALLOW_HTTP: allowHttp }) =>
    value &&
    origin(value, { allowHttp: allowHttp === 'true' }) === null &&
    'TABLEAU_DOMAIN must be the address of Tableau and no more, such as eu-west-1a.online.tableau.com (https; http only on this machine, or with TABLEAU_ALLOW_HTTP=true).',
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
      `TABLEAU_WEBHOOK_SECRET must be at least ${least} characters of A-Z a-z 0-9 _ ~ . - (several with commas between them), because it is part of an address.`
    );
  },
  signInProblem,
  peopleSignInProblem,
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

/** The variable that names another Temporal than the embedded one, or undefined. */
export const ownTemporal = (env: Env): string | undefined =>
  ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'].find((name) => env[name]);

/** Whether Temporal's configuration file may supply what the variables lack. */
export const ownProfile = (env: Env): boolean => Boolean(env.TEMPORAL_PROFILE ?? env.TEMPORAL_CONFIG_FILE);

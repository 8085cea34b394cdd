/** What each role needs of the environment. A process does not look at the rest, so that no role must have a secret of the other. */
import { webhookNames } from './secret-files.js';
import type { Env } from './variables.js';

export interface Roles {
  api: boolean;
  worker: boolean;
}

const ofApi = [
  'HOST',
  'PORT',
  'TRUSTED_PROXIES',
  'API_TOKEN',
  'TABLEAU_WEBHOOK_SECRET',
  'TEMPORAL_UI_URL',
  ...['ISSUER', 'CLIENT_ID', 'CLIENT_SECRET', 'SCOPE', 'ADMINS', 'RESPONDERS', 'VIEWERS'].map((name) => `OIDC_${name}`),
];
const ofWorker = [
  ...['DOMAIN', 'ALLOW_HTTP', 'SITENAME', 'RESTAPI_VERSION', 'SESSION_MINUTES'].map((name) => `TABLEAU_${name}`),
  ...['PAT_NAME', 'PAT_SECRET', 'CA_CLIENT', 'CA_SECRET_ID', 'CA_SECRET_VALUE'].map((name) => `TABLEAU_${name}`),
  'TABLEAU_USERNAME',
  'TABLEAU_PASSWORD',
  ...['API_KEY', 'API_SECRET', 'FROM_NUMBER', 'MESSAGING_SERVICE_SID', 'API_BASE_URL'].map((name) => `TWILIO_${name}`),
  'WHATSAPP_CONTENT_SID',
];
/** Twilio signs with them; the worker signs in with them where it has no API key. */
const tokens = ['TWILIO_AUTH_TOKEN', 'TWILIO_AUTH_TOKEN_ALTERNATE'];

/** The variables that the roles do not need. */
export function unneeded({ api, worker }: Roles, env: Env): string[] {
  if (!worker) return [...ofWorker, ...webhookNames(env)];
  if (!api) return [...ofApi, ...(env.TWILIO_API_KEY?.trim() ? tokens : [])];
  return [];
}

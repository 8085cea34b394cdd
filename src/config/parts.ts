/** The parts of the configuration that not every role and command needs: HTTP, Tableau, Twilio. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { origin, originAsWritten, trustedProxies, type TrustedProxies } from './addresses.js';
import { bareNumber } from './phone-numbers.js';
import { peopleSignIn, type PeopleSignIn } from './people-sign-in.js';
import { webhookSecrets } from './rules.js';
import { explainSignIn, tableauSignIns, type TableauSignIn } from './tableau-sign-in.js';
import { Variables, type Env } from './variables.js';

export interface TableauSettings {
  domain: string;
  siteName: string;
  apiVersion: string;
  sessionMinutes: number;
  signIn: TableauSignIn;
  /** Which sign-in that is, and why, in words without any value. */
  signInReason: string;
}

export interface HttpSettings {
  host: string;
  port: number;
  /** The scheme and host of PUBLIC_URL where its spelling differs: Twilio signs the address that it was given. */
  originAsWritten?: string;
  apiToken: string;
  webhookSecrets: string[];
  /** The account whose requests are taken, and its auth tokens: Twilio signs with one of them. */
  twilio: { accountSid: string; authTokens: string[] };
  trustedProxies?: TrustedProxies;
  /** Absent: people sign in by the API token alone. */
  signIn?: PeopleSignIn;
  /** Temporal's Web UI, for links; without a trailing slash. */
  temporalUi?: string;
}

export interface TwilioSettings {
  accountSid: string;
  /** None where an API key makes them needless. */
  authTokens: string[];
  apiKey?: { sid: string; secret: string };
  from: string;
  whatsappFrom?: string;
  messagingServiceSid?: string;
  contentSid?: string;
  apiBaseUrl?: string;
}

const OfHttp = Type.Pick(Variables, [
  'HOST',
  'PORT',
  'PUBLIC_URL',
  'TRUSTED_PROXIES',
  'API_TOKEN',
  'TABLEAU_WEBHOOK_SECRET',
  'TWILIO_ACCOUNT_SID',
  'TEMPORAL_UI_URL',
]);
const OfTableau = Type.Pick(Variables, [
  'TABLEAU_DOMAIN',
  'TABLEAU_ALLOW_HTTP',
  'TABLEAU_SITENAME',
  'TABLEAU_RESTAPI_VERSION',
  'TABLEAU_SESSION_MINUTES',
]);
const OfTwilio = Type.Pick(Variables, [
  'TWILIO_ACCOUNT_SID',
  'TWILIO_API_KEY',
  'TWILIO_API_SECRET',
  'TWILIO_FROM_NUMBER',
  'TWILIO_MESSAGING_SERVICE_SID',
  'TWILIO_API_BASE_URL',
  'WHATSAPP_FROM',
  'WHATSAPP_CONTENT_SID',
]);

/** From variables without problems, as the other two. */
export function httpSettings(env: Record<string, string>): HttpSettings {
  const is = Value.Parse(OfHttp, env);
  const proxies = trustedProxies(is.TRUSTED_PROXIES ?? '');
  const written = originAsWritten(is.PUBLIC_URL);
  const signIn = peopleSignIn(env);
  return {
    host: is.HOST ?? '0.0.0.0',
    port: Number(is.PORT ?? 3000),
    ...(written !== null && { originAsWritten: written }),
    apiToken: is.API_TOKEN,
    webhookSecrets: webhookSecrets(is.TABLEAU_WEBHOOK_SECRET),
    twilio: { accountSid: is.TWILIO_ACCOUNT_SID, authTokens: twilioTokens(env) },
    ...(proxies !== null && { trustedProxies: proxies }),
    ...(signIn && { signIn }),
    ...(is.TEMPORAL_UI_URL && { temporalUi: is.TEMPORAL_UI_URL.replace(/\/+$/, '') }),
  };
}

export function tableauSettings(env: Env): TableauSettings {
  const is = Value.Parse(OfTableau, env);
  const signIns = tableauSignIns(env);
  return {
    domain: origin(is.TABLEAU_DOMAIN, { allowHttp: is.TABLEAU_ALLOW_HTTP === 'true' }) ?? '',
    siteName: is.TABLEAU_SITENAME ?? '',
    apiVersion: is.TABLEAU_RESTAPI_VERSION ?? '3.21',
    // Tableau Cloud ends a session after 120 minutes, Tableau Server after 240.
    sessionMinutes: Number(is.TABLEAU_SESSION_MINUTES ?? 110),
    signIn: signIns[0] ?? { kind: 'pat', name: '', secret: '' },
    signInReason: explainSignIn(signIns),
  };
}

export function twilioSettings(env: Env): TwilioSettings {
  const is = Value.Parse(OfTwilio, env);
  const { TWILIO_API_KEY: key, TWILIO_API_SECRET: secret } = is;
  return {
    accountSid: is.TWILIO_ACCOUNT_SID,
    authTokens: twilioTokens(env),
    ...(key && secret && { apiKey: { sid: key, secret } }),
    from: bareNumber(is.TWILIO_FROM_NUMBER),
    ...(is.WHATSAPP_FROM && { whatsappFrom: bareNumber(is.WHATSAPP_FROM) }),
    ...(is.TWILIO_MESSAGING_SERVICE_SID && { messagingServiceSid: is.TWILIO_MESSAGING_SERVICE_SID }),
    ...(is.WHATSAPP_CONTENT_SID && { contentSid: is.WHATSAPP_CONTENT_SID }),
    ...(is.TWILIO_API_BASE_URL && { apiBaseUrl: origin(is.TWILIO_API_BASE_URL) ?? '' }),
  };
}

/** The auth tokens of Twilio: two while they are rotated, the primary one first. */
const twilioTokens = ({ TWILIO_AUTH_TOKEN: primary, TWILIO_AUTH_TOKEN_ALTERNATE: alternate }: Env): string[] =>
  [primary, alternate].flatMap((token) => token ?? []);

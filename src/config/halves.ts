/** The configuration of Tableau and that of Twilio, each of which can be complete without the other. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { origin, publicAddress } from './addresses.js';
import { bareNumber } from './phone-numbers.js';
import { problemsOf } from './problems.js';
import { webhookSecrets } from './rules.js';
import { unfoldSecretFiles } from './secret-files.js';
import { explainSignIn, tableauSignIns, type TableauSignIn } from './tableau-sign-in.js';
import { isProduction, present, Variables, type Env } from './variables.js';

export interface TableauSettings {
  domain: string;
  siteName: string;
  apiVersion: string;
  sessionMinutes: number;
  signIn: TableauSignIn;
  /** Which sign-in that is, and why, in words without any value. */
  signInReason: string;
}

export interface TwilioSettings {
  accountSid: string;
  authTokens: [string, ...string[]];
  apiKey?: { sid: string; secret: string };
  from: string;
  whatsappFrom?: string;
  messagingServiceSid?: string;
  contentSid?: string;
  apiBaseUrl?: string;
}

const OfTableau = Type.Pick(Variables, [
  'TABLEAU_DOMAIN',
  'TABLEAU_ALLOW_HTTP',
  'TABLEAU_SITENAME',
  'TABLEAU_RESTAPI_VERSION',
  'TABLEAU_SESSION_MINUTES',
]);
const OfTwilio = Type.Pick(Variables, [
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'TWILIO_AUTH_TOKEN_ALTERNATE',
  'TWILIO_API_KEY',
  'TWILIO_API_SECRET',
  'TWILIO_FROM_NUMBER',
  'TWILIO_MESSAGING_SERVICE_SID',
  'TWILIO_API_BASE_URL',
  'WHATSAPP_FROM',
  'WHATSAPP_CONTENT_SID',
]);

/** From variables without problems. */
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

/** From variables without problems. */
export function twilioSettings(env: Env): TwilioSettings {
  const is = Value.Parse(OfTwilio, env);
  const { TWILIO_AUTH_TOKEN_ALTERNATE: alternate, TWILIO_API_KEY: key, TWILIO_API_SECRET: secret } = is;
  return {
    accountSid: is.TWILIO_ACCOUNT_SID,
    authTokens: alternate ? [is.TWILIO_AUTH_TOKEN, alternate] : [is.TWILIO_AUTH_TOKEN],
    ...(key && secret && { apiKey: { sid: key, secret } }),
    from: bareNumber(is.TWILIO_FROM_NUMBER),
    ...(is.WHATSAPP_FROM && { whatsappFrom: bareNumber(is.WHATSAPP_FROM) }),
    ...(is.TWILIO_MESSAGING_SERVICE_SID && { messagingServiceSid: is.TWILIO_MESSAGING_SERVICE_SID }),
    ...(is.WHATSAPP_CONTENT_SID && { contentSid: is.WHATSAPP_CONTENT_SID }),
    ...(is.TWILIO_API_BASE_URL && { apiBaseUrl: origin(is.TWILIO_API_BASE_URL) ?? '' }),
  };
}

/** A value, or the sentences about the variables that it lacks. */
export type Part<T> = { value: T } | { problems: string[] };

export interface Halves {
  tableau: Part<TableauSettings>;
  twilio: Part<TwilioSettings>;
  publicUrl: Part<string>;
  webhookSecrets: Part<string[]>;
  /** The problems of all other variables, of which neither half has need. */
  others: string[];
}

/** What there is of the configuration, for a check that needs one half alone. */
export function loadHalves(given: Env): Halves {
  const { env, problems: ofFiles } = unfoldSecretFiles(present(given));
  const problems = problemsOf(env, ofFiles);
  const part = <T>(owns: (name: string) => boolean, load: () => T): Part<T> => {
    const own = [...problems].filter(([name]) => owns(name));
    for (const [name] of own) problems.delete(name);
    return own.length > 0 ? { problems: own.map(([, problem]) => problem) } : { value: load() };
  };
  return {
    publicUrl: part(
      (name) => name === 'PUBLIC_URL',
      () => publicAddress(env.PUBLIC_URL ?? '', isProduction(env)) ?? '',
    ),
    webhookSecrets: part(
      (name) => name === 'TABLEAU_WEBHOOK_SECRET',
      () => webhookSecrets(env.TABLEAU_WEBHOOK_SECRET ?? ''),
    ),
    tableau: part(
      (name) => name.startsWith('TABLEAU_'),
      () => tableauSettings(env),
    ),
    twilio: part(
      (name) => name in OfTwilio.properties,
      () => twilioSettings(env),
    ),
    others: [...problems.values()],
  };
}

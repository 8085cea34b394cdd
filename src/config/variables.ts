/** The variables of the environment. */
import { Type, type Static, type TSchemaOptions } from 'typebox';

/** A record of environment variables; an empty one counts as unset. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The variables that are not empty, without surrounding blanks. */
export const present = (env: Env): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()] as const] : [])),
  );

const text = (pattern: string, expected: string, more: TSchemaOptions = {}) =>
  Type.String({ pattern, expected, ...more });
const optional = (pattern: string, expected: string) => Type.Optional(text(pattern, expected));
const any = '^[^\\x00-\\x1f]+$';
const number = '^(whatsapp:)?\\s*\\+[1-9]([ ().-]*[0-9]){6,14}$';
const e164 = 'a phone number in E.164, such as +15550000001';
const hex = (prefix: string) => `^${prefix}[0-9a-fA-F]{32}$`;
const people = 'e-mail addresses or group:<name>, with commas between them; * stands for any characters';
const port = '^[0-9]{1,5}$';

/** Whether the strict rules apply: to be left alone they need a word, so that a forgotten variable is the safe case. */
export const isProduction = (env: Env): boolean => env.NODE_ENV !== 'development' && env.NODE_ENV !== 'test';

/** The form of each variable. `expected` completes the sentence "NAME must be …". `rules.ts` has the rules between variables. */
export const Variables = Type.Object({
  NODE_ENV: optional('^(production|development|test)$', 'production, development or test'),
  HOST: optional('^[0-9a-zA-Z:.-]+$', 'the address to listen on, such as 0.0.0.0'),
  PORT: optional(port, 'a port number, such as 3000'),
  PUBLIC_URL: text(any, 'the address at which Twilio reaches this service, such as https://pager.example.com'),
  TRUSTED_PROXIES: optional(any, 'how many proxies are before this service, or their addresses with commas between'),
  API_TOKEN: text('^[!-~]{8,}$', 'at least 16 characters without spaces (8 outside production)'),
  OIDC_ISSUER: optional(any, 'the address of the identity provider, such as https://login.example.com'),
  OIDC_CLIENT_ID: optional(any, 'the client id that the identity provider gave'),
  OIDC_CLIENT_SECRET: optional('^[!-~]+$', 'the client secret that the identity provider gave'),
  OIDC_SCOPE: optional('^[!-~]+( [!-~]+)*$', 'scopes with blanks between them, such as openid email profile groups'),
  OIDC_ADMINS: optional(any, people),
  OIDC_RESPONDERS: optional(any, people),
  OIDC_VIEWERS: optional(any, people),
  LINK_SECRET: optional('^[!-~]{8,}$', 'at least 16 characters without spaces (8 outside production), or empty'),
  LOG_LEVEL: optional(
    '^(trace|debug|info|warn|error|fatal|silent)$',
    'trace, debug, info, warn, error, fatal or silent',
  ),

  TABLEAU_DOMAIN: text(any, 'the address of Tableau, such as eu-west-1a.online.tableau.com'),
  TABLEAU_ALLOW_HTTP: optional('^(true|false)$', 'true or false'),
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
  TEMPORAL_UI_URL: optional(
    '^https?://[^\\s?#]+$',
    "the address of Temporal's Web UI, such as https://temporal.example.com",
  ),
  EMBEDDED_TEMPORAL: optional('^(true|false)$', 'true or false'),
  EMBEDDED_TEMPORAL_PORT: optional(port, 'a port number, such as 7233'),
});
export type Variables = Static<typeof Variables>;

/** How the sentence about a wrong or missing variable ends. */
export function expectedOf(name: string): string {
  const schema = Object.entries(Variables.properties).find(([key]) => key === name)?.[1];
  return schema && 'expected' in schema ? String(schema.expected) : 'a value';
}

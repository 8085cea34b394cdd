import { randomBytes } from 'node:crypto';
import { loadConfig } from '../src/config/config.js';
import { escalationFor } from '../src/policy/load.js';
import type { Settings } from '../src/service/settings.js';

export interface DemoPorts {
  api: number;
  outside: number;
  temporal: number;
}

export interface DemoSettings extends Settings {
  /** The personal access token that the sandbox accepts. */
  pat: { name: string; secret: string };
  /** With it the sandbox signs as Twilio does. */
  authToken: string;
}

/** The number of the demo's phone, and the numbers that page it. */
export const numbers = { phone: '+15550000001', sms: '+15550009999', whatsapp: '+15550008888' } as const;

/** The template of a page, with its buttons, as Twilio names it. */
export const contentSid = `HX${'d'.repeat(32)}`;

/**
 * A configuration that reaches only the sandbox, with new secrets for every demo, and the default escalation with waits of
 * `waitMs`.
 */
export function demoSettings(ports: DemoPorts, waitMs: number, level: string): DemoSettings {
  const hex = (bytes: number) => randomBytes(bytes).toString('hex');
  const authToken = hex(16);
  const pat = { name: 'demo', secret: hex(16) };
  const outside = `http://127.0.0.1:${ports.outside}`;
  const config = loadConfig({
    NODE_ENV: 'development',
    HOST: '127.0.0.1',
    PORT: String(ports.api),
    PUBLIC_URL: `http://127.0.0.1:${ports.api}`,
    API_TOKEN: hex(16),
    LOG_LEVEL: level,
    TABLEAU_DOMAIN: outside,
    TABLEAU_PAT_NAME: pat.name,
    TABLEAU_PAT_SECRET: pat.secret,
    TABLEAU_WEBHOOK_SECRET: hex(16),
    TWILIO_API_BASE_URL: outside,
    TWILIO_ACCOUNT_SID: `AC${hex(16)}`,
    TWILIO_AUTH_TOKEN: authToken,
    TWILIO_FROM_NUMBER: numbers.sms,
    TWILIO_TO_NUMBER: numbers.phone,
    WHATSAPP_FROM: numbers.whatsapp,
    WHATSAPP_TO: numbers.phone,
    WHATSAPP_CONTENT_SID: contentSid,
    EMBEDDED_TEMPORAL_PORT: String(ports.temporal),
  });
  return { config, escalation: escalationFor(config.defaultContact, waitMs), pat, authToken };
}

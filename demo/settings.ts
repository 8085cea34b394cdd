import { randomBytes } from 'node:crypto';
import { loadConfig } from '../src/config/config.js';
import { checkedEscalation } from '../src/policy/load.js';
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

/** The phones of the demo, by contact. */
export const phones = { ana: '+15550000001', ben: '+15550000002' } as const;
/** The numbers that page them. */
export const numbers = { sms: '+15550009999', whatsapp: '+15550008888' } as const;

/** The template of a page, with its buttons, as Twilio names it. */
export const contentSid = `HX${'d'.repeat(32)}`;

/**
 * WhatsApp and SMS to ana, then a call to ana and ben. Pages are held for less time than usual, as steps are short. Every change is posted
 * to the team's chat, which the sandbox simulates.
 */
function escalationText(waitMs: number, outside: string): string {
  const seconds = (ms: number) => `${Math.max(1, Math.round(ms / 1_000))}s`;
  const wait = seconds(waitMs);
  const contactOf = (number: string) => ({ whatsapp: number, phone: number });
  return JSON.stringify({
    contacts: { ana: contactOf(phones.ana), ben: contactOf(phones.ben) },
    policies: {
      default: {
        steps: [
          { page: ['ana'], by: 'whatsapp', wait },
          { page: ['ana'], by: 'sms', wait },
          { page: ['ana', 'ben'], by: 'call', wait },
        ],
        repeat: 1,
      },
    },
    fallback: 'ben',
    webhooks: { team: { as: 'slack', url: `${outside}/receivers/slack/team`, private: true } },
    routes: [{ events: ['*RefreshFailed'], policy: 'default' }],
    settings: { window: seconds(waitMs / 2), callWindow: wait },
  });
}

/** A configuration that reaches only the sandbox, with new secrets for every demo, and an escalation with waits of `waitMs`. */
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
    TWILIO_TO_NUMBER: phones.ana,
    WHATSAPP_FROM: numbers.whatsapp,
    WHATSAPP_TO: phones.ana,
    WHATSAPP_CONTENT_SID: contentSid,
    EMBEDDED_TEMPORAL_PORT: String(ports.temporal),
  });
  const { defaultContact } = config;
  const file = { escalationFile: 'the escalation of the demo', defaultContact, whatsappFrom: numbers.whatsapp };
  return { config, escalation: checkedEscalation(file, escalationText(waitMs, outside)), pat, authToken };
}

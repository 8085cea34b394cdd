import { Type, type Static } from 'typebox';
import { jobTypes } from './tableau/world.js';

const Milliseconds = Type.Integer({ minimum: 0 });
const MillisecondsOrNull = Type.Union([Milliseconds, Type.Null()]);

/** How the vendors behave; documented in README.md. */
export const Settings = Type.Object(
  {
    twilioAccount: Type.Union([Type.Literal('active'), Type.Literal('trial'), Type.Literal('suspended')]),
    receipts: Type.Union([Type.Literal('automatic'), Type.Literal('on-command')]),
    sentAfterMs: Milliseconds,
    deliveredAfterMs: Milliseconds,
    readAfterMs: MillisecondsOrNull,
    whatsappWindow: Type.Union([Type.Literal('open'), Type.Literal('enforced')]),
    ringingAfterMs: Milliseconds,
    ringForMs: MillisecondsOrNull,
    voiceWaitMs: MillisecondsOrNull,
    sessionForMs: Milliseconds,
    refreshWaitsMs: Milliseconds,
    refreshRunsMs: Milliseconds,
    webhookRetriesMs: Type.Array(Milliseconds),
    webhookTimeoutMs: Milliseconds,
    oddities: Type.Boolean(),
    jobTitles: Type.Boolean(),
    jobSort: Type.Union([Type.Literal('accepted'), Type.Literal('refused')]),
    unreadableJobTypes: Type.Array(Type.Enum(jobTypes)),
    failuresBeforeSuspension: Type.Integer({ minimum: 1 }),
    bridge: Type.Union([Type.Literal('online'), Type.Literal('offline'), Type.Literal('busy')]),
    metadataApi: Type.Union([Type.Literal('on'), Type.Literal('off'), Type.Literal('partial')]),
    labels: Type.Enum(['on', 'read-only', 'unlicensed', 'off']),
    metadataLagMs: Milliseconds,
    metadataNodeLimit: Type.Integer({ minimum: 1 }),
  },
  { additionalProperties: false },
);
export type Settings = Static<typeof Settings>;

export const SettingsChange = Type.Partial(Settings, { additionalProperties: false });

export const defaultSettings: Settings = {
  twilioAccount: 'active',
  receipts: 'automatic',
  sentAfterMs: 150,
  deliveredAfterMs: 350,
  readAfterMs: null,
  whatsappWindow: 'open',
  ringingAfterMs: 150,
  ringForMs: null,
  voiceWaitMs: null,
  sessionForMs: 240 * 60 * 1000,
  refreshWaitsMs: 500,
  refreshRunsMs: 4000,
  webhookRetriesMs: [1000, 4000, 15_000],
  webhookTimeoutMs: 3000,
  oddities: true,
  jobTitles: true,
  jobSort: 'accepted',
  unreadableJobTypes: [],
  failuresBeforeSuspension: 5,
  bridge: 'online',
  metadataApi: 'on',
  labels: 'on',
  metadataLagMs: 0,
  metadataNodeLimit: 20_000,
};

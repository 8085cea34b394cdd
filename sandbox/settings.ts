import { Type, type Static } from 'typebox';

const Milliseconds = Type.Integer({ minimum: 0 });
const MillisecondsOrNull = Type.Union([Milliseconds, Type.Null()]);

/** How the vendors behave; documented in README.md. */
export const Settings = Type.Object(
  {
    receipts: Type.Union([Type.Literal('automatic'), Type.Literal('on-command')]),
    sentAfter: Milliseconds,
    deliveredAfter: Milliseconds,
    readAfter: MillisecondsOrNull,
    whatsappWindow: Type.Union([Type.Literal('open'), Type.Literal('enforced')]),
    ringingAfter: Milliseconds,
    ringFor: MillisecondsOrNull,
    voiceWait: MillisecondsOrNull,
    sessionFor: Milliseconds,
    refreshWaits: Milliseconds,
    refreshRuns: Milliseconds,
    webhookRetries: Type.Array(Milliseconds),
    webhookTimeout: Milliseconds,
    oddities: Type.Boolean(),
    jobTitles: Type.Boolean(),
    metadataApi: Type.Union([Type.Literal('on'), Type.Literal('off'), Type.Literal('partial')]),
  },
  { additionalProperties: false },
);
export type Settings = Static<typeof Settings>;

export const SettingsChange = Type.Partial(Settings, { additionalProperties: false });

export const defaultSettings: Settings = {
  receipts: 'automatic',
  sentAfter: 150,
  deliveredAfter: 350,
  readAfter: null,
  whatsappWindow: 'open',
  ringingAfter: 150,
  ringFor: null,
  voiceWait: null,
  sessionFor: 240 * 60 * 1000,
  refreshWaits: 500,
  refreshRuns: 4000,
  webhookRetries: [1000, 4000, 15_000],
  webhookTimeout: 3000,
  oddities: true,
  jobTitles: true,
  metadataApi: 'on',
};

/** What a night is made of: fast-check makes it up, and shrinks it to what is needed for a violation. */
import fc from 'fast-check';
import { hour, minute, second, type Policy } from '../../src/workflows/contract.js';

/** What happens outside by itself; how people react to messages is drawn while the night runs. */
export type Happening = { atMs: number; item: number } & (
  | { what: 'fails' }
  | { what: 'succeeds'; olderMs: number }
  | { what: 'is-deleted' }
  /** A script answers by the api. */
  | { what: 'script'; verb: 'acknowledge' | 'resolve' | 'rerun' | 'snooze' }
);

/** Probabilities of faults, 0 to 1, while faults last. */
export interface Faults {
  /** A workflow task is done, and lost with its worker. */
  crash: number;
  /** A workflow task comes late, up to seconds. */
  lag: number;
  /** An activity is done again, since its worker died. */
  repeat: number;
  continueAsNew: number;
  /** The pager of a contact cannot be signalled by incidents, for seconds to minutes. */
  unreachable: number;
  twilioRefuses: number;
  twilioIsDown: number;
  /** Twilio accepts, and its answer is lost. */
  answerIsLost: number;
  tableauFails: number;
  undelivered: number;
}

export const noFaults: Faults = {
  crash: 0,
  lag: 0,
  repeat: 0,
  continueAsNew: 0,
  unreachable: 0,
  twilioRefuses: 0,
  twilioIsDown: 0,
  answerIsLost: 0,
  tableauFails: 0,
  undelivered: 0,
};

export interface Night {
  seed: number;
  policy: Policy;
  /** The probability that a person answers a message that has arrived. */
  answering: number;
  /** The probability that the api puts an event into a batch, as it does in a burst. */
  batched: number;
  /** Whether the routes depend on what Tableau knows. */
  policyMayChange: boolean;
  /** The items are data sources, and are labelled in Tableau. */
  labels: boolean;
  happenings: Happening[];
  /** Nobody is to be paged for an item for a time; somebody may end a silence before its time. */
  silences: { item: number; atMs: number; lengthMs: number; endsEarly: boolean }[];
  /** Until when contacts have quiet hours, from before the night began. */
  quietMs: Record<string, number>;
  faults: Faults;
  /** Endpoints of outgoing webhooks learn of every change. */
  webhooks: boolean;
}

/** Faults end then; everything must come to its end afterwards. */
export const faultsEndAfterMs = 2 * hour;

const waitMs = 2 * minute;
export const policies: [Policy, ...Policy[]] = [
  {
    name: 'escalating',
    steps: [
      { page: ['ana'], by: 'whatsapp', waitMs },
      { page: ['ana', 'ben'], by: 'sms', waitMs },
      { page: ['ana', 'lead'], by: 'call', waitMs },
    ],
    repeat: 1,
    remindMs: hour,
  },
  {
    name: 'deputies',
    steps: [
      { page: ['ana', 'ben'], by: 'sms', waitMs },
      { page: ['lead'], by: 'call', waitMs },
    ],
    repeat: 0,
    remindMs: hour,
    fallback: { contact: 'boss', channels: ['whatsapp', 'sms', 'call'] },
  },
  {
    name: 'rotating',
    steps: [
      { page: ['schedule/night'], by: 'whatsapp', waitMs },
      { page: ['schedule/night', 'owner', 'ana'], by: 'sms', waitMs },
    ],
    repeat: 1,
    remindMs: hour,
  },
  {
    name: 'rerunning',
    steps: [{ page: ['ana'], by: 'whatsapp', waitMs }],
    repeat: 1,
    remindMs: hour,
    rerun: { attempts: 2, waitMs: 10 * minute },
  },
  {
    name: 'waiting',
    severity: 'low',
    steps: [
      { page: ['ana'], by: 'whatsapp', waitMs },
      { page: ['schedule/night', 'ana'], by: 'sms', waitMs },
    ],
    repeat: 1,
    remindMs: hour,
    fallback: { contact: 'lead', channels: ['whatsapp', 'sms'] },
  },
  {
    name: 'calling',
    severity: 'critical',
    steps: [
      { page: ['ana', 'ben'], by: 'whatsapp', waitMs, calls: ['ana'] },
      { page: ['lead'], by: 'sms', waitMs },
    ],
    repeat: 0,
    remindMs: hour,
  },
];

const during = fc.oneof(fc.integer({ min: 0, max: 5 * minute }), fc.integer({ min: 0, max: faultsEndAfterMs }));
const quiet = fc.constantFrom(0, 25 * minute, 3 * hour);
const item = fc.integer({ min: 0, max: 2 });
const happening = (): fc.Arbitrary<Happening> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ atMs: during, item, what: fc.constant('fails' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        atMs: during,
        item,
        what: fc.constant('succeeds' as const),
        olderMs: fc.constantFrom(0, 0, 30 * second),
      }),
    },
    { weight: 1, arbitrary: fc.record({ atMs: during, item, what: fc.constant('is-deleted' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        atMs: during,
        item,
        what: fc.constant('script' as const),
        verb: fc.constantFrom('acknowledge' as const, 'resolve' as const, 'rerun' as const, 'snooze' as const),
      }),
    },
  );

const rare = fc.constantFrom(0, 0, 0.02, 0.1);
const some = fc.constantFrom(0, 0, 0.1, 0.4);

export const nights: fc.Arbitrary<Night> = fc.record({
  seed: fc.integer({ min: 0, max: 0x7fffffff }),
  policy: fc.constantFrom(...policies),
  answering: fc.constantFrom(0.3, 0.8, 0),
  batched: fc.constantFrom(0, 0, 0.5, 1),
  policyMayChange: fc.constantFrom(false, false, true),
  labels: fc.boolean(),
  happenings: fc.array(happening(), { minLength: 1, maxLength: 6 }),
  silences: fc.array(
    fc.record({
      item,
      atMs: during,
      lengthMs: fc.constantFrom(30 * second, 4 * minute, 20 * minute, hour),
      endsEarly: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
  quietMs: fc.record({ ana: quiet, ben: quiet, lead: quiet }),
  faults: fc.record({
    crash: rare,
    lag: some,
    repeat: rare,
    continueAsNew: rare,
    unreachable: rare,
    twilioRefuses: some,
    twilioIsDown: some,
    answerIsLost: some,
    tableauFails: some,
    undelivered: some,
  }),
  webhooks: fc.boolean(),
});

/** Nights with people who answer and workers that die: what is broken shows soon. */
export const troubledNights: fc.Arbitrary<Night> = nights.map((night) => ({
  ...night,
  answering: 0.8,
  faults: { ...night.faults, crash: 0.1, lag: 0.4, unreachable: 0.1 },
}));

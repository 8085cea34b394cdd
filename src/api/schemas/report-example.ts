import type { ReportView } from '../../report/schema.js';

const spread = (seconds: number) => ({ count: 1, medianSeconds: seconds, p90Seconds: seconds });
const none = { count: 0, medianSeconds: null, p90Seconds: null };

const quiet = {
  episodes: 0,
  ignored: 0,
  paged: 0,
  acknowledged: 0,
  recovered: 0,
  unanswered: 0,
  open: 0,
  failedAgain: 0,
  toAcknowledge: none,
  toRecover: none,
  sent: { whatsapp: 0, sms: 0, call: 0 },
  wakings: 0,
  cost: 0,
};
/** One failure at night: it was taken after 401 s and worked again after an hour. */
const oneFailure = {
  ...quiet,
  episodes: 1,
  paged: 1,
  acknowledged: 1,
  recovered: 1,
  toAcknowledge: spread(401),
  toRecover: spread(3_600),
  sent: { whatsapp: 1, sms: 1, call: 0 },
  wakings: 2,
  cost: 0.21,
};
const group = (name: string) => ({
  name,
  episodes: 1,
  before: 0,
  acknowledged: 1,
  failedAgain: 0,
  toAcknowledge: spread(401),
  toRecover: spread(3_600),
});

export const exampleReport: ReportView = {
  zone: 'UTC',
  period: { from: '2026-11-22T08:00:00.000Z', to: '2026-11-23T08:00:00.000Z', ...oneFailure },
  before: { from: '2026-11-21T08:00:00.000Z', to: '2026-11-22T08:00:00.000Z', ...quiet },
  lastNight: { from: '2026-11-22T22:00:00.000Z', to: '2026-11-23T07:00:00.000Z', ...oneFailure },
  days: [
    { date: '2026-11-22', episodes: 0, wakings: 0 },
    { date: '2026-11-23', episodes: 1, wakings: 2 },
  ],
  hours: Array.from({ length: 24 }, (_, hour) =>
    hour === 3 ? { hour, episodes: 1, wakings: 2 } : { hour, episodes: 0, wakings: 0 },
  ),
  projects: [group('Finance/Daily')],
  owners: [group('ana')],
  causes: [group('Snowflake login failed.')],
  policies: [group('default')],
  people: [
    {
      contact: 'ana',
      acknowledged: 1,
      toAcknowledge: spread(401),
      sent: { whatsapp: 1, sms: 1, call: 0 },
      wakings: 2,
      cost: 0.21,
      before: { acknowledged: 0, wakings: 0, cost: 0 },
    },
  ],
  again: [],
  currency: 'EUR',
  keptFrom: '2026-10-24T08:00:00.000Z',
  isComplete: true,
  isWhole: true,
  incidents: { read: 1, of: 1 },
  pagers: { read: 2, of: 2 },
  notes: [],
};

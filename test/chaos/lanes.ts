/**
 * A lane is a contact with a fast escalation policy and one open incident at a time, or two: so every message names what it
 * carries, and the ledger is filled by reading what arrived.
 */
export interface Lane {
  key: string;
  number: string;
  /** A second contact who is called at the last step. */
  deputy: string | null;
  /** The prefix of its event types: `<event>RefreshFailed`. */
  event: string;
  /** The kind of its items in Tableau; null when Tableau does not have them. */
  known: 'workbook' | 'datasource' | null;
  /** The wait of each step. */
  waitMs: number;
}

const phone = (n: number): string => `+1555020${String(n).padStart(4, '0')}`;

/** `count` lanes of invented event types, and one each for workbooks and data sources. */
export function lanesOf(count: number, waitMs: number): Lane[] {
  const lanes = Array.from({ length: count }, (_, n): Lane => {
    const key = `lane-${n + 1}`;
    return {
      key,
      number: phone(n),
      deputy: n % 2 === 0 ? null : phone(1_000 + n),
      event: `Lane${n + 1}`,
      known: null,
      waitMs,
    };
  });
  const special = { deputy: null, waitMs };
  return [
    ...lanes,
    { ...special, key: 'workbooks', number: phone(2_000), event: 'Workbook', known: 'workbook' },
    { ...special, key: 'datasources', number: phone(2_001), event: 'Datasource', known: 'datasource' },
  ];
}

/** A lane whose steps are far enough apart for a restart of the whole machine between them. */
export const slowLaneOf = (waitMs: number): Lane => ({
  key: 'slow',
  number: phone(3_000),
  deputy: null,
  event: 'Slow',
  known: null,
  waitMs,
});

const seconds = (ms: number): string => `${ms / 1_000}s`;

/** The escalation file of all lanes. */
export function escalationOf(lanes: readonly Lane[]) {
  const contacts: Record<string, object> = {};
  const policies: Record<string, object> = {};
  for (const { key, number, deputy, waitMs } of lanes) {
    contacts[key] = { whatsapp: number, phone: number };
    if (deputy !== null) contacts[`${key}-deputy`] = { phone: deputy };
    policies[key] = {
      steps: [
        { page: [key], by: 'whatsapp', wait: seconds(waitMs) },
        { page: [key], by: 'sms', wait: seconds(waitMs) },
        { page: deputy === null ? [key] : [key, `${key}-deputy`], by: 'call', wait: seconds(waitMs) },
      ],
      repeat: 1,
    };
  }
  return {
    contacts,
    policies,
    labels: { perMinute: 600 },
    routes: lanes.map(({ key, event }) => ({ events: [`${event}RefreshFailed`], policy: key })),
    settings: {
      window: '0s',
      callWindow: '0s',
      linger: '30m',
      messagesPerHour: 1000,
      callsPerHour: 1000,
      answersPerHour: 1000,
    },
  };
}

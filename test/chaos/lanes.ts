/**
 * Who is paged for what. A lane is a contact with a ladder of seconds that has one trouble, or two, at a time: so every message
 * names what it carries, and the books can be kept by reading what arrived.
 */
export interface Lane {
  key: string;
  number: string;
  /** Called too, at the last step. */
  deputy: string | null;
  /** Tableau's word before `RefreshFailed`. */
  event: string;
  /** Whether Tableau knows the item, so that it can be asked about it and run it again. */
  known: 'workbook' | 'datasource' | null;
  /** Between its steps, milliseconds. */
  wait: number;
}

const phone = (n: number): string => `+1555020${String(n).padStart(4, '0')}`;

/** `count` lanes of events that Tableau may learn one day, and one each for workbooks and data sources. */
export function lanesOf(count: number, wait: number): Lane[] {
  const lanes = Array.from({ length: count }, (_, n): Lane => {
    const key = `lane-${n + 1}`;
    return {
      key,
      number: phone(n),
      deputy: n % 2 === 0 ? null : phone(1_000 + n),
      event: `Lane${n + 1}`,
      known: null,
      wait,
    };
  });
  const special = { deputy: null, wait };
  return [
    ...lanes,
    { ...special, key: 'workbooks', number: phone(2_000), event: 'Workbook', known: 'workbook' },
    { ...special, key: 'datasources', number: phone(2_001), event: 'Datasource', known: 'datasource' },
  ];
}

/** A lane whose steps are far enough apart for the whole machine to be away between them. */
export const slowLaneOf = (wait: number): Lane => ({
  key: 'slow',
  number: phone(3_000),
  deputy: null,
  event: 'Slow',
  known: null,
  wait,
});

const seconds = (milliseconds: number): string => `${milliseconds / 1_000}s`;

/** The escalation file of all lanes. */
export function escalationOf(lanes: readonly Lane[]) {
  const contacts: Record<string, object> = {};
  const policies: Record<string, object> = {};
  for (const { key, number, deputy, wait } of lanes) {
    contacts[key] = { whatsapp: number, phone: number };
    if (deputy !== null) contacts[`${key}-deputy`] = { phone: deputy };
    policies[key] = {
      steps: [
        { page: [key], by: 'whatsapp', wait: seconds(wait) },
        { page: [key], by: 'sms', wait: seconds(wait) },
        { page: deputy === null ? [key] : [key, `${key}-deputy`], by: 'call', wait: seconds(wait) },
      ],
      repeat: 1,
    };
  }
  return {
    contacts,
    policies,
    routes: lanes.map(({ key, event }) => ({ events: [`${event}RefreshFailed`], policy: key })),
    settings: { window: '0s', callWindow: '0s', linger: '30m', messagesPerHour: 1000, callsPerHour: 1000 },
  };
}

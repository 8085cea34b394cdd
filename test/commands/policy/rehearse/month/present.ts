/** The escalation file that is in force in the recorded month. */
import { readEscalation } from '../../../../../src/policy/load.js';
import type { Escalation } from '../../../../../src/policy/route.js';

/** Ana and the lead have quiet hours, ben has none. Days of duty end at 08:00 in Berlin, weeks on Monday at 12:00 in Kolkata. */
const contacts = `contacts:
  ana: { whatsapp: "+15550100001", phone: "+15550100001", timezone: Europe/Berlin, quiet: { from: "23:00", to: "06:30" } }
  ben: { whatsapp: "+15550100003", phone: "+15550100003", timezone: Asia/Kolkata }
  lead: { whatsapp: "+15550100002", phone: "+15550100002", timezone: America/New_York, quiet: { from: "21:00", to: "08:00" } }
schedules:
  data: { timezone: Europe/Berlin, rotation: { contacts: [ana, ben], every: 1d, start: "2026-11-02T08:00" } }
  ops: { timezone: Asia/Kolkata, rotation: { contacts: [ben, lead], every: 1w, start: "2026-11-02T12:00" } }
`;
const routes = `routes:
  - { events: ["*RefreshFailed"], project: Trials, ignore: not ours }
  - { events: ["*RefreshFailed"], project: Batch, policy: low }
  - { events: ["*RefreshFailed"], project: Core, policy: critical }
  - { events: ["*RefreshFailed"], policy: high }
fallback: lead
`;
const low = `
  low:
    severity: low
    repeat: 0
    steps: [{ page: [schedule/data], by: whatsapp, wait: 10m }, { page: [lead], by: sms, wait: 10m }]`;
const high = `
  high:
    repeat: 0
    steps:
      - { page: [schedule/data], by: whatsapp, wait: 5m }
      - { page: [schedule/data], by: sms, wait: 5m }
      - { page: [schedule/data, lead], by: call, wait: 5m }`;
const critical = `
  critical:
    severity: critical
    repeat: 1
    steps: [{ page: [schedule/ops], by: sms, wait: 5m }, { page: [lead], by: call, wait: 5m }]
`;

export type Policies = Partial<Record<'low' | 'high' | 'critical', string>>;

/** The file of the month, or one with other policies in place of some. */
export const monthFile = (policies: Policies = {}): Escalation =>
  readEscalation(
    'month.yaml',
    `${contacts}policies:${[policies.low ?? low, policies.high ?? high, policies.critical ?? critical].join('')}${routes}`,
  );

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEscalation } from '../../src/policy/load.js';
import { timezoneOf } from '../../src/policy/timezone-of.js';

const file = (schedules: string) =>
  readEscalation(
    'e.yaml',
    `contacts:
  ana: { phone: "+15550000001", timezone: Europe/Berlin }
  ben: { phone: "+15550000002" }
  lead: { phone: "+15550000003" }
${schedules}policies: { default: { steps: [{ page: [ana, ben, lead], by: sms, wait: 5m }] } }
`,
  );
const rotation = (contact: string) => `rotation: { contacts: [${contact}], every: 1w, start: "2026-01-01T00:00" }`;
const contacts = ['ana', 'ben', 'lead', 'gone', 'constructor'];

test('the clock of a contact is its own, that of a schedule that has it, of the first schedule, or UTC', () => {
  const two = file(`schedules:
  data: { timezone: America/New_York, ${rotation('ana')} }
  ops: { timezone: Asia/Kolkata, ${rotation('ben')} }
`);
  assert.deepEqual(
    contacts.map((contact) => timezoneOf(two, contact)),
    ['Europe/Berlin', 'Asia/Kolkata', 'America/New_York', 'America/New_York', 'America/New_York'],
  );
  assert.deepEqual(
    contacts.map((contact) => timezoneOf(file(''), contact)),
    ['Europe/Berlin', 'UTC', 'UTC', 'UTC', 'UTC'],
  );
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError } from '../../src/config/config-error.js';
import { readEscalation } from '../../src/policy/load.js';
import { dutyAt } from '../../src/policy/on-call.js';
import { canBePaged } from '../../src/policy/route.js';

const contacts = `contacts:
  ana: { whatsapp: "+15550000001", phone: "+15550000001", tableau: [Ana.Lima@example.com] }
  ben: { phone: "+15550000002" }
  lead: { phone: "+15550000003" }
`;
const policies = (step = '{ page: [schedule/data], by: sms, wait: 5m }') => `policies:
  default: { steps: [${step}] }
`;
const file = (schedule: string, step?: string) => `${contacts}schedules:
  data:
    timezone: Europe/Berlin
${schedule}${policies(step)}`;
const rotation = `    rotation: { contacts: [ana, ben], every: 1w, start: "2026-11-23T09:00" }
`;

function problemsOf(text: string): string[] {
  try {
    readEscalation('e.yaml', text);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
}

describe('a schedule of the file', () => {
  test('has rotations, restricted hours and overrides at local times', () => {
    const text =
      file(`${rotation}    restrict: [{ days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00", else: lead }]
    overrides: [{ contact: lead, from: "2026-12-24T08:00", to: "2026-12-24T12:00" }]
`);
    const { schedules, policies: read } = readEscalation('e.yaml', text);
    const data = schedules?.['data'];
    assert.ok(data);
    const who = (iso: string) => dutyAt(data, Date.parse(iso)).contact;
    assert.deepEqual(
      ['2026-11-24T06:59Z', '2026-11-24T07:00Z', '2026-12-01T08:00Z', '2026-12-24T07:00Z', '2026-12-24T11:00Z'].map(
        who,
      ),
      ['lead', 'ana', 'ben', 'lead', 'ana'],
    );
    assert.deepEqual(read['default']?.steps[0]?.page, ['schedule/data']);
    // It goes to another thread and to Temporal as plain data.
    assert.deepEqual(structuredClone(data), data);
  });

  test('may have layers, of which the first with somebody counts', () => {
    const text = file(`    layers:
      - { contacts: [ben], every: 1d, start: "2026-11-01T00:00", hours: [{ from: "22:00", to: "06:00" }] }
      - { contacts: [ana], every: 12h, start: "2026-11-01T00:00" }
`);
    const data = readEscalation('e.yaml', text).schedules?.['data'];
    assert.ok(data);
    assert.equal(dutyAt(data, Date.parse('2026-11-24T22:00Z')).contact, 'ben');
    assert.equal(dutyAt(data, Date.parse('2026-11-24T12:00Z')).contact, 'ana');
  });

  test('and the users that contacts are in Tableau are kept in lower case', () => {
    assert.deepEqual(readEscalation('e.yaml', file(rotation)).owners, { 'ana.lima@example.com': 'ana' });
  });
});

test('whoever a schedule, an owner or the fallback can mean is one whom a policy pages', () => {
  const restrict = '    restrict: [{ days: [mon], from: "08:00", to: "18:00", else: lead }]\n';
  const scheduled = readEscalation('e.yaml', file(`${rotation}${restrict}`));
  assert.deepEqual(
    ['ana', 'ben', 'lead', 'dave'].map((contact) => canBePaged(scheduled, contact)),
    [true, true, true, false],
  );
  assert.equal(canBePaged(scheduled, 'ana', 'sms'), true);
  assert.equal(canBePaged(scheduled, 'ana', 'call'), false);
  const owned = readEscalation('e.yaml', `${file(rotation, '{ page: [owner], by: call, wait: 5m }')}fallback: lead\n`);
  assert.deepEqual(
    ['ana', 'ben', 'lead'].map((contact) => canBePaged(owned, contact, 'call')),
    [true, false, true],
  );
  // The fallback gets the end of an escalation by each of its channels.
  assert.equal(canBePaged(owned, 'lead', 'sms'), true);
});

describe('what is wrong with a schedule is named with its place', () => {
  const cases: [what: string, text: string, problem: RegExp][] = [
    [
      'an unknown zone',
      file(rotation).replace('Europe/Berlin', 'Europe/Berlim'),
      /^e\.yaml:7:5: schedules\.data: there is no time zone "Europe\/Berlim"; did you mean "Europe\/Berlin"\?$/,
    ],
    ['an offset as zone', file(rotation).replace('Europe/Berlin', '"+01:00"'), /no time zone "\+01:00"/],
    [
      'a rotation without contacts',
      file(rotation.replace('[ana, ben]', '[]')),
      /^e\.yaml:8:17: schedules\.data\.rotation\.contacts must be a list of contact keys, at least one\.$/,
    ],
    [
      'a contact that is not there',
      file(rotation.replace('ben', 'bne')),
      /^e\.yaml:8:33: schedules\.data\.rotation\.contacts names "bne", who is no contact; did you mean "ben"\?$/,
    ],
    [
      'neither rotation nor layers',
      file(''),
      /^e\.yaml:6:3: schedules\.data must have either rotation, layers or ical\./,
    ],
    ['a period', file(rotation.replace('1w', 'weekly')), /every must be a number of hours, days or weeks/],
    ['a start with an offset', file(rotation.replace('T09:00', 'T09:00Z')), /start must be a local date and time/],
    [
      'a day that does not exist',
      file(rotation.replace('11-23', '02-30')),
      /2026-02-30T09:00 is no date of the calendar/,
    ],
    [
      'an hour that does not exist',
      file(`${rotation}    restrict: [{ from: "08:00", to: "25:00" }]\n`),
      /restrict\[0\]\.to must be a time of day in quotes, such as "08:00"/,
    ],
    [
      'hours without length',
      file(`${rotation}    restrict: [{ from: "08:00", to: "08:00" }]\n`),
      /^e\.yaml:9:16: schedules\.data\.restrict\[0\]: from and to are the same; a whole day is from 00:00 to 24:00\./,
    ],
    [
      'two others',
      file(
        `${rotation}    restrict: [{ from: "08:00", to: "09:00", else: ana }, { from: "10:00", to: "11:00", else: lead }]\n`,
      ),
      /each else must name the same/,
    ],
    [
      'an override that ends before it begins',
      file(`${rotation}    overrides: [{ contact: ben, from: "2026-12-24T08:00", to: "2026-12-24T08:00" }]\n`),
      /overrides\[0\] ends before it begins/,
    ],
    [
      'overrides that overlap',
      file(`${rotation}    overrides:
      - { contact: ben, from: "2026-12-24T08:00", to: "2026-12-24T18:00" }
      - { contact: ana, from: "2026-12-24T17:00", to: "2026-12-24T20:00" }
`),
      /^e\.yaml:11:9: schedules\.data\.overrides\[1\] overlaps schedules\.data\.overrides\[0\]: two contacts/,
    ],
    [
      'a step with an unknown schedule',
      file(rotation, '{ page: [schedule/date], by: sms, wait: 5m }'),
      /^e\.yaml:10:31: policy "default" pages "schedule\/date": there is no schedule "date"; did you mean "data"\?$/,
    ],
    [
      'a step with the name of a schedule alone',
      file(rotation, '{ page: [data], by: sms, wait: 5m }'),
      /pages "data", who is no contact; did you mean "schedule\/data"\?$/,
    ],
    [
      'an unknown key',
      file(`${rotation}    overides: []\n`),
      /^e\.yaml:9:5: unknown key "overides" in schedules\.data; did you mean "overrides"\?$/,
    ],
    [
      'a step by a channel that somebody of the schedule has no address for',
      file(rotation, '{ page: [schedule/data], by: whatsapp, wait: 5m }'),
      /pages "schedule\/data": by whatsapp: ben of schedule "data" has no "whatsapp"\./,
    ],
    [
      'an owner who may be no contact',
      file(rotation, '{ page: [owner], by: sms, wait: 5m }'),
      /pages "owner": the owner may be no contact, so the file needs a fallback\./,
    ],
    [
      'a fallback without the address that a step with a schedule needs',
      `${file(rotation.replace('[ana, ben]', '[ana]'), '{ page: [schedule/data], by: whatsapp, wait: 5m }')}fallback: lead\n`,
      /pages "schedule\/data": by whatsapp: the fallback "lead" has no "whatsapp"\./,
    ],
    [
      'a contact without an address',
      file(rotation).replace('lead: { phone: "+15550000003" }', 'lead: { tableau: [lead] }'),
      /^e\.yaml:4:3: contacts\.lead has no address: it needs whatsapp, phone or both\./,
    ],
    [
      'a name that only some programs know as a zone',
      file(`${rotation}    overrides: [{ contact: ben, from: "2026-12-24T08:00", to: "2026-12-24T09:00" }]\n`).replace(
        'Europe/Berlin',
        'IST',
      ),
      /there is no time zone "IST"/,
    ],
    [
      'hours that begin at the end of the day',
      file(`${rotation}    restrict: [{ from: "24:00", to: "00:00" }]\n`),
      /restrict\[0\]\.from must be a time of day/,
    ],
    [
      'a key that every object has',
      file(rotation).replace('schedules:', 'schedules:\n  constructor: x'),
      /schedules\.constructor must be/,
    ],
    [
      'one user of Tableau in two contacts',
      file(rotation).replace('ben: { phone', 'ben: { tableau: [ana.lima@EXAMPLE.com], phone'),
      /^e\.yaml:3:20: contacts\.ben\.tableau\[0\] is a name of contact "ana" too\./,
    ],
    [
      'a contact of the key that means the owner',
      file(rotation).replace('lead:', 'owner:'),
      /contacts: "owner" cannot be a key: in a step it means the owner of the item\./,
    ],
  ];
  for (const [what, text, problem] of cases)
    test(what, () => {
      const problems = problemsOf(text);
      assert.ok(
        problems.some((each) => problem.test(each)),
        problems.join('\n') || 'no problem was found',
      );
      assert.equal(problems.length, 1, problems.join('\n'));
    });
});

test('a schedule with hours in which nobody is on call is a warning where the file has no fallback', () => {
  const restrict = '    restrict: [{ days: [mon], from: "08:00", to: "18:00" }]\n';
  const { warnings } = readEscalation('e.yaml', file(`${rotation}${restrict}`));
  assert.deepEqual(warnings, [
    'e.yaml:6:3: schedule "data" has hours with nobody on call, and the file has no fallback: nobody is paged then.',
  ]);
  for (const good of [file(rotation), `${file(`${rotation}${restrict}`)}fallback: lead\n`])
    assert.equal(readEscalation('e.yaml', good).warnings, undefined);
});

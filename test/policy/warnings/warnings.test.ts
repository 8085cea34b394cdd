import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { examine } from '../../../src/policy/load.js';
import { warningsIn } from '../../../src/policy/warnings/warnings.js';

/** A Sunday. */
const from = Date.parse('2026-11-29T12:00:00Z');

/** `path: text` of every warning. */
function warningsOf(text: string): string[] {
  const { source, problems, escalation } = examine('e.yaml', text);
  assert.deepEqual(problems, []);
  return warningsIn(source.value, escalation, from).map((each) => `${each.path.join('.')}: ${each.text}`);
}

const people = `contacts:
  ana: { phone: "+15550000001" }
  ben: { phone: "+15550000002" }
  lead: { phone: "+15550000003" }
`;
const end = `fallback: lead
operators: [lead]
`;
const weekly = '{ contacts: [ana, ben], every: 1w, start: "2026-11-23T09:00" }';
const scheduled = (data: string) => `${people}schedules:
  data:
    timezone: Europe/Berlin
${data}policies:
  default: { steps: [{ page: [schedule/data], by: sms, wait: 5m }] }
`;

test('a file with a rotation that is always covered has no warning', () => {
  assert.deepEqual(warningsOf(scheduled(`    rotation: ${weekly}\n`) + end), []);
});

describe('a gap', () => {
  const workdays = `    rotation: ${weekly}
    restrict: [{ days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00" }]
`;

  test('is named with its dates in the zone of the schedule, the first three of all', () => {
    assert.deepEqual(warningsOf(scheduled(workdays) + end), [
      'schedules.data: schedule "data" has nobody on call from Sun 2026-11-29 13:00 to Mon 2026-11-30 08:00, ' +
        'from Mon 2026-11-30 18:00 to Tue 2026-12-01 08:00, from Tue 2026-12-01 18:00 to Wed 2026-12-02 08:00, ' +
        'and 18 more times within 28 days (Europe/Berlin). Paged then: the fallback "lead".',
    ]);
  });

  test('without a fallback means that nobody is paged, and the file needs one', () => {
    const [gap, ...others] = warningsOf(scheduled(workdays).replace(/ {2}lead.*\n/, ''));
    assert.match(gap ?? '', /\. Paged then: nobody, for there is no fallback\.$/);
    assert.deepEqual(others, [
      ': steps page schedules, and the file has no fallback: where nobody is on call nobody is paged.',
      ': steps page schedules or owners, and the file names no operators, who are to be told of problems of this service.',
    ]);
  });

  test('of one hour, where layers leave it', () => {
    const layers = `    layers:
      - { contacts: [ana], every: 1w, start: "2026-11-02T00:00", hours: [{ from: "00:00", to: "12:00" }] }
      - { contacts: [ben], every: 1w, start: "2026-11-02T00:00", hours: [{ from: "13:00", to: "24:00" }] }
`;
    assert.match(
      warningsOf(scheduled(layers) + end).join(),
      /nobody on call from Mon 2026-11-30 12:00 to Mon 2026-11-30 13:00, .* and 25 more times within 28 days/,
    );
  });

  test('before a rotation that begins later, which is named too', () => {
    const later = `    rotation: { contacts: [ana, ben], every: 1w, start: "2026-12-07T09:00" }\n`;
    assert.deepEqual(warningsOf(scheduled(later) + end), [
      'schedules.data: schedule "data" has nobody on call from Sun 2026-11-29 13:00 to Mon 2026-12-07 09:00 (Europe/Berlin). ' +
        'Paged then: the fallback "lead".',
      'schedules.data.rotation.start: schedules.data.rotation begins on Mon 2026-12-07 09:00 (Europe/Berlin): before that it has nobody on call.',
    ]);
    const never = `    rotation: { contacts: [ana, ben], every: 1w, start: "2027-12-07T09:00" }\n`;
    assert.match(warningsOf(scheduled(never) + end)[0] ?? '', /from Sun 2026-11-29 13:00 on \(Europe\/Berlin\)/);
  });

  test('that does not come in these days is named without a date', () => {
    const covered = `${workdays}    overrides: [{ contact: ben, from: "2026-11-01T00:00", to: "2027-02-01T00:00" }]\n`;
    assert.match(
      warningsOf(scheduled(covered)).join('\n'),
      /^schedules\.data: schedule "data" has hours with nobody on call, and the file has no fallback: nobody is paged then\.$/m,
    );
  });

  test('of a schedule that no step pages is none: the schedule itself has no effect', () => {
    const text = scheduled(workdays).replace('page: [schedule/data]', 'page: [ana, ben]') + end;
    assert.deepEqual(warningsOf(text), ['schedules.data: schedule "data" is paged by no step.']);
  });
});

describe('double duty', () => {
  const two = (steps: string) => `${people}schedules:
  data: { timezone: Europe/Berlin, rotation: ${weekly} }
  ops: { timezone: America/New_York, rotation: { contacts: [lead, ana], every: 1w, start: "2026-11-23T09:00" } }
policies:
  default: { steps: [${steps}] }
${end}`;
  test('in one step is named with its first time', () => {
    // Both hand over to ben on 30 November at nine, in New York six hours later.
    const text = two('{ page: [schedule/data, schedule/ops], by: sms, wait: 5m }').replace(
      '[lead, ana]',
      '[lead, ben, ana]',
    );
    assert.deepEqual(warningsOf(text), [
      'policies.default.steps.0.page.1: policy "default" pages schedule/data and schedule/ops by sms, and both are "ben" ' +
        'from Mon 2026-11-30 15:00 to Mon 2026-12-07 09:00 (Europe/Berlin): one person for two.',
    ]);
  });

  test('in two steps by one channel, too, also only for the hours between two hand-overs', () => {
    const text = two(
      '{ page: [schedule/data], by: sms, wait: 5m }, { page: [schedule/ops, schedule/data], by: sms, wait: 5m }',
    );
    // ops hands over from ana to lead six hours after data hands over from ben to ana.
    assert.deepEqual(warningsOf(text), [
      'policies.default.steps.1.page.0: policy "default" pages schedule/data and schedule/ops by sms, and both are "ana" ' +
        'from Mon 2026-12-07 09:00 to Mon 2026-12-07 15:00 (Europe/Berlin): one person for two.',
    ]);
  });

  test('by two channels is none, nor one schedule in two steps', () => {
    for (const steps of [
      '{ page: [schedule/data], by: sms, wait: 5m }, { page: [schedule/ops], by: call, wait: 5m }',
      '{ page: [schedule/data], by: sms, wait: 5m }, { page: [schedule/data], by: sms, wait: 5m }, { page: [schedule/ops], by: call, wait: 5m }',
    ])
      assert.deepEqual(warningsOf(two(steps)), []);
  });
});

describe('what has no effect', () => {
  test('is a contact, a schedule or a policy that nothing uses', () => {
    const text = `${people}  dave: { phone: "+15550000004" }
  olga: { phone: "+15550000005" }
schedules:
  night: { timezone: Europe/Berlin, rotation: { contacts: [dave], every: 1d, start: "2026-11-01T00:00" } }
policies:
  default: { steps: [{ page: [ana, ben], by: sms, wait: 5m }] }
  spare: { steps: [{ page: [lead], by: sms, wait: 5m }] }
operators: [olga]
`;
    assert.deepEqual(warningsOf(text), [
      'contacts.dave: contact "dave" can be paged by no policy.',
      'schedules.night: schedule "night" is paged by no step.',
      'policies.spare: policy "spare" is used by no route.',
    ]);
  });
});

test('contacts whom a calendar may name have an effect', () => {
  const text = `contacts:
  ana: { phone: "+15550000001", tableau: [ana@example.com] }
  ben: { phone: "+15550000002" }
  lead: { phone: "+15550000003" }
schedules:
  data: { ical: ./data.ics }
policies:
  default: { steps: [{ page: [schedule/data], by: sms, wait: 5m }] }
${end}`;
  assert.deepEqual(warningsOf(text), []);
  assert.deepEqual(warningsOf(text.replace('./data.ics', './data.ics, match: { email: tableau }')), [
    'contacts.ben: contact "ben" can be paged by no policy.',
  ]);
});

test('steps that page owners need operators', () => {
  const text = `contacts:
  ana: { phone: "+15550000001", tableau: [ana] }
policies:
  default: { steps: [{ page: [owner], by: sms, wait: 5m }] }
fallback: ana
`;
  assert.deepEqual(warningsOf(text), [
    ': steps page schedules or owners, and the file names no operators, who are to be told of problems of this service.',
  ]);
});

test('problems leave the warnings of routes', () => {
  const { source, problems, escalation } = examine(
    'e.yaml',
    `contacts: { ana: { phone: "+15550000001" } }
policies:
  default: { steps: [{ page: [ana], by: sms, wait: soon }] }
routes:
  - { events: ["*"], policy: default }
  - { events: ["*"], policy: default }
`,
  );
  assert.equal(problems.length, 1);
  assert.equal(escalation, null);
  assert.deepEqual(
    warningsIn(source.value, escalation, from).map(({ path }) => path.join('.')),
    ['routes.1'],
  );
});

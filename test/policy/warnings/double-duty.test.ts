import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readEscalation } from '../../../src/policy/load.js';
import { clockText } from '../../../src/policy/local-time.js';
import { dutyAt, type Schedule } from '../../../src/policy/on-call.js';
import type { Escalation } from '../../../src/policy/route.js';
import { doubleDuty } from '../../../src/policy/warnings/double-duty.js';
import { plannedFrom } from '../../../src/policy/warnings/shifts.js';
import { caseCount } from '../../helpers/case-count.js';

const from = Date.parse('2026-11-29T12:00:00Z');
const textsOf = (escalation: Escalation): string[] =>
  doubleDuty(escalation, plannedFrom(escalation, from)).map(({ text }) => text);

const file = (steps: string, more = '') => `contacts: { ana: { phone: "+15550000001" }, ben: { phone: "+15550000002" } }
schedules:
  data: { timezone: Europe/Berlin, rotation: { contacts: [ana, ben], every: 1d, start: "2026-11-01T09:00" }${more} }
  ops: { timezone: Europe/Berlin, rotation: { contacts: [ana, ben], every: 1d, start: "2026-11-01T09:00" }${more} }
  web: { timezone: Europe/Berlin, rotation: { contacts: [ben, ana], every: 1d, start: "2026-11-01T09:00" }${more} }
policies: { default: { steps: [${steps}] } }
fallback: ana
`;
const escalationOf = (steps: string, more?: string): Escalation => readEscalation('e.yaml', file(steps, more));

describe('one contact who is on call by two schedules', () => {
  test('is named once for two schedules, by whatever channels a policy pages them', () => {
    const steps = ['sms', 'call']
      .map((by) => `{ page: [schedule/data, schedule/ops], by: ${by}, wait: 5m }`)
      .join(', ');
    assert.deepEqual(textsOf(escalationOf(steps)), [
      'policy "default" pages schedule/data and schedule/ops by sms, and both are "ana" from Sun 2026-11-29 13:00 to ' +
        'Mon 2026-11-30 09:00 (Europe/Berlin): one person for two.',
    ]);
  });

  test('is somebody: hours in which neither has anybody are gaps', () => {
    const never = ', restrict: [{ days: [mon], from: "08:00", to: "18:00" }]';
    assert.deepEqual(textsOf(escalationOf('{ page: [schedule/data, schedule/web], by: sms, wait: 5m }', never)), []);
  });

  test('is found at the first time that both name the same contact', () => {
    const rotation = fc.record({
      contacts: fc.shuffledSubarray(['ana', 'ben', 'cleo', 'dan'], { minLength: 1 }),
      every: fc.constantFrom({ hours: 12 }, { days: 1 }, { days: 2 }, { days: 7 }),
      start: fc.constantFrom('2026-11-02T09:00', '2026-11-04T12:00', '2026-12-06T18:00'),
    });
    const schedule: fc.Arbitrary<Schedule> = fc.record({
      timezone: fc.constant('Europe/Berlin'),
      rotations: rotation.map((each) => [each]),
      overrides: fc.constantFrom([], [{ contact: 'eva', from: from + 3_600_000, to: from + 7_200_000 }]),
    });
    const paging = escalationOf('{ page: [schedule/data, schedule/ops], by: sms, wait: 5m }');
    fc.assert(
      fc.property(schedule, schedule, (data, ops) => {
        const escalation = { ...paging, schedules: { data, ops } };
        const edges = plannedFrom(escalation, from).flatMap(({ shifts }) => shifts.map((shift) => shift.from));
        const first = edges
          .toSorted((one, other) => one - other)
          .find((at) => dutyAt(data, at).contact !== null && dutyAt(data, at).contact === dutyAt(ops, at).contact);
        const texts = textsOf(escalation);
        assert.equal(texts.length, first === undefined ? 0 : 1);
        if (first === undefined) return;
        const expected = `"${dutyAt(data, first).contact}" from ${clockText(first, 'Europe/Berlin')} to `;
        assert.ok(texts[0]?.includes(expected), `${texts[0]} lacks ${expected}`);
      }),
      { numRuns: caseCount(300) },
    );
  });
});

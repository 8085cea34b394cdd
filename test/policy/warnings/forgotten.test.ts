import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readEscalation } from '../../../src/policy/load.js';
import { forgottenTooSoon } from '../../../src/policy/warnings/forgotten.js';
import { day, hour, minute, type Policy } from '../../../src/workflows/contract.js';
import { createIncident } from '../../helpers/incident.js';

const textsOf = (policy: string, forget: string): string[] =>
  forgottenTooSoon(
    readEscalation(
      'e.yaml',
      `contacts: { ana: { phone: "+15550000001" } }
policies:
  default: { ${policy} }
settings: { forget: ${forget} }
`,
    ),
  ).map(({ path, text }) => `${path.join('.')}: ${text}`);
const steps = (...waits: string[]) =>
  `steps: [${waits.map((wait) => `{ page: [ana], by: sms, wait: ${wait} }`).join(', ')}]`;

describe('a policy that plans for a time when the incident is forgotten', () => {
  test('has the step named with which that begins', () => {
    assert.deepEqual(textsOf(`${steps('1h', '90m', '1h')}, remind: 1h`, '2h'), [
      'policies.default.steps: policy "default" takes 3h30m for its steps, but without an event for 2h (settings.forget) an incident is forgotten: ' +
        'unless it fails again, what begins with steps[2] may never be taken.',
    ]);
    assert.match(
      textsOf(`${steps('30m', '30m')}, repeat: 3, remind: 1h`, '80m').join(),
      /takes 4h for its steps, but without an event for 1h20m .* begins with steps\[1\] of repetition 1 may never be taken\.$/,
    );
    assert.match(
      textsOf(`${steps('1h', '61m')}, remind: 1h`, '2h').join(),
      /the alarm that nobody answered may never come\.$/,
    );
    assert.deepEqual(textsOf(`${steps('1h', '1h')}, remind: 1h`, '2h'), []);
  });

  test('or reminds too late, by its own time or that of every policy', () => {
    const late = (after: string, forget: string) =>
      `policies.default.remind: policy "default" reminds after ${after}, but without an event for ${forget} (settings.forget) ` +
      'an incident is forgotten: unless it fails again there may be no reminder.';
    assert.deepEqual(textsOf(`${steps('5m')}, remind: 10d`, '7d'), [late('10d', '7d')]);
    assert.deepEqual(textsOf(steps('5m'), '3h'), [late('4h', '3h')]);
    assert.deepEqual(textsOf(steps('5m'), '5h'), []);
  });
});

describe('and that is what an incident does', () => {
  const policy = (waitsMs: number[], remindMs = hour): Policy => ({
    name: 'default',
    steps: waitsMs.map((waitMs) => ({ page: ['ana'], by: 'sms', waitMs })),
    repeat: 0,
    remindMs,
  });

  test('a step that is due when the incident is forgotten is never taken', () => {
    const incident = createIncident(policy([4 * day, 4 * day, hour]));
    incident.fails();
    incident.later(7 * day);
    incident.tableau.reportsItem({ state: 'failing', inARow: 1 });
    incident.later(2 * day);
    assert.deepEqual(incident.pages(), ['sms ana', 'sms ana']);
    assert.equal(incident.incident.state, 'forgotten');
    assert.equal(incident.alarms(), 0);
  });

  test('nor is anybody reminded then', () => {
    const incident = createIncident(policy([hour], 8 * day));
    incident.fails();
    incident.answers({ contact: 'ana' });
    incident.later(7 * day);
    incident.tableau.reportsItem({ state: 'failing', inARow: 1 });
    incident.later(2 * day);
    assert.ok(!incident.notices().includes('reminder ana'), incident.notices().join());
  });

  test('steps of more than an hour, or longer than until the reminder, are no reason for a warning', () => {
    assert.deepEqual(textsOf(`${steps('40m', '40m', '40m')}, remind: 30m`, '7d'), []);
    const incident = createIncident(policy([40 * minute, 40 * minute, 40 * minute], 30 * minute));
    for (let minutes = 0; minutes < 120; minutes += 15) {
      incident.fails();
      incident.later(15 * minute);
    }
    // Failures while the steps are taken begin nothing: each step was taken once, and then came the last page.
    assert.deepEqual(incident.pages(), ['sms ana', 'sms ana', 'sms ana', 'sms ana']);
    assert.equal(incident.alarms(), 1);
    incident.later(10 * minute);
    assert.equal(incident.pages().length, 4);
    // The next one after their end begins them again, once.
    incident.fails();
    incident.later(minute);
    assert.equal(incident.pages().length, 5);
  });
});

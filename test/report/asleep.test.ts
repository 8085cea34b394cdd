import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readEscalation } from '../../src/policy/load.js';
import { localTimeAt } from '../../src/policy/local-time.js';
import { createIsAsleep, isAsleep } from '../../src/report/asleep.js';
import { createLocalClock } from '../../src/report/local-clock.js';
import { minute } from '../../src/workflows/contract.js';

/** With both changes of daylight saving. */
const period = { from: Date.parse('2026-03-01T00:00:00Z'), to: Date.parse('2026-12-01T00:00:00Z') };
const time = fc.integer({ min: period.from / minute, max: period.to / minute - 1 }).map((minutes) => minutes * minute);

test('who sleeps when is the same for many times as for each alone', () => {
  const escalation = readEscalation(
    'e.yaml',
    `contacts:
  ana: { phone: "+15550000001", timezone: Europe/Berlin, quiet: { from: "23:00", to: "02:30" } }
  ben: { phone: "+15550000002", timezone: Australia/Lord_Howe }
  eve: { phone: "+15550000004", timezone: America/New_York, quiet: { from: "02:00", to: "01:30" } }
policies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] } }
`,
  );
  const sleeps = createIsAsleep(escalation, period);
  const contact = fc.constantFrom('ana', 'ben', 'eve', 'gone');
  const check = (who: string, at: number): void =>
    assert.equal(sleeps(who, at), isAsleep(escalation, who, at), `${who} at ${new Date(at).toISOString()}`);
  fc.assert(fc.property(contact, time, check));
  // Around the changes.
  for (const day of ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01'])
    for (let at = Date.parse(`${day}T00:00:00Z`) - 720 * minute; at < Date.parse(`${day}T23:00:00Z`); at += 30 * minute)
      for (const who of ['ana', 'ben', 'eve']) check(who, at);
});

test('dates and hours on a clock are the same for many times as for each alone', () => {
  for (const zone of ['Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/Sao_Paulo', 'UTC']) {
    const clock = createLocalClock(zone);
    fc.assert(
      fc.property(time, (at) => {
        const local = localTimeAt(at, zone);
        assert.deepEqual(clock(at), { date: local.toPlainDate().toString(), hour: local.hour }, `${zone} ${at}`);
      }),
    );
  }
});

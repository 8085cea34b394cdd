/** Severities and quiet hours in the escalation file. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { plannedPages } from '../../src/policy/explain.js';
import { examine, readEscalation } from '../../src/policy/load.js';
import { quietHoursAt, quietUntil } from '../../src/policy/quiet-hours.js';
import { canBePaged } from '../../src/policy/route.js';
import { warningsIn } from '../../src/policy/warnings/warnings.js';
import { caseCount } from '../helpers/case-count.js';

const contacts = `contacts:
  ana: { whatsapp: "+15550000001", phone: "+15550000001", timezone: Europe/Berlin, quiet: { from: "22:00", to: "07:00" } }
  ben: { whatsapp: "+15550000002" }
  lead: { phone: "+15550000003" }
`;
const file = (severity: string, steps: string, more = ''): string => `${contacts}policies:
  default:
    severity: ${severity}
    steps: [${steps}]
${more}`;
const whatsapp = '{ page: [ana, ben], by: whatsapp, wait: 5m }';
const call = '{ page: [lead], by: call, wait: 5m }';
const policyOf = (text: string) => readEscalation('e.yaml', text).policies['default'];
const problemsOf = (text: string) => examine('e.yaml', text).problems;
const warningsOf = (text: string): string[] => {
  const { source, escalation } = examine('e.yaml', text);
  return warningsIn(source.value, escalation, 0).map(({ path, text: sentence }) => `${path.join('.')}: ${sentence}`);
};

describe('a policy', () => {
  test('of high severity is as written', () => {
    const [high, unsaid] = [
      policyOf(file('high', whatsapp)),
      policyOf(file('high', whatsapp).replace(/ *severity.*\n/, '')),
    ];
    assert.deepEqual(high, unsaid);
    assert.deepEqual(high?.steps, [{ page: ['ana', 'ben'], by: 'whatsapp', waitMs: 300_000 }]);
    assert.equal(high?.severity, undefined);
  });

  test('of low severity never calls: its calls go by SMS, also for the fallback', () => {
    const low = policyOf(file('low', `${whatsapp}, ${call}`, 'fallback: lead\n'));
    assert.deepEqual(
      low?.steps.map(({ by }) => by),
      ['whatsapp', 'sms'],
    );
    assert.deepEqual(low?.fallback, { contact: 'lead', channels: ['sms'] });
    assert.equal(low?.severity, 'low');
  });

  test('of critical severity calls as well whom its first step pages, where they have a phone', () => {
    const critical = policyOf(file('critical', `${whatsapp}, ${whatsapp}`));
    assert.deepEqual(
      critical?.steps.map(({ calls }) => calls),
      [['ana'], undefined],
    );
    assert.deepEqual(policyOf(file('critical', call))?.steps, policyOf(file('high', call))?.steps);
    const owned = policyOf(file('critical', '{ page: [owner], by: sms, wait: 5m }', 'fallback: lead\n'));
    assert.deepEqual(owned?.steps[0]?.calls, ['ana', 'lead']);
    const escalation = readEscalation('e.yaml', file('critical', whatsapp));
    assert.deepEqual([canBePaged(escalation, 'ana', 'call'), canBePaged(escalation, 'ben', 'call')], [true, false]);
    const pages = critical ? plannedPages(escalation, critical, { at: 0 }) : [];
    assert.deepEqual(
      pages.slice(0, 3).map(({ at, by, contact }) => `${at} ${by} ${contact}`),
      ['0 whatsapp ana', '0 whatsapp ben', '0 call ana'],
    );
  });

  test('of another severity is refused, with what may be meant', () => {
    assert.deepEqual(problemsOf(file('critcal', whatsapp)), [
      {
        line: 7,
        column: 5,
        text: 'policies.default.severity must be low, high or critical; did you mean "critical"?',
      },
    ]);
    assert.match(problemsOf(file('1', whatsapp))[0]?.text ?? '', /severity must be low, high or critical\.$/);
  });

  test('that is low and calls, or critical and cannot, is a warning', () => {
    assert.deepEqual(warningsOf(file('low', `${whatsapp}, ${call}`)), [
      'policies.default.steps.1.by: policy "default" is low, and never calls: steps[1] goes by sms.',
    ]);
    const [first, ...others] = warningsOf(file('critical', '{ page: [ben], by: whatsapp, wait: 5m }'));
    assert.match(first ?? '', /ana.* no policy/);
    assert.ok(
      others.some((text) =>
        /^policies\.default\.severity: .* nobody whom its first step pages has a "phone"/.test(text),
      ),
    );
  });
});

describe('quiet hours', () => {
  const quiet = (from: string, to: string) =>
    file('low', whatsapp).replace('from: "22:00", to: "07:00"', `from: ${from}, to: ${to}`);

  test('that are wrong are refused where they stand', () => {
    assert.deepEqual(problemsOf(quiet('"07:00"', '"07:00"')), [
      { line: 2, column: 108, text: 'contacts.ana.quiet.to must be another time than from: quiet hours have an end.' },
    ]);
    assert.equal(problemsOf(quiet('"00:00"', '"24:00"')).length, 1);
    assert.match(
      problemsOf(quiet('"25:00"', '"07:00"'))[0]?.text ?? '',
      /^contacts\.ana\.quiet\.from must be a time of day/,
    );
    assert.match(
      problemsOf(quiet('22', '"07:00"'))[0]?.text ?? '',
      /^contacts\.ana\.quiet\.from must be a time of day/,
    );
    const missing = file('low', whatsapp).replace('from: "22:00", ', '');
    assert.match(problemsOf(missing)[0]?.text ?? '', /^contacts\.ana\.quiet: "from" is missing/);
    const until = file('low', whatsapp).replace('to: "07:00"', 'until: "07:00"');
    assert.ok(problemsOf(until).some(({ text }) => /unknown key "until" in contacts\.ana\.quiet/.test(text)));
  });

  test('of a contact whom no low policy can page are a warning', () => {
    const without = (text: string) => warningsOf(text).filter((warning) => warning.startsWith('contacts.ana.quiet'));
    assert.equal(without(file('high', whatsapp)).length, 1);
    assert.deepEqual(without(file('low', whatsapp)), []);
    assert.equal(without(file('low', '{ page: [ben], by: whatsapp, wait: 5m }')).length, 1);
    assert.deepEqual(without(file('low', '{ page: [ben], by: whatsapp, wait: 5m }', 'fallback: ana\n')), []);
  });

  const escalation = readEscalation('e.yaml', file('low', whatsapp));
  const until = (at: string): string | null => {
    const end = quietUntil(escalation, 'ana', Date.parse(at));
    return end === null ? null : new Date(end).toISOString();
  };

  test('are on the clock of the contact, pass midnight, and end when daylight saving says', () => {
    assert.equal(until('2026-11-30T21:00:00Z'), '2026-12-01T06:00:00.000Z');
    assert.equal(until('2026-11-30T20:59:59Z'), null);
    assert.equal(until('2026-12-01T06:00:00Z'), null);
    assert.equal(until('2026-03-28T21:00:00Z'), '2026-03-29T05:00:00.000Z');
    assert.equal(quietUntil(escalation, 'ben', 0), null);
    assert.equal(quietUntil(escalation, 'nobody', 0), null);
  });

  const skipped = { ...escalation, contacts: { ana: { timezone: 'Europe/Berlin', quiet: { from: 1_320, to: 150 } } } };
  test('whose end is skipped end after the gap, and whose end comes twice at the first', () => {
    const end = (at: string): string => new Date(quietUntil(skipped, 'ana', Date.parse(at)) ?? 0).toISOString();
    assert.equal(end('2026-03-28T23:00:00Z'), '2026-03-29T01:30:00.000Z');
    assert.equal(end('2026-10-24T23:00:00Z'), '2026-10-25T00:30:00.000Z');
  });

  test('are the next ones where a time is in none', () => {
    const next = quietHoursAt(escalation, 'ana', Date.parse('2026-03-28T12:00:00Z'));
    assert.deepEqual(next, { from: Date.parse('2026-03-28T21:00:00Z'), until: Date.parse('2026-03-29T05:00:00Z') });
    const present = quietHoursAt(escalation, 'ana', Date.parse('2026-03-28T21:00:00Z'));
    assert.deepEqual(present, { until: Date.parse('2026-03-29T05:00:00Z') });
    assert.equal(quietHoursAt(escalation, 'ben', 0), null);
  });

  test('go on where their end comes after the next beginning', () => {
    const long = { ...escalation, contacts: { ana: { timezone: 'Europe/Berlin', quiet: { from: 180, to: 150 } } } };
    const end = quietUntil(long, 'ana', Date.parse('2026-03-29T00:00:00Z')) ?? 0;
    assert.equal(new Date(end).toISOString(), '2026-03-30T00:30:00.000Z');
  });

  test('end, in any zone at any time, at the local time that the file says, and nobody is quiet then', () => {
    const zones = [
      'Europe/Berlin',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Asia/Kolkata',
      'Africa/Casablanca',
      'UTC',
    ];
    const day = 24 * 60;
    const time = fc.integer({ min: 0, max: day - 1 });
    let quietTimes = 0;
    const property = fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2027-12-31T00:00:00Z') }),
      time,
      time,
      (timezone, at, from, to) => {
        fc.pre(from !== to);
        const one = { ...escalation, contacts: { ana: { timezone, quiet: { from, to } } } };
        const end = quietUntil(one, 'ana', at);
        const clock = (instant: number): Temporal.ZonedDateTime =>
          Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timezone);
        const minuteOf = ({ hour, minute }: Temporal.ZonedDateTime): number => hour * 60 + minute;
        const now = clock(at);
        // On other days nothing depends on the clock change.
        const isPlain = [-1, 0, 1].every((days) => now.add({ days }).hoursInDay === 24);
        if (isPlain) {
          const minute = minuteOf(now);
          assert.equal(end !== null, from < to ? from <= minute && minute < to : minute >= from || minute < to);
        }
        if (end === null) return;
        quietTimes += 1;
        assert.ok(end > at && end - at <= 49 * 3_600_000);
        assert.equal(quietUntil(one, 'ana', end), null);
        const shown = minuteOf(clock(end));
        const gapMinutes = day - clock(end).hoursInDay * 60;
        assert.ok(shown === to || (gapMinutes > 0 && (to + gapMinutes) % day === shown), `${shown} ${to}`);
      },
    );
    const cases = caseCount(3_000);
    fc.assert(property, { numRuns: cases, seed: 1 });
    assert.ok(quietTimes > cases / 3);
  });
});

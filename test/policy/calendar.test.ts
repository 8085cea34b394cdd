import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError } from '../../src/config/config-error.js';
import { maskedAddress, turnsOf, type Calendar } from '../../src/policy/calendar.js';
import { readEscalation } from '../../src/policy/load.js';
import { contactsOn, dutyAt, onCallAt, shiftsBetween, type Schedule } from '../../src/policy/on-call.js';

const names = {
  contacts: { ana: {}, ben: {}, lead: {}, 'data-lead': {} },
  owners: { 'ana.lima@example.com': 'ana', ben: 'ben' },
};

function whoIs(summary: string, by: Calendar['by'] = 'key', emails: string[] = []): string | undefined {
  return turnsOf([{ from: 0, to: 1, summary, emails }], by, names).turns[0]?.contact;
}

describe('the contact of an event', () => {
  test('is the one whose key is its title, or a whole word of it, in any case', () => {
    for (const title of ['ana', 'Ana on call', 'On call: ANA.', 'On-call (ana)', 'ana, then ben', 'Bereitschaft – Ana'])
      assert.equal(whoIs(title), 'ana', title);
    assert.equal(whoIs('data-lead on call'), 'data-lead');
    for (const title of ['', 'anna', 'Susana', 'änana', 'ana_2', 'ana-lima', 'ana.lima@example.com', 'constructor'])
      assert.equal(whoIs(title), undefined, title);
  });

  test('is with email: tableau the one with the address of somebody who attends, or of the title', () => {
    assert.equal(whoIs('On call', 'tableau', ['x@example.com', 'ana.lima@example.com']), 'ana');
    assert.equal(whoIs('On call: Ana.Lima@Example.com.', 'tableau'), 'ana');
    for (const title of ['ana', 'ben', 'xana.lima@example.com', 'constructor'])
      assert.equal(whoIs(title, 'tableau'), undefined);
  });

  test('and events that name none are counted', () => {
    const event = (summary: string, from: number) => ({ from, to: from + 1, summary, emails: [] });
    assert.deepEqual(turnsOf([event('ben', 2), event('holiday', 0), event('ana', 1)], 'key', names), {
      turns: [
        { contact: 'ana', from: 1, to: 2 },
        { contact: 'ben', from: 2, to: 3 },
      ],
      unnamed: 1,
    });
  });
});

test('turns of one contact without a gap or another contact between them are one', () => {
  const hours = Array.from({ length: 100 }, (_, n) => ({ from: n, to: n + 1, summary: 'ana', emails: [] }));
  const ben = { from: 50, to: 52, summary: 'ben', emails: [] };
  assert.deepEqual(turnsOf(hours, 'key', names).turns, [{ contact: 'ana', from: 0, to: 100 }]);
  assert.deepEqual(turnsOf([...hours, ben], 'key', names).turns, [
    { contact: 'ana', from: 0, to: 51 },
    { contact: 'ben', from: 50, to: 52 },
    { contact: 'ana', from: 51, to: 100 },
  ]);
});

describe('a schedule with turns', () => {
  const hour = 3_600_000;
  const schedule: Schedule = {
    timezone: 'UTC',
    rotations: [],
    overrides: [{ contact: 'lead', from: 6 * hour, to: 7 * hour }],
    turns: [
      { contact: 'ana', from: 0, to: 10 * hour },
      { contact: 'ben', from: 4 * hour, to: 8 * hour },
      { contact: 'ana', from: 12 * hour, to: 14 * hour },
    ],
  };

  test('has on call whose turn began last, nobody between turns, and overrides before all', () => {
    assert.deepEqual(
      shiftsBetween(schedule, 0, 14 * hour).map(({ contact, from }) => [contact, from / hour]),
      [
        ['ana', 0],
        ['ben', 4],
        ['lead', 6],
        ['ben', 7],
        ['ana', 8],
        [null, 10],
        ['ana', 12],
      ],
    );
    assert.equal(dutyAt(schedule, 14 * hour).contact, null);
    const { now, next } = onCallAt(schedule, 8 * hour);
    assert.deepEqual([now.contact, now.until, next?.contact], ['ana', 10 * hour, null]);
    assert.deepEqual(new Set(contactsOn(schedule)), new Set(['ana', 'ben', 'lead']));
  });
});

const file = (schedule: string) => `contacts: { ana: { phone: "+15550000001" } }
schedules:
  ops: ${schedule}
policies: { default: { steps: [{ page: [schedule/ops], by: sms, wait: 5m }] } }
fallback: ana
`;

function problemsOf(schedule: string): string[] {
  try {
    readEscalation('e.yaml', file(schedule));
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
}

describe('ical in the file', () => {
  test('is an https address, or a path relative to the file, without turns at first', () => {
    const read = (schedule: string) => readEscalation('/etc/pager/e.yaml', file(schedule));
    const ops = read('{ ical: "https://calendar.example.com/ops.ics?secret", match: { email: tableau } }');
    assert.deepEqual(ops.calendars, { ops: { address: 'https://calendar.example.com/ops.ics?secret', by: 'tableau' } });
    assert.deepEqual(ops.schedules, { ops: { timezone: 'UTC', rotations: [], overrides: [] } });
    assert.deepEqual(read('{ ical: "webcal://calendar.example.com/ops.ics", timezone: Europe/Berlin }').calendars, {
      ops: { address: 'https://calendar.example.com/ops.ics', by: 'key', timezone: 'Europe/Berlin' },
    });
    assert.equal(read('{ ical: ./ops.ics }').calendars?.['ops']?.address, '/etc/pager/ops.ics');
    assert.equal(read('{ ical: /srv/ops.ics }').calendars?.['ops']?.address, '/srv/ops.ics');
  });

  test('may go with restricted hours and overrides, which need a zone', () => {
    const override = 'overrides: [{ contact: ana, from: "2026-12-24T08:00", to: "2026-12-24T12:00" }]';
    assert.deepEqual(problemsOf(`{ ical: ./ops.ics, timezone: UTC, ${override} }`), []);
    assert.deepEqual(problemsOf(`{ ical: ./ops.ics, ${override} }`), [
      'e.yaml:3:3: schedules.ops: "timezone" is missing; it must be an IANA time zone, such as Europe/Berlin.',
    ]);
  });

  test('is refused with its line where it cannot be used, and its address is not shown', () => {
    const wrong: [string, RegExp][] = [
      [
        '{ ical: "http://calendar.example.com/secret" }',
        /^e\.yaml:3:\d+: schedules\.ops\.ical must be an https address or the path of a file: http is not encrypted\.$/,
      ],
      [
        '{ ical: "ftp://calendar.example.com/secret" }',
        /^e\.yaml:3:\d+: schedules\.ops\.ical must be an https address or the path of a file\.$/,
      ],
      [
        '{ ical: "https://" }',
        /^e\.yaml:3:\d+: schedules\.ops\.ical must be an https address or the path of a file\.$/,
      ],
      ['{ ical: 5 }', /^e\.yaml:3:\d+: schedules\.ops\.ical must be/],
      ['{ ical: ./ops.ics, match: { email: work } }', /^e\.yaml:3:\d+: schedules\.ops\.match\.email must be tableau/],
      ['{ ical: ./ops.ics, match: { summary: key } }', /^e\.yaml:3:\d+: (unknown key "summary"|schedules\.ops\.match)/],
      [
        '{ timezone: UTC, rotation: { contacts: [ana], every: 1d, start: "2026-11-01T00:00" }, match: { email: tableau } }',
        /^e\.yaml:3:\d+: schedules\.ops\.match says how events name contacts: it needs ical\.$/,
      ],
      [
        '{ ical: ./ops.ics, timezone: UTC, layers: [{ contacts: [ana], every: 1d, start: "2026-11-01T00:00" }] }',
        /^e\.yaml:3:\d+: schedules\.ops must have either rotation, layers or ical\.$/,
      ],
      [
        '{ ical: ./ops.ics, timezone: Mars/Olympus }',
        /^e\.yaml:3:\d+: schedules\.ops: there is no time zone "Mars\/Olympus"/,
      ],
      [
        '{ rotation: { contacts: [ana], every: 1d, start: "2026-11-01T00:00" } }',
        /^e\.yaml:3:\d+: schedules\.ops: "timezone" is missing/,
      ],
    ];
    for (const [schedule, problem] of wrong) {
      const [first = ''] = problemsOf(schedule);
      assert.match(first, problem);
      assert.doesNotMatch(first, /secret/);
    }
  });
});

test('an address is shown without what may be secret', () => {
  assert.equal(
    maskedAddress('https://user:word@calendar.example.com/secret/ops.ics?key=secret'),
    'https://calendar.example.com/***',
  );
  assert.equal(maskedAddress('/srv/ops.ics'), '/srv/ops.ics');
});

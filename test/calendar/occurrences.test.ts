import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { occurrencesIn, type Expansion } from '../../src/calendar/occurrences.js';
import { CalendarProblem } from '../../src/calendar/problem.js';
import { calendar, event } from './texts.js';

const at = (iso: string) => Date.parse(iso);
const october: Expansion = { from: at('2026-10-01T00:00Z'), to: at('2026-12-01T00:00Z') };

/** `from/to title` of each, in UTC and without what is always zero. */
function rows(text: string, expansion: Expansion = october): string[] {
  const iso = (time: number) => new Date(time).toISOString().replace(':00.000Z', '');
  return occurrencesIn(text, expansion).occurrences.map(
    ({ from, to, summary }) => `${iso(from)}/${iso(to)} ${summary}`,
  );
}

const berlin = [
  'BEGIN:VTIMEZONE',
  'TZID:Europe/Berlin',
  'BEGIN:DAYLIGHT',
  'TZOFFSETFROM:+0100',
  'TZOFFSETTO:+0200',
  'DTSTART:19700329T020000',
  'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
  'END:DAYLIGHT',
  'BEGIN:STANDARD',
  'TZOFFSETFROM:+0200',
  'TZOFFSETTO:+0100',
  'DTSTART:19701025T030000',
  'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
  'END:STANDARD',
  'END:VTIMEZONE',
];

/** A name, the lines within the calendar, how it is expanded, and the occurrences. */
const tables: [string, string[], Partial<Expansion>, string[]][] = [
  [
    'a weekly rota over the end of daylight saving hands over at the local hour, without a gap',
    [
      ...berlin,
      ...event(
        'DTSTART;TZID=Europe/Berlin:20261012T090000',
        'DTEND;TZID=Europe/Berlin:20261019T090000',
        'RRULE:FREQ=WEEKLY;COUNT=3',
        'SUMMARY:ana',
      ),
    ],
    {},
    [
      '2026-10-12T07:00/2026-10-19T07:00 ana',
      '2026-10-19T07:00/2026-10-26T08:00 ana',
      '2026-10-26T08:00/2026-11-02T08:00 ana',
    ],
  ],
  [
    'and over its beginning, given as a duration',
    event(
      'DTSTART;TZID=Europe/Berlin:20260323T090000',
      'DURATION:P1W',
      'RRULE:FREQ=WEEKLY;UNTIL=20260330T070000Z',
      'SUMMARY:ana',
    ),
    { from: at('2026-03-01T00:00Z'), to: at('2026-04-30T00:00Z') },
    ['2026-03-23T08:00/2026-03-30T07:00 ana', '2026-03-30T07:00/2026-04-06T07:00 ana'],
  ],
  [
    'at an hour that the clock skips on one day a daily one begins after the gap on that day alone, and ends at its hour',
    event(
      'DTSTART;TZID=Europe/Berlin:20260328T023000',
      'DTEND;TZID=Europe/Berlin:20260328T103000',
      'RRULE:FREQ=DAILY;COUNT=3',
      'SUMMARY:ana',
    ),
    { from: at('2026-03-01T00:00Z'), to: at('2026-04-30T00:00Z') },
    [
      '2026-03-28T01:30/2026-03-28T09:30 ana',
      '2026-03-29T01:30/2026-03-29T08:30 ana',
      '2026-03-30T00:30/2026-03-30T08:30 ana',
    ],
  ],
  [
    'and a weekly one that begins in the gap is at its hour in the weeks that follow',
    event('DTSTART;TZID=Europe/Berlin:20260329T023000', 'DURATION:P1W', 'RRULE:FREQ=WEEKLY;COUNT=2', 'SUMMARY:ana'),
    { from: at('2026-03-01T00:00Z'), to: at('2026-04-30T00:00Z') },
    ['2026-03-29T01:30/2026-04-05T00:30 ana', '2026-04-05T00:30/2026-04-12T00:30 ana'],
  ],
  [
    'at an hour that comes twice the first counts, and an exception there is found',
    [
      ...event('DTSTART;TZID=Europe/Berlin:20261025T023000', 'DURATION:PT2H', 'SUMMARY:once'),
      ...event(
        'UID:nights',
        'DTSTART;TZID=Europe/Berlin:20261024T023000',
        'DTEND;TZID=Europe/Berlin:20261024T103000',
        'RRULE:FREQ=DAILY;COUNT=2',
        'EXDATE;TZID=Europe/Berlin:20261025T023000',
        'SUMMARY:ana',
      ),
    ],
    {},
    ['2026-10-24T00:30/2026-10-24T08:30 ana', '2026-10-25T00:30/2026-10-25T02:30 once'],
  ],
  [
    'one that was moved from there is not in both places',
    [
      ...event(
        'UID:from-there',
        'DTSTART;TZID=Europe/Berlin:20261024T023000',
        'DTEND;TZID=Europe/Berlin:20261024T103000',
        'RRULE:FREQ=DAILY;COUNT=2',
        'SUMMARY:ana',
      ),
      ...event(
        'UID:from-there',
        'RECURRENCE-ID;TZID=Europe/Berlin:20261025T023000',
        'DTSTART;TZID=Europe/Berlin:20261025T120000',
        'DTEND;TZID=Europe/Berlin:20261025T180000',
        'SUMMARY:ben',
      ),
    ],
    {},
    ['2026-10-24T00:30/2026-10-24T08:30 ana', '2026-10-25T11:00/2026-10-25T17:00 ben'],
  ],
  [
    'exceptions and the last day may be given in UTC, or in another zone than the series',
    [
      ...event(
        'UID:zones',
        'DTSTART;TZID=Europe/Berlin:20261023T090000',
        'DTEND;TZID=America/New_York:20261023T110000',
        'RRULE:FREQ=DAILY;UNTIL=20261026T080000Z',
        'EXDATE:20261024T070000Z',
        'SUMMARY:ana',
      ),
      ...event(
        'UID:zones',
        'RECURRENCE-ID;TZID=America/New_York:20261025T040000',
        'DTSTART:20261025T120000Z',
        'DTEND:20261025T180000Z',
        'SUMMARY:ben',
      ),
    ],
    {},
    [
      '2026-10-23T07:00/2026-10-23T15:00 ana',
      '2026-10-25T12:00/2026-10-25T18:00 ben',
      '2026-10-26T08:00/2026-10-26T16:00 ana',
    ],
  ],
  [
    'and in a zone where the series is in UTC',
    [
      ...event('UID:utc', 'DTSTART:20261024T090000Z', 'DURATION:PT8H', 'RRULE:FREQ=DAILY;COUNT=2', 'SUMMARY:ana'),
      ...event(
        'UID:utc',
        'RECURRENCE-ID;TZID=Europe/Berlin:20261025T100000',
        'DTSTART;TZID=Europe/Berlin:20261025T120000',
        'DURATION:PT1H',
        'SUMMARY:ben',
      ),
    ],
    {},
    ['2026-10-24T09:00/2026-10-24T17:00 ana', '2026-10-25T11:00/2026-10-25T12:00 ben'],
  ],
  [
    'one that has repeated for decades',
    event(
      'DTSTART;TZID=Europe/Berlin:19800101T090000',
      'DURATION:PT8H',
      'RRULE:FREQ=DAILY;UNTIL=20261001T235959Z',
      'SUMMARY:ana',
    ),
    {},
    ['2026-10-01T07:00/2026-10-01T15:00 ana'],
  ],
  [
    'hours of a duration are hours that pass',
    event('DTSTART;TZID=Europe/Berlin:20261024T220000', 'DURATION:PT8H', 'SUMMARY:ana'),
    {},
    ['2026-10-24T20:00/2026-10-25T04:00 ana'],
  ],
  [
    'an exception (EXDATE) is left out',
    event(
      'DTSTART;TZID=Europe/Berlin:20261020T090000',
      'DTEND;TZID=Europe/Berlin:20261020T170000',
      'RRULE:FREQ=DAILY;COUNT=3',
      'EXDATE;TZID=Europe/Berlin:20261021T090000',
      'SUMMARY:ana',
    ),
    {},
    ['2026-10-20T07:00/2026-10-20T15:00 ana', '2026-10-22T07:00/2026-10-22T15:00 ana'],
  ],
  [
    'a moved occurrence has its own time and title, a cancelled one is none',
    [
      ...event(
        'UID:rota',
        'DTSTART;TZID=Europe/Berlin:20261020T090000',
        'DTEND;TZID=Europe/Berlin:20261020T170000',
        'RRULE:FREQ=DAILY;COUNT=3',
        'SUMMARY:ana',
      ),
      ...event(
        'UID:rota',
        'RECURRENCE-ID;TZID=Europe/Berlin:20261021T090000',
        'DTSTART;TZID=Europe/Berlin:20261021T120000',
        'DTEND;TZID=Europe/Berlin:20261021T180000',
        'SUMMARY:ben',
      ),
      ...event(
        'UID:rota',
        'RECURRENCE-ID;TZID=Europe/Berlin:20261022T090000',
        'DTSTART;TZID=Europe/Berlin:20261022T090000',
        'DTEND;TZID=Europe/Berlin:20261022T170000',
        'STATUS:CANCELLED',
        'SUMMARY:ana',
      ),
    ],
    {},
    ['2026-10-20T07:00/2026-10-20T15:00 ana', '2026-10-21T10:00/2026-10-21T16:00 ben'],
  ],
  [
    'a cancelled occurrence that comes before its series cancels no other',
    [
      ...event(
        'UID:before',
        'RECURRENCE-ID:20261021T090000Z',
        'DTSTART:20261021T090000Z',
        'DTEND:20261021T170000Z',
        'STATUS:CANCELLED',
        'SUMMARY:ana',
      ),
      ...event(
        'UID:before',
        'DTSTART:20261020T090000Z',
        'DTEND:20261020T170000Z',
        'RRULE:FREQ=DAILY;COUNT=2',
        'SUMMARY:ana',
      ),
    ],
    {},
    ['2026-10-20T09:00/2026-10-20T17:00 ana'],
  ],
  [
    'an occurrence that was moved into the time from far away counts',
    [
      ...event(
        'UID:far',
        'DTSTART:20270301T090000Z',
        'DTEND:20270301T170000Z',
        'RRULE:FREQ=DAILY;COUNT=2',
        'SUMMARY:ana',
      ),
      ...event(
        'UID:far',
        'RECURRENCE-ID:20270302T090000Z',
        'DTSTART:20261105T090000Z',
        'DTEND:20261105T170000Z',
        'SUMMARY:ben',
      ),
    ],
    {},
    ['2026-11-05T09:00/2026-11-05T17:00 ben'],
  ],
  [
    'an event that began long before and still lasts counts',
    event('DTSTART:20260101T000000Z', 'DTEND:20270101T000000Z', 'SUMMARY:ana'),
    {},
    ['2026-01-01T00:00/2027-01-01T00:00 ana'],
  ],
  [
    'all-day events are days of the given zone, their end excluded',
    [
      ...event('DTSTART;VALUE=DATE:20261024', 'DTEND;VALUE=DATE:20261026', 'SUMMARY:ana'),
      ...event('DTSTART;VALUE=DATE:20261027', 'SUMMARY:ben'),
    ],
    { timezone: 'Europe/Berlin' },
    ['2026-10-23T22:00/2026-10-25T23:00 ana', '2026-10-26T23:00/2026-10-27T23:00 ben'],
  ],
  [
    'and of a zone on the other side of the date line',
    event('DTSTART;VALUE=DATE:20261102', 'DTEND;VALUE=DATE:20261103', 'RRULE:FREQ=WEEKLY;COUNT=2', 'SUMMARY:ana'),
    { timezone: 'Pacific/Auckland' },
    ['2026-11-01T11:00/2026-11-02T11:00 ana', '2026-11-08T11:00/2026-11-09T11:00 ana'],
  ],
  [
    'with an exception and an occurrence that was moved',
    [
      ...event(
        'UID:days',
        'DTSTART;VALUE=DATE:20261020',
        'DTEND;VALUE=DATE:20261021',
        'RRULE:FREQ=DAILY;COUNT=3',
        'EXDATE;VALUE=DATE:20261021',
        'SUMMARY:ana',
      ),
      ...event(
        'UID:days',
        'RECURRENCE-ID;VALUE=DATE:20261022',
        'DTSTART;VALUE=DATE:20261024',
        'DTEND;VALUE=DATE:20261026',
        'SUMMARY:ben',
      ),
    ],
    { timezone: 'Europe/Berlin' },
    ['2026-10-19T22:00/2026-10-20T22:00 ana', '2026-10-23T22:00/2026-10-25T23:00 ben'],
  ],
  [
    'without a given zone that of the calendar counts',
    ['X-WR-TIMEZONE:America/New_York', ...event('DTSTART;VALUE=DATE:20261102', 'SUMMARY:ana')],
    {},
    ['2026-11-02T05:00/2026-11-03T05:00 ana'],
  ],
  [
    'and without either UTC',
    event('DTSTART;VALUE=DATE:20261102', 'SUMMARY:ana'),
    {},
    ['2026-11-02T00:00/2026-11-03T00:00 ana'],
  ],
  [
    'floating times are of the given zone, also across daylight saving and beside a VTIMEZONE of another',
    [
      ...berlin,
      ...event(
        'DTSTART:20261030T090000',
        'DTEND:20261030T170000',
        'RRULE:FREQ=WEEKLY;COUNT=2',
        'EXDATE:20261106T090000',
        'SUMMARY:ben',
      ),
      ...event('DTSTART:20261031T090000', 'DTEND:20261101T090000', 'SUMMARY:ana'),
    ],
    { timezone: 'America/New_York' },
    ['2026-10-30T13:00/2026-10-30T21:00 ben', '2026-10-31T13:00/2026-11-01T14:00 ana'],
  ],
  [
    'zones by the names of Windows, with a number too, as Outlook writes them',
    [
      ...event(
        'DTSTART;TZID=W. Europe Standard Time:20261102T090000',
        'DTEND;TZID=W. Europe Standard Time:20261102T170000',
        'SUMMARY:ana',
      ),
      ...event(
        'DTSTART;TZID="GMT Standard Time 1":20261103T090000',
        'DTEND;TZID="GMT Standard Time 1":20261103T170000',
        'SUMMARY:ben',
      ),
    ],
    {},
    ['2026-11-02T08:00/2026-11-02T16:00 ana', '2026-11-03T09:00/2026-11-03T17:00 ben'],
  ],
  [
    'a zone by its description',
    event(
      'DTSTART;TZID="(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna":20261102T090000',
      'DURATION:PT8H',
      'SUMMARY:ana',
    ),
    {},
    ['2026-11-02T08:00/2026-11-02T16:00 ana'],
  ],
  [
    'a zone of its own, which only the calendar explains',
    [
      ...berlin.map((line) => line.replace('TZID:Europe/Berlin', 'TZID:Customized Time Zone')),
      ...event(
        'DTSTART;TZID=Customized Time Zone:20261102T090000',
        'DTEND;TZID=Customized Time Zone:20261102T170000',
        'SUMMARY:ana',
      ),
    ],
    {},
    ['2026-11-02T08:00/2026-11-02T16:00 ana'],
  ],
  [
    'folded lines are one, and escaped characters themselves',
    event('DTSTART:20261102T090000Z', 'DTEND:20261102T170000Z', 'SUMMARY:on call: a', ' na\\, and', '  nobody else'),
    {},
    ['2026-11-02T09:00/2026-11-02T17:00 on call: ana, and nobody else'],
  ],
  ['an event without a length is none', event('DTSTART:20261102T090000Z', 'SUMMARY:ana'), {}, []],
];

describe('the occurrences of a calendar', () => {
  for (const [name, lines, expansion, expected] of tables)
    test(name, () => assert.deepEqual(rows(calendar(...lines), { ...october, ...expansion }), expected));

  test('have the addresses of those who attend and have not declined', () => {
    const { occurrences } = occurrencesIn(
      calendar(
        ...event(
          'DTSTART:20261102T090000Z',
          'DTEND:20261102T170000Z',
          'SUMMARY;LANGUAGE=en:On call',
          'ATTENDEE;CN=Ben;PARTSTAT=DECLINED:mailto:ben@example.com',
          'ATTENDEE;CN="Lima, Ana";PARTSTAT=ACCEPTED:MAILTO:Ana.Lima@example.com',
          'ATTENDEE:urn:uuid:1',
          'ATTENDEE:carla@example.com',
        ),
      ),
      october,
    );
    assert.deepEqual(
      occurrences.map(({ summary, emails }) => [summary, emails]),
      [['On call', ['ana.lima@example.com', 'carla@example.com']]],
    );
  });

  test('in a zone that is not known are left out and counted', () => {
    const expanded = occurrencesIn(
      calendar(
        ...event('DTSTART;TZID=Mars/Olympus:20261102T090000', 'DTEND;TZID=Mars/Olympus:20261102T170000', 'SUMMARY:ana'),
      ),
      october,
    );
    assert.deepEqual([expanded.occurrences, expanded.withoutZone], [[], 1]);
  });
});

describe('what is no calendar', () => {
  const wrong: [string, string, RegExp][] = [
    ['a page', '<!doctype html><title>Sign in</title>', /^is not iCalendar$/],
    ['nothing', '', /^is not iCalendar$/],
    [
      'a part of one',
      calendar(...event('DTSTART:20261102T090000Z')).slice(0, -20),
      /^is incomplete: END:VCALENDAR is missing/,
    ],
    [
      'one with a rule that is none',
      calendar(...event('DTSTART:20261102T090000Z', 'DTEND:20261102T100000Z', 'RRULE:FREQ=SOMETIMES')),
      /^has a part that is not iCalendar/,
    ],
    [
      'one with too many events',
      calendar(
        ...['20261001', '20261101'].flatMap((day) =>
          event(`DTSTART:${day}T000000Z`, 'DURATION:PT1M', 'RRULE:FREQ=MINUTELY;COUNT=6000', 'SUMMARY:ana'),
        ),
      ),
      /^has more than 10000 events in 61 days$/,
    ],
    [
      'one with an event of each minute',
      calendar(...event('DTSTART:20261001T000000Z', 'DURATION:PT1M', 'RRULE:FREQ=MINUTELY', 'SUMMARY:ana')),
      /^has an event that repeats too often to be expanded/,
    ],
  ];
  for (const [name, text, message] of wrong)
    test(`is refused with a sentence: ${name}`, () =>
      assert.throws(
        () => occurrencesIn(text, october),
        (error) => error instanceof CalendarProblem && message.test(error.message),
      ));
});

import assert from 'node:assert/strict';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { createFetchCalendar, type FetchCalendar } from '../../src/calendar/fetch.js';
import { followCalendars } from '../../src/calendar/follow-calendars.js';
import { nextDeadline } from '../../src/policy/freshness/deadlines.js';
import { readEscalation } from '../../src/policy/load.js';
import { calendar, event } from './texts.js';

const minute = 60_000;
const start = Date.parse('2026-12-24T12:00Z');
const christmas = event('DTSTART;VALUE=DATE:20261225', 'DTEND;VALUE=DATE:20261227', 'SUMMARY:Christmas');
const yearly = (date: string) => event(`DTSTART;VALUE=DATE:${date}`, 'RRULE:FREQ=YEARLY', 'TRANSP:TRANSPARENT');

async function following(t: TestContext, promises: string[], text: string | null) {
  const directory = await mkdtemp(join(tmpdir(), 'holidays-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const holds = (ics: string) => writeFile(join(directory, 'holidays.ics'), ics);
  if (text !== null) await holds(text);
  let now = start;
  let escalation = readEscalation(
    join(directory, 'e.yaml'),
    `contacts: { ana: { phone: "+15550000001" } }
policies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] } }
freshness:
${promises.map((promise) => `  - ${promise}\n`).join('')}`,
  );
  const logged: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'info', base: null, timestamp: false },
    { write: (line: string) => void logged.push(JSON.parse(line)) },
  );
  const noAlarms: [] = [];
  const fetched: string[] = [];
  const fetchFile = createFetchCalendar();
  const fetchCalendar: FetchCalendar = (address, known) => {
    fetched.push(address);
    return fetchFile(address, known);
  };
  const followed = followCalendars({
    source: { current: () => escalation, alarms: () => noAlarms },
    fetchCalendar,
    logger,
    lookMs: 3_600_000,
    clock: () => now,
  });
  t.after(followed.close);
  return {
    directory,
    followed,
    holds,
    later: (ms: number) => void (now += ms),
    becomes: (change: (text: typeof escalation) => typeof escalation) => void (escalation = change(escalation)),
    fetched: () => fetched.splice(0),
    log: () => logged.splice(0),
    /** The dates of each promise; null where it names none. */
    dates: () =>
      followed.current().freshness?.map(({ due }) => (due.kind === 'by' ? (due.holidays?.dates ?? null) : null)),
    /** The next deadline of the first promise. */
    next: () => {
      const due = followed.current().freshness?.[0]?.due;
      assert.ok(due?.kind === 'by');
      const at = nextDeadline(due, now);
      return at === null ? null : new Date(at).toISOString();
    },
  };
}

const by = (more: string, zone = 'Europe/Berlin') => `{ items: "*", by: "07:00", timezone: ${zone}${more} }`;
const withHolidays = by(', holidays: holidays.ics');

describe('the holidays of a promise', () => {
  test('are none until the calendar was read, then the days that events cover', async (t) => {
    const { dates, next, followed, holds, log } = await following(t, [withHolidays], calendar(...christmas));
    assert.equal(next(), '2026-12-25T06:00:00.000Z');
    await followed.refresh();
    assert.equal(next(), '2026-12-27T06:00:00.000Z');
    assert.deepEqual(dates(), [['2026-12-25', '2026-12-26']]);
    assert.equal(followed.current(), followed.current(), 'the same until something changes');
    assert.deepEqual(log(), [{ level: 30, promise: 'freshness[0]', events: 1, msg: 'a calendar was read' }]);

    await holds(calendar(...yearly('20200101'), ...yearly('20201225')));
    await followed.refresh();
    const expected = ['2025', '2026', '2027'].flatMap((year) => [`${year}-01-01`, `${year}-12-25`]);
    assert.deepEqual(dates(), [expected], 'of last, this and next year');
    assert.deepEqual(followed.alarms(), []);
  });

  test('are dates in the zone of the promise, and one reading serves all with that zone', async (t) => {
    // A whole day in Berlin alone.
    const timed = event('DTSTART:20261224T230000Z', 'DTEND:20261225T230000Z', 'SUMMARY:Closed');
    const all = [
      withHolidays,
      `{ items: { tag: gold }, by: "08:00", timezone: Europe/Berlin, holidays: ./holidays.ics }`,
      by(', holidays: holidays.ics', 'UTC'),
      '{ items: "*", maxAge: 1d }',
      by('', 'Europe/Paris'),
    ];
    const { dates, followed, fetched, directory } = await following(t, all, calendar(...timed));
    await followed.refresh();
    fetched();
    await followed.refresh();
    assert.deepEqual(dates(), [['2026-12-25'], ['2026-12-25'], [], null, null]);
    assert.deepEqual(fetched(), [join(directory, 'holidays.ics'), join(directory, 'holidays.ics')]);
  });

  test('that cannot be read are an alarm of their own, and the last good copy counts', async (t) => {
    const { dates, followed, holds, log, later } = await following(t, [withHolidays], null);
    await followed.refresh();
    await followed.refresh();
    const since = start;
    assert.deepEqual(followed.alarms(), [{ code: 'holidays-unreadable', since, calendars: 1 }]);
    assert.deepEqual(dates(), [[]]);
    assert.deepEqual(
      log().map(({ promise, why, alarm, msg }) => [promise, why, alarm, msg]),
      [
        [
          'freshness[0]',
          'cannot be read (ENOENT)',
          'holidays-unreadable',
          'a calendar cannot be read: no day is a holiday by it',
        ],
      ],
    );
    await holds(calendar(...christmas));
    await followed.refresh();
    assert.deepEqual([followed.alarms(), dates()], [[], [['2026-12-25', '2026-12-26']]]);
    log();
    await holds('not a calendar');
    later(minute);
    await followed.refresh();
    assert.deepEqual(dates(), [['2026-12-25', '2026-12-26']]);
    assert.deepEqual(followed.alarms(), [{ code: 'holidays-unreadable', since: start + minute, calendars: 1 }]);
    assert.deepEqual(
      log().map(({ why, msg }) => [why, msg]),
      [['is not iCalendar', 'a calendar cannot be read: its last good copy stays in force']],
    );
  });

  test('all of which are over are a warning', async (t) => {
    const past = calendar(...event('DTSTART;VALUE=DATE:20251225', 'SUMMARY:Christmas'));
    const { followed, log } = await following(t, [withHolidays], past);
    await followed.refresh();
    await followed.refresh();
    assert.deepEqual(
      log().filter(({ level }) => level === 40),
      [
        {
          level: 40,
          promise: 'freshness[0]',
          why: 'no event of this year or the next covers a whole day to come',
          msg: 'events of a calendar do not count',
        },
      ],
    );
  });

  test('are forgotten with their promise, and with them the alarm', async (t) => {
    const { followed, becomes } = await following(t, [withHolidays], null);
    await followed.refresh();
    assert.equal(followed.alarms().length, 1);
    becomes(({ freshness: _freshness, ...others }) => others);
    await followed.refresh();
    assert.deepEqual(followed.alarms(), []);
  });
});

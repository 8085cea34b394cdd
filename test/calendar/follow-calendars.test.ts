import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { followCalendars, type FollowOptions } from '../../src/calendar/follow-calendars.js';
import { readEscalation } from '../../src/policy/load.js';
import { dutyAt } from '../../src/policy/on-call.js';
import type { Escalation } from '../../src/policy/route.js';
import { until } from '../helpers/until.js';
import { calendarServer } from './server.js';
import { calendar, event } from './texts.js';

const file = (url: string, more = '', contacts = '') => `contacts:
  ana: { phone: "+15550000001", tableau: [ana.lima@example.com] }
  ben: { phone: "+15550000002" }
${contacts}schedules:
  ops: { ical: "${url}/ops.ics?key=secret", timezone: Europe/Berlin }
${more}policies: { default: { steps: [{ page: [schedule/ops], by: sms, wait: 5m }] } }
fallback: ana
`;

const start = Date.parse('2026-11-29T12:00Z');
const minute = 60_000;
const shift = (day: string, who: string) =>
  event(`DTSTART:202611${day}T080000Z`, `DTEND:202611${day}T200000Z`, `SUMMARY:${who} on call`);
const good = calendar(...shift('29', 'Ana'));

/** A status, the text of a calendar, or `none`: the connection is closed. */
type Answer = string | number;

async function following(t: TestContext, more: Partial<FollowOptions> = {}) {
  let answer: Answer = good;
  let requests = 0;
  const server = await calendarServer(t, (_request, response) => {
    requests += 1;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else if (answer === 'none') response.destroy();
    else response.end(answer);
  });
  let now = start;
  let clockReads = 0;
  let escalation = readEscalation('/e.yaml', file(server.url));
  const logged: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'info', base: null, timestamp: false },
    { write: (line: string) => void logged.push(JSON.parse(line)) },
  );
  const noAlarms: [] = [];
  const followed = followCalendars({
    source: { current: () => escalation, alarms: () => noAlarms },
    fetchCalendar: server.fetchCalendar(),
    logger,
    lookMs: 10,
    clock: () => {
      clockReads += 1;
      return now;
    },
    ...more,
  });
  t.after(followed.close);
  const onCall = (name = 'ops'): string | null => {
    const schedule = followed.current().schedules?.[name];
    assert.ok(schedule);
    return dutyAt(schedule, now).contact;
  };
  return {
    url: server.url,
    followed,
    onCall,
    answers: (next: Answer) => void (answer = next),
    becomes: (next: Escalation) => void (escalation = next),
    later: (ms: number) => void (now += ms),
    requests: () => requests,
    /** Waits until the calendars were looked at anew. A look and the reading that it begins read the clock twice, and no look reads it before that reading is over. */
    looked: () => {
      const before = clockReads;
      return until('a look', () => clockReads >= before + 3);
    },
    log: () => logged.splice(0),
  };
}

describe('a schedule from a calendar', () => {
  test('has nobody on call until the calendar was read, then whom it names, and is read again every 15 min', async (t) => {
    const { onCall, followed, answers, later, looked, requests, log } = await following(t);
    assert.equal(onCall(), null);
    await until('the first copy', () => onCall() === 'ana');
    assert.equal(followed.current(), followed.current(), 'the same until something changes');
    assert.deepEqual(log(), [{ level: 30, schedule: 'ops', events: 1, msg: 'a calendar was read' }]);

    answers(calendar(...shift('29', 'Ben')));
    later(14 * minute);
    await looked();
    assert.equal(requests(), 1);
    later(minute);
    await until('the next copy', () => onCall() === 'ben');
    assert.deepEqual([requests(), log()], [2, []]);
  });

  test('keeps the last good copy while it cannot be read, which is an alarm and one line for each reason', async (t) => {
    const { onCall, followed, answers, later, log } = await following(t);
    await until('the first copy', () => onCall() === 'ana');
    log();
    const bad: [Answer, string][] = [
      [500, 'cannot be read: the server answers 500'],
      ['none', 'cannot be reached (ECONNRESET)'],
      ['<title>Sign in</title>', 'is not iCalendar'],
      [good.slice(0, 60), 'is incomplete: END:VCALENDAR is missing at its end'],
      ['x'.repeat(3 * 1024 * 1024), 'has more than 2 MB'],
    ];
    for (const [answer, why] of bad) {
      answers(answer);
      later(minute);
      await followed.refresh();
      await followed.refresh();
      assert.deepEqual(
        log().map((line) => [line['level'], line['schedule'], line['why'], line['alarm'], line['msg']]),
        [[50, 'ops', why, 'calendar-unreadable', 'a calendar cannot be read: its last good copy stays in force']],
      );
      assert.equal(onCall(), 'ana');
      assert.deepEqual(followed.alarms(), [{ code: 'calendar-unreadable', since: start + minute, calendars: 1 }]);
    }
    answers(good);
    await followed.refresh();
    assert.deepEqual(followed.alarms(), []);
    assert.deepEqual(
      log().map(({ msg }) => msg),
      ['a calendar was read'],
    );
  });

  test('that was never read has nobody on call, is tried each minute, and the log has no secret', async (t) => {
    const { onCall, followed, answers, later, log } = await following(t);
    answers(403);
    await followed.refresh();
    await followed.refresh();
    assert.equal(followed.alarms().length, 1);
    assert.equal(onCall(), null);
    const lines = JSON.stringify(log());
    assert.match(lines, /a calendar cannot be read: nobody is on call by its schedule/);
    assert.match(lines, /https:\/\/127\.0\.0\.1:\d+\/\*\*\*/);
    assert.doesNotMatch(lines, /secret/);
    answers(good);
    later(minute);
    await until('the first copy', () => onCall() === 'ana');
  });

  test('goes on with a good copy beyond what was expanded at first', async (t) => {
    const { onCall, followed, answers, later } = await following(t);
    answers(
      calendar(...event('DTSTART:20260101T000000Z', 'DTEND:20260102T000000Z', 'RRULE:FREQ=DAILY', 'SUMMARY:ben')),
    );
    await followed.refresh();
    await followed.refresh();
    assert.equal(onCall(), 'ben');
    answers(500);
    later(70 * 24 * 60 * minute);
    assert.equal(onCall(), null);
    await followed.refresh();
    assert.equal(onCall(), 'ben');
  });

  test('warns of events that do not count, once', async (t) => {
    const { followed, answers, log, onCall } = await following(t);
    await until('the first copy', () => onCall() === 'ana');
    answers(calendar(...shift('29', 'Ana'), ...shift('28', 'Holiday of Carla'), ...shift('30', 'Carla')));
    log();
    await followed.refresh();
    await followed.refresh();
    const why = '2 events are ignored: they name no contact';
    assert.deepEqual(log(), [{ level: 40, schedule: 'ops', why, msg: 'events of a calendar do not count' }]);
  });

  test('is found in a new file at once, with the contacts of that file, and forgotten with it', async (t) => {
    const { url, followed, onCall, answers, becomes, requests } = await following(t);
    await until('the first copy', () => onCall() === 'ana');
    answers(calendar(...shift('29', 'Carla')));
    const other = '  new: { ical: "' + url + '/new.ics" }\n';
    becomes(readEscalation('/e.yaml', file(url, other, '  carla: { phone: "+15550000003" }\n')));
    await until('the new calendar', () => onCall('new') === 'carla');
    assert.equal(onCall(), 'ana', 'what was read before counts on');
    answers(500);
    await followed.refresh();
    assert.equal(followed.alarms().length, 1);
    becomes(
      readEscalation(
        '/e.yaml',
        file(url).replace(
          /ops: .*ical.*/,
          'ops: { timezone: UTC, rotation: { contacts: [ben], every: 1d, start: "2026-01-01T00:00" } }',
        ),
      ),
    );
    await until('no alarm', () => followed.alarms().length === 0);
    assert.equal(onCall(), 'ben');
    const before = requests();
    await followed.refresh();
    assert.equal(requests(), before);
  });
});

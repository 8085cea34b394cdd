import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandCalendar } from '../../src/calendar/expand.js';
import { CalendarProblem } from '../../src/calendar/problem.js';
import { calendar, event } from './texts.js';

const range = { from: Date.parse('2026-11-01T00:00Z'), to: Date.parse('2027-01-01T00:00Z') };

test('a calendar is expanded in a thread, which says what is wrong', async () => {
  const { occurrences } = await expandCalendar(
    calendar(...event('DTSTART:20261102T090000Z', 'DTEND:20261102T170000Z', 'SUMMARY:ana')),
    range,
  );
  assert.equal(occurrences.length, 1);
  await assert.rejects(expandCalendar('<html>', range), (error) => {
    assert.ok(error instanceof CalendarProblem);
    assert.equal(error.message, 'is not iCalendar');
    return true;
  });
});

test('one that takes for ever is given up, while this thread goes on', async (t) => {
  const once = () =>
    event('DTSTART:20260101T000000Z', 'DURATION:PT1M', 'RRULE:FREQ=MINUTELY;COUNT=9000', 'SUMMARY:ana');
  const endless = calendar(...Array.from({ length: 2_000 }, once).flat());
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 10);
  t.after(() => clearInterval(timer));
  await assert.rejects(expandCalendar(endless, range, 1_500), (error) => {
    assert.ok(error instanceof CalendarProblem);
    assert.equal(error.message, 'takes more than 1.5 s to read');
    return true;
  });
  assert.ok(ticks > 2, `${ticks}`);
});

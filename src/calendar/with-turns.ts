import type { Escalation } from '../policy/route.js';
import { turnsOf } from '../policy/calendar.js';
import { withHolidays } from '../policy/freshness/holidays.js';
import type { Problem } from '../policy/reading.js';
import { expandCalendar } from './expand.js';
import type { FetchCalendar } from './fetch.js';
import {
  datesOf,
  dutyCalendars,
  holidayCalendars,
  holidaysKey,
  leftOut,
  nameOf,
  rangeAt,
  type DutyCalendar,
  type NamedCalendar,
} from './named-calendars.js';
import type { Expanded } from './occurrences.js';
import { problemOf } from './problem.js';

/** An escalation whose schedules from calendars have their turns, and its promises their holidays; none where `find` gives nothing. */
export function withCalendars(
  escalation: Escalation,
  find: (calendar: NamedCalendar) => Expanded | null,
  now: number,
): Escalation {
  const dates = new Map(
    holidayCalendars(escalation).flatMap((calendar) => {
      const expanded = find(calendar);
      return expanded ? [[calendar.key, datesOf(calendar, expanded, now)] as const] : [];
    }),
  );
  return withHolidays(
    withTurns(escalation, find),
    ({ address, timezone }) => dates.get(holidaysKey(address, timezone)) ?? null,
  );
}

function withTurns(escalation: Escalation, find: (calendar: DutyCalendar) => Expanded | null): Escalation {
  const { calendars, schedules } = escalation;
  if (!calendars || !schedules) return escalation;
  const filled = dutyCalendars(escalation).flatMap((each) => {
    const [schedule, expanded] = [schedules[each.schedule], find(each)];
    if (!schedule || !expanded) return [];
    const { turns } = turnsOf(expanded.occurrences, each.calendar.by, escalation);
    return [[each.schedule, { ...schedule, timezone: expanded.timezone, turns }] as const];
  });
  return { ...escalation, schedules: { ...schedules, ...Object.fromEntries(filled) } };
}

/** Expands the text of a calendar in its zone. Throws CalendarProblem. */
export const expandNamed = (
  text: string,
  { timezone }: Pick<NamedCalendar, 'timezone'>,
  range: { from: number; to: number },
): Promise<Expanded> => expandCalendar(text, { ...(timezone !== undefined && { timezone }), ...range });

/** Reads the calendars of all schedules once, for a command: what is wrong with one is a sentence and leaves its schedule without turns. */
export async function readCalendars(
  escalation: Escalation,
  fetchCalendar: FetchCalendar,
  range: { from: number; to: number },
): Promise<{ escalation: Escalation; sentences: string[] }> {
  const read = new Map<string, Expanded>();
  const sentences = await Promise.all(
    dutyCalendars(escalation).map(async (calendar) => {
      const { expanded, problems } = await readOnce(calendar, escalation, fetchCalendar, range);
      if (expanded) read.set(calendar.key, expanded);
      return problems;
    }),
  );
  return { escalation: withTurns(escalation, ({ key }) => read.get(key) ?? null), sentences: sentences.flat() };
}

/** Reads the holidays of all promises once: what is wrong with them, with the places in the escalation file. */
export async function holidayProblems(
  escalation: Escalation,
  fetchCalendar: FetchCalendar,
  now: number,
): Promise<Problem[]> {
  const found = await Promise.all(
    holidayCalendars(escalation).map(async (calendar) => {
      const { problems } = await readOnce(calendar, escalation, fetchCalendar, rangeAt(calendar, now), now);
      return problems.map((text): Problem => ({ path: calendar.path, text }));
    }),
  );
  return found.flat();
}

/** @param now when what is to come begins: the beginning of the range where none is given */
async function readOnce(
  calendar: NamedCalendar,
  escalation: Escalation,
  fetchCalendar: FetchCalendar,
  range: { from: number; to: number },
  now = range.from,
): Promise<{ expanded: Expanded | null; problems: string[] }> {
  const name = nameOf(calendar);
  try {
    const { text } = await fetchCalendar(calendar.address, null);
    const expanded = await expandNamed(text, calendar, range);
    return { expanded, problems: leftOut(expanded, calendar, escalation, now).map((why) => `${name}: ${why}.`) };
  } catch (error) {
    return { expanded: null, problems: [`${name} ${problemOf(error)}.`] };
  }
}

import { maskedAddress, turnsOf, type Calendar } from '../policy/calendar.js';
import type { Escalation } from '../policy/route.js';
import type { FetchCalendar } from './fetch.js';
import type { Expanded } from './occurrences.js';
import { expandCalendar } from './expand.js';
import { problemOf } from './problem.js';

/** An escalation whose schedules from calendars have their turns; none where `find` gives nothing. */
export function withTurns(
  escalation: Escalation,
  find: (schedule: string, calendar: Calendar) => Expanded | null,
): Escalation {
  const { calendars, schedules } = escalation;
  if (!calendars || !schedules) return escalation;
  const filled = Object.entries(calendars).flatMap(([name, calendar]) => {
    const [schedule, expanded] = [schedules[name], find(name, calendar)];
    if (!schedule || !expanded) return [];
    const { turns } = turnsOf(expanded.occurrences, calendar.by, escalation);
    return [[name, { ...schedule, timezone: expanded.timezone, turns }] as const];
  });
  return { ...escalation, schedules: { ...schedules, ...Object.fromEntries(filled) } };
}

/** What events of a calendar were left out: a sentence each, without anything that they hold. */
export function leftOut(expanded: Expanded, { by }: Calendar, escalation: Escalation): string[] {
  const { unnamed } = turnsOf(expanded.occurrences, by, escalation);
  const { withoutZone } = expanded;
  return [
    ...(unnamed > 0 ? [`${eventsAre(unnamed)} ignored: ${unnamed === 1 ? 'it names' : 'they name'} no contact`] : []),
    ...(withoutZone > 0 ? [`${eventsAre(withoutZone)} ignored: the time zone is not known`] : []),
  ];
}

const eventsAre = (count: number): string => (count === 1 ? '1 event is' : `${count} events are`);

/** `The calendar of schedule "ops" (https://calendar.example.com/***)` */
export const nameOf = (schedule: string, { address }: Calendar): string =>
  `The calendar of schedule "${schedule}" (${maskedAddress(address)})`;

/** Reads all calendars once, for a command: what is wrong with one is a sentence and leaves its schedule without turns. */
export async function readCalendars(
  escalation: Escalation,
  fetchCalendar: FetchCalendar,
  { from, to }: { from: number; to: number },
): Promise<{ escalation: Escalation; sentences: string[] }> {
  const read = new Map<string, Expanded>();
  const sentences = await Promise.all(
    Object.entries(escalation.calendars ?? {}).map(async ([schedule, calendar]) => {
      const name = nameOf(schedule, calendar);
      try {
        const { text } = await fetchCalendar(calendar.address, null);
        const { timezone } = calendar;
        const expanded = await expandCalendar(text, { ...(timezone !== undefined && { timezone }), from, to });
        read.set(schedule, expanded);
        return leftOut(expanded, calendar, escalation).map((sentence) => `${name}: ${sentence}.`);
      } catch (error) {
        return [`${name} ${problemOf(error)}.`];
      }
    }),
  );
  return { escalation: withTurns(escalation, (schedule) => read.get(schedule) ?? null), sentences: sentences.flat() };
}

import { parseArgs } from 'node:util';
import { createFetchCalendar } from '../calendar/fetch.js';
import { readCalendars } from '../calendar/with-turns.js';
import { clockText, instantRule, parseInstant } from '../policy/local-time.js';
import { loadEscalation } from '../policy/load.js';
import { shiftsBetween } from '../policy/on-call.js';
import { calendarOf, type Planned } from './oncall-calendar.js';
import type { Command } from './arguments.js';

const usage = `Usage: tableau-webhooks oncall [FILE] [--at 2026-12-24T18:00:00Z] [--weeks 4] [--ics]

Who is on call by each schedule of an escalation file (default: ESCALATION_FILE), from now or another time on: a table in the time zone of the schedule, or a
calendar for other programs. Times need an offset. Schedules from calendars (ical) are read once: what is wrong with one is a
sentence. Exits with 0, 1 without a file or when it has problems, 2 for wrong arguments.
`;

const weekMs = 7 * 24 * 3_600_000;

/** @throws ConfigError */
export const oncall: Command = async (env, args) => {
  const options = optionsFrom(args);
  if (options === 'help') return (process.stdout.write(usage), 0);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${usage}`);
    return 2;
  }
  const { at, weeks, isCalendar } = options;
  const escalationFile = options.file ?? env['ESCALATION_FILE']?.trim();
  if (!escalationFile) {
    process.stderr.write('There is no escalation file: give its path, or set ESCALATION_FILE.\n');
    return 1;
  }
  // Whether the environment has a sender for WhatsApp is no matter of who is on call.
  const file = loadEscalation({ escalationFile, defaultContact: {}, whatsappFrom: 'not checked' });
  const to = at + weeks * weekMs;
  const { escalation, sentences } = await readCalendars(file, createFetchCalendar(), { from: at, to });
  const { schedules = {}, warnings = [] } = escalation;
  for (const warning of [...warnings, ...sentences]) process.stderr.write(`${warning}\n`);
  const planned = Object.entries(schedules).map(([name, schedule]) => ({
    name,
    schedule,
    shifts: shiftsBetween(schedule, at, to),
  }));
  if (isCalendar) process.stdout.write(calendarOf(planned, Date.now()));
  else if (planned.length === 0) process.stdout.write('The escalation file has no schedules.\n');
  else process.stdout.write(planned.map(tableOf).join('\n'));
  return 0;
};

type Options = { file: string | undefined; at: number; weeks: number; isCalendar: boolean };

/** A text says what is wrong. */
function optionsFrom(args: string[]): Options | string {
  if (['--help', '-h'].includes(args.join(' '))) return 'help';
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { at: { type: 'string' }, weeks: { type: 'string' }, ics: { type: 'boolean' } },
    });
    const { at, weeks = '1', ics = false } = values;
    const [file, ...more] = positionals;
    if (more.length > 0) return 'oncall takes one file.';
    const from = at === undefined ? Date.now() : parseInstant(at);
    if (from === null) return `--at must be ${instantRule}.`;
    if (!/^\d{1,2}$/.test(weeks) || Number(weeks) < 1 || Number(weeks) > 53)
      return '--weeks must be a whole number from 1 to 53.';
    return { file, at: from, weeks: Number(weeks), isCalendar: ics };
  } catch (error) {
    return `oncall: ${error instanceof Error ? error.message : 'wrong arguments'}`;
  }
}

function tableOf({ name, schedule: { timezone }, shifts }: Planned): string {
  const rows = shifts.map(({ from, until, contact, isOverride }) => {
    const who = contact ?? '(nobody)';
    return `  ${clockText(from, timezone)}  ${clockText(until, timezone)}  ${who}${isOverride ? ' (override)' : ''}`;
  });
  return `${name} (${timezone})\n  ${'from'.padEnd(20)}  ${'to'.padEnd(20)}  on call\n${rows.join('\n')}\n`;
}

/** A report as text: tables of at most 80 columns. */
import { channelName } from '../workflows/channels.js';
import { duration } from '../workflows/words.js';
import { knownPeriod } from './report.js';
import type { Group, PersonView, ReportView, Totals } from './schema.js';

const mostRows = 10;

/** @param wrapped breaks a sentence into lines */
export function reportText(report: ReportView, wrapped: (text: string) => string): string {
  const { period } = report;
  const title = `From ${minuteOf(period.from)} to ${minuteOf(period.to)} UTC; ${nightText(report)}.`;
  const parts = [
    [wrapped(title)],
    totalsTable(report),
    peopleTable(report.people),
    ...(['projects', 'owners', 'causes', 'policies'] as const).map((name) => groupTable(headings[name], report[name])),
    againTable(report),
    report.notes.map(wrapped),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const headings = { projects: 'by project', owners: 'by owner', causes: 'by cause', policies: 'by policy' } as const;
const minuteOf = (iso: string): string => iso.slice(0, 16).replace('T', ' ');

const nightText = ({ lastNight, zone }: ReportView): string =>
  lastNight === null
    ? 'what happened in the last night is not known'
    : `the last night is ${minuteOf(lastNight.from)} to ${minuteOf(lastNight.to)} UTC, by the clock of ${zone}`;

const timeText = (seconds: number | null): string => (seconds === null ? '-' : duration(seconds * 1_000));
const costText = (cost: number | null): string => (cost === null ? '-' : cost.toFixed(2));

function totalsTable(report: ReportView): string[] {
  const { before, lastNight, currency } = report;
  const columns = [lastNight, knownPeriod(report), before];
  const row = (name: string, of: (totals: Totals) => string): string =>
    `${name.padEnd(34)}${columns.map((totals) => (totals === null ? '-' : of(totals)).padStart(14)).join('')}`.trimEnd();
  const number = (name: string, of: (totals: Totals) => number): string => row(name, (totals) => String(of(totals)));
  return [
    `${''.padEnd(34)}${['last night', 'period', 'before'].map((cell) => cell.padStart(14)).join('')}`,
    number('failures', ({ episodes }) => episodes),
    number('  for which somebody was paged', ({ paged }) => paged),
    number('  taken', ({ acknowledged }) => acknowledged),
    number('  that nobody answered', ({ unanswered }) => unanswered),
    number('  that failed again within a day', ({ failedAgain }) => failedAgain),
    number('  still open', ({ open }) => open),
    row('time to take it, median', ({ toAcknowledge }) => timeText(toAcknowledge.medianSeconds)),
    row('time to take it, 90 of 100', ({ toAcknowledge }) => timeText(toAcknowledge.p90Seconds)),
    row('time to recover, median', ({ toRecover }) => timeText(toRecover.medianSeconds)),
    row('time to recover, 90 of 100', ({ toRecover }) => timeText(toRecover.p90Seconds)),
    ...(['whatsapp', 'sms', 'call'] as const).map((channel) =>
      number(channel === 'call' ? 'calls' : `${channelName(channel)} messages`, ({ sent }) => sent[channel]),
    ),
    number('wakings', ({ wakings }) => wakings),
    ...(currency === null ? [] : [row(`cost (${currency})`, ({ cost }) => costText(cost))]),
  ];
}

const cut = (text: string, width: number): string =>
  (text.length > width ? `${text.slice(0, width - 1)}~` : text).padEnd(width);

function peopleTable(people: readonly PersonView[]): string[] {
  if (people.length === 0) return [];
  const line = (name: string, cells: readonly string[]): string =>
    `${cut(name, 20)}${cells.map((cell) => cell.padStart(12)).join('')}`.trimEnd();
  return [
    line('by person', ['wakings', 'before', 'taken', 'median', 'cost']),
    ...people.map(({ contact, wakings, before, acknowledged, toAcknowledge, cost }) =>
      line(contact ?? 'others', [
        String(wakings),
        before === null ? '-' : String(before.wakings),
        String(acknowledged),
        timeText(toAcknowledge.medianSeconds),
        costText(cost),
      ]),
    ),
  ];
}

function groupTable(heading: string, groups: readonly Group[]): string[] {
  if (groups.length === 0) return [];
  const line = (name: string, cells: readonly string[]): string =>
    `${cut(name, 40)}${cells.map((cell) => cell.padStart(10)).join('')}`.trimEnd();
  const shown = groups.slice(0, mostRows);
  return [
    line(heading, ['failures', 'before', 'taken in', 'again']),
    ...shown.map(({ name, episodes, before, toAcknowledge, failedAgain }) =>
      line(oneLine(name ?? 'not known'), [
        String(episodes),
        before === null ? '-' : String(before),
        timeText(toAcknowledge.medianSeconds),
        String(failedAgain),
      ]),
    ),
    ...(groups.length > shown.length ? [`and ${groups.length - shown.length} more (--json has all)`] : []),
  ];
}

function againTable({ again }: ReportView): string[] {
  if (again.length === 0) return [];
  const lines = again
    .slice(0, mostRows)
    .map(({ item, times }) => `${cut(oneLine(item), 60)}${String(times).padStart(10)}`);
  return [`${cut('what failed again within a day', 60)}${'times'.padStart(10)}`, ...lines];
}

/** A name from outside cannot write to the terminal. */
const oneLine = (name: string): string => name.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ');

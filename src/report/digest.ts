/** The report as a text for a phone: within the limit of its channel, two SMS segments. */
import type { TextChannel } from '../workflows/channels.js';
import { quoted, withRest } from '../workflows/names.js';
import { duration, firstThatFits } from '../workflows/words.js';
import { knownPeriod } from './report.js';
import type { ReportView } from './schema.js';

const named = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** @param days how long the period is, as a person writes it: `7d` */
export function digestOf(report: ReportView, since: string, channel: TextChannel): string {
  const night = nightOf(report);
  const period = periodOf(report, since);
  const most = mostOf(report);
  return firstThatFits(
    [[night, period, wokenIn(report), most], [night, period, most], [night, period], [night]].map((parts) =>
      parts.filter((part) => part !== '').join(' '),
    ),
    channel,
  );
}

/** `Last night: 12 failed, 9 paged, 3 wakings. Taken in 4 min, working again after 38 min (median). 1 still open.` */
function nightOf({ lastNight: night, isWhole }: ReportView): string {
  if (night === null)
    return `Last night: not known, for ${isWhole ? 'Temporal has not kept all of it' : 'not all could be read'}.`;
  if (isWhole && night.episodes === 0 && night.wakings === 0) return 'Last night: nothing failed, nobody was woken.';
  const { medianSeconds: taken } = night.toAcknowledge;
  const { medianSeconds: again } = night.toRecover;
  const times = [
    ...(taken === null ? [] : [`taken in ${duration(taken * 1_000)}`]),
    ...(again === null ? [] : [`working again after ${duration(again * 1_000)}`]),
  ];
  return [
    `Last night: ${named(night.episodes, 'failure')}, ${night.paged} paged, ${named(night.wakings, 'waking')}.`,
    ...(times.length > 0 ? [`Median: ${times.join(', ')}.`] : []),
    ...(night.unanswered > 0 ? [`Unanswered: ${night.unanswered}.`] : []),
    ...(night.open > 0 ? [`Still open: ${night.open}.`] : []),
    ...(isWhole ? [] : ['Not all could be read.']),
  ].join(' ');
}

/** Who was woken in the period; contacts are keys. */
function wokenIn({ people }: ReportView): string {
  const woken = people.flatMap(({ contact, wakings }) =>
    contact !== null && wakings > 0 ? [`${contact} ${wakings}`] : [],
  );
  return woken.length === 0 ? '' : `Woken: ${withRest(woken.slice(0, 3), woken.length)}.`;
}

/** `7d: 40 failures (before: 52), 9 wakings (before: 15), 4 failed again within a day.` */
function periodOf(report: ReportView, since: string): string {
  const { before, keptFrom } = report;
  const period = knownPeriod(report);
  if (period === null) return '';
  const against = (count: number | undefined): string => (count === undefined ? '' : ` (before: ${count})`);
  const parts = [
    `${named(period.episodes, 'failure')}${against(before?.episodes)}`,
    `${named(period.wakings, 'waking')}${against(before?.wakings)}`,
    ...(period.failedAgain > 0 ? [`${period.failedAgain} failed again within a day`] : []),
  ];
  const kept =
    keptFrom === null || keptFrom <= period.from
      ? ''
      : ` (Temporal keeps ${duration(Date.parse(period.to) - Date.parse(keptFrom))})`;
  return `${since}${kept}: ${parts.join(', ')}.`;
}

/** What fails again most, else the project with the most failures. */
function mostOf({ again: [again], projects }: ReportView): string {
  if (again) return `Most often again: ${quoted(again.item, 40)}.`;
  const first = projects.find(({ name, episodes }) => name !== null && episodes > 1);
  return first?.name ? `Most in project ${quoted(first.name, 40)}.` : '';
}

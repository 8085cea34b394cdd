/** A report as one table: a row for each of its parts, by the column `part`. */
import { csvOf, type Cell } from './csv.js';
import { knownPeriod } from './report.js';
import type { Group, PersonView, ReportView, Totals, TotalsOfSpan } from './schema.js';
import type { Spread } from './spread.js';

const columns = [
  'part',
  'name',
  'episodes',
  'before',
  'paged',
  'acknowledged',
  'recovered',
  'unanswered',
  'open',
  'failed_again',
  'to_acknowledge_median_s',
  'to_acknowledge_p90_s',
  'to_recover_median_s',
  'to_recover_p90_s',
  'whatsapp',
  'sms',
  'calls',
  'wakings',
  'cost',
] as const;
type Row = Partial<Record<(typeof columns)[number], Cell>>;

export function reportCsv(report: ReportView): string {
  const { period, before, lastNight } = report;
  const groups = [
    ['project', report.projects],
    ['owner', report.owners],
    ['cause', report.causes],
    ['policy', report.policies],
  ] as const;
  const rows: Row[] = [
    knownPeriod(report) ? totals('period', period) : { part: 'period', name: spanText(period) },
    ...(before ? [totals('before', before)] : []),
    ...(lastNight ? [totals('last night', lastNight)] : []),
    ...report.days.map(({ date, ...counts }) => ({ part: 'day', name: date, ...counts })),
    ...report.hours.map(({ hour, ...counts }) => ({ part: 'hour', name: String(hour), ...counts })),
    ...groups.flatMap(([part, list]) => list.map((each) => group(part, each))),
    ...report.people.map(person),
    ...report.again.map(({ item, times }) => ({ part: 'fails again', name: item, failed_again: times })),
  ];
  return csvOf([columns, ...rows.map((row) => columns.map((column) => row[column] ?? null))]);
}

const acknowledging = ({ medianSeconds, p90Seconds }: Spread): Row => ({
  to_acknowledge_median_s: medianSeconds,
  to_acknowledge_p90_s: p90Seconds,
});
const recovering = ({ medianSeconds, p90Seconds }: Spread): Row => ({
  to_recover_median_s: medianSeconds,
  to_recover_p90_s: p90Seconds,
});

const spanText = ({ from, to }: TotalsOfSpan): string => `${from} to ${to}`;

const totals = (part: string, all: TotalsOfSpan): Row => ({
  part,
  name: spanText(all),
  episodes: all.episodes,
  paged: all.paged,
  acknowledged: all.acknowledged,
  recovered: all.recovered,
  unanswered: all.unanswered,
  open: all.open,
  failed_again: all.failedAgain,
  ...acknowledging(all.toAcknowledge),
  ...recovering(all.toRecover),
  ...sending(all),
});

const sending = ({ sent, wakings, cost }: Pick<Totals, 'sent' | 'wakings' | 'cost'>): Row => ({
  whatsapp: sent.whatsapp,
  sms: sent.sms,
  calls: sent.call,
  wakings,
  cost,
});

const group = (part: string, { name, failedAgain, ...each }: Group): Row => ({
  part,
  name: name ?? 'not known',
  episodes: each.episodes,
  before: each.before,
  acknowledged: each.acknowledged,
  failed_again: failedAgain,
  ...acknowledging(each.toAcknowledge),
  ...recovering(each.toRecover),
});

const person = ({ contact, acknowledged, toAcknowledge, ...counts }: PersonView): Row => ({
  part: 'person',
  name: contact ?? 'others',
  acknowledged,
  ...acknowledging(toAcknowledge),
  ...sending(counts),
});

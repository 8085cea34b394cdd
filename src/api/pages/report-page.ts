/** The page of the report: the last night, the period beside the one before it, charts, and who and what was concerned. Pure. */
import { spanText } from '../../policy/local-time.js';
import { knownPeriod } from '../../report/report.js';
import type { Group, ReportView, Totals, TotalsOfSpan } from '../../report/schema.js';
import { barChart } from './charts.js';
import { selectField } from './fields.js';
import { html, type Html } from './html.js';
import { named } from './incident-parts.js';
import { incidentPath } from './paths.js';
import { peopleTable } from './report-people.js';
import { costText, timeText } from './report-texts.js';
import { timeElement, type Clock } from './times.js';

interface ReportPage {
  prefix: string;
  report: ReportView;
  /** As the reader chose it: `30d`. */
  since: string;
  clock: Clock;
}

const mostGroups = 10;

export function reportPage({ prefix, report, since, clock }: ReportPage): Html {
  const query = new URLSearchParams({ since, zone: report.zone }).toString();
  return html`<h1>Report</h1>
    ${periodForm(prefix, since)} ${report.notes.map((note) => html`<p class="soft">${note}</p>`)}
    ${totals(report, clock)}
    <div class="charts">${charts(report)}</div>
    ${peopleTable(report)}
    <div class="grid">
      ${groupTable('By project', report.projects)} ${groupTable('By owner', report.owners)}
      ${groupTable('By cause', report.causes)} ${groupTable('By policy', report.policies)}
    </div>
    ${again(report, prefix, clock)}
    <p class="no-print row">
      <a class="button" href="${prefix}/report.csv?${query}" download>CSV</a>
      <span class="soft"
        >Times are in ${report.zone}. A waking is a message or call about a failure in somebody's quiet hours, or from
        22:00 to 07:00 on their clock.</span
      >
    </p>`;
}

const choices = [
  { value: '24h', text: 'The last 24 hours' },
  { value: '7d', text: 'The last 7 days' },
  { value: '30d', text: 'The last 30 days' },
  { value: '90d', text: 'The last 90 days' },
];

const periodForm = (prefix: string, since: string): Html =>
  html`<form action="${prefix}/report" class="filters no-print">
    <div class="row">
      ${selectField({ name: 'since', label: 'Period', value: since, options: choices })}<button>Show</button>
    </div>
  </form>`;

type Row = readonly [name: string, of: (totals: Totals) => string];

const rows: readonly Row[] = [
  ['Failures', ({ episodes }) => String(episodes)],
  ['Somebody was paged', ({ paged }) => String(paged)],
  ['Taken', ({ acknowledged }) => String(acknowledged)],
  ['Nobody answered', ({ unanswered }) => String(unanswered)],
  ['Failed again within a day', ({ failedAgain }) => String(failedAgain)],
  ['Still open', ({ open }) => String(open)],
  ['Time to take it, median', ({ toAcknowledge }) => timeText(toAcknowledge.medianSeconds)],
  ['Time to take it, 90 of 100', ({ toAcknowledge }) => timeText(toAcknowledge.p90Seconds)],
  ['Time to recover, median', ({ toRecover }) => timeText(toRecover.medianSeconds)],
  ['Time to recover, 90 of 100', ({ toRecover }) => timeText(toRecover.p90Seconds)],
  ['WhatsApp messages', ({ sent }) => String(sent.whatsapp)],
  ['SMS', ({ sent }) => String(sent.sms)],
  ['Calls', ({ sent }) => String(sent.call)],
  ['Wakings', ({ wakings }) => String(wakings)],
];

function totals(report: ReportView, clock: Clock): Html {
  const { before, lastNight, currency, isWhole } = report;
  const cost: Row[] = currency === null ? [] : [[`Cost (${currency})`, (all) => costText(all.cost)]];
  const columns = [
    ['Last night', lastNight],
    ['Period', knownPeriod(report)],
    ['Before', before],
  ] as const;
  const span = (shown: TotalsOfSpan | null): string =>
    shown === null ? 'not known' : spanText(Date.parse(shown.from), Date.parse(shown.to), clock.zone, clock.now);
  return html`<section class="card scroll" aria-labelledby="totals" tabindex="0">
    <h2 id="totals">${lastNightText(lastNight, isWhole)}</h2>
    <table>
      <thead>
        <tr>
          <td></td>
          ${columns.map(([name, shown]) => html`<th scope="col" class="number">${name}<small>${span(shown)}</small></th>`)}
        </tr>
      </thead>
      <tbody>
        ${[...rows, ...cost].map(
          ([name, of]) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${columns.map(([, shown]) => html`<td class="number">${shown === null ? '–' : of(shown)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function lastNightText(lastNight: Totals | null, isWhole: boolean): string {
  if (lastNight === null) return 'What happened last night is not known.';
  const { episodes, wakings, open } = lastNight;
  if (isWhole && episodes === 0 && wakings === 0) return 'Last night nothing failed, and nobody was woken.';
  const failures = `${episodes} ${episodes === 1 ? 'failure' : 'failures'}`;
  const woken = `${wakings} ${wakings === 1 ? 'waking' : 'wakings'}`;
  return `Last night: ${failures}, ${woken}${open > 0 ? `, ${open} still open` : ''}${isWhole ? '' : ', and not all was read'}`;
}

function charts({ days, hours }: ReportView): Html[] {
  // Nothing is known of the period.
  if (hours.length === 0) return [];
  const of = ['failures', 'wakings'] as const;
  const dayBars = days.map(({ date, episodes, wakings }) => ({
    label: date.slice(5).replace('-', '/'),
    name: date,
    value: episodes,
    marked: wakings,
  }));
  const hourBars = hours.map(({ hour, episodes, wakings }) => ({
    label: String(hour).padStart(2, '0'),
    name: `${String(hour).padStart(2, '0')}:00`,
    value: episodes,
    marked: wakings,
  }));
  return [
    barChart({ id: 'by-day', title: 'By day', of, bars: dayBars, labelEvery: Math.ceil(days.length / 6) }),
    barChart({ id: 'by-hour', title: 'By hour of the day', of, bars: hourBars, labelEvery: 6 }),
  ];
}

function groupTable(title: string, groups: readonly Group[]): Html | null {
  if (groups.length === 0) return null;
  const shown = groups.slice(0, mostGroups);
  return html`<section class="card scroll" aria-label="${title}" tabindex="0">
    <table>
      <caption>
        ${title}${groups.length > shown.length ? `: the first ${shown.length} of ${groups.length}, all are in the CSV` : null}
      </caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" class="number">Failures</th>
          <th scope="col" class="number">Before</th>
          <th scope="col" class="number">Taken in</th>
          <th scope="col" class="number">Again</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          ({ name, episodes, before, toAcknowledge, failedAgain }) =>
            html`<tr>
              <th scope="row">${name === null ? 'not known' : named(name)}</th>
              <td class="number">${episodes}</td>
              <td class="number">${before ?? '–'}</td>
              <td class="number">${timeText(toAcknowledge.medianSeconds)}</td>
              <td class="number">${failedAgain}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function again({ again: items }: ReportView, prefix: string, clock: Clock): Html | null {
  if (items.length === 0) return null;
  return html`<section class="card">
    <h2>Failed again within a day</h2>
    <ul class="plain">
      ${items
        .slice(0, mostGroups)
        .map(
          ({ incident, item, times, lastAt }) =>
            html`<li>
              <a href="${prefix}${incidentPath(incident)}">${named(item)}</a>, ${times}
              ${times === 1 ? 'time' : 'times'}, last ${timeElement(lastAt, clock)}
            </li>`,
        )}
    </ul>
  </section>`;
}

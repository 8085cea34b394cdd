/** The page of all incidents: a form with the filters, and a row for each. Pure. */
import { incidentStates } from '../../workflows/contract.js';
import { isOver, type IncidentRow } from '../../workflows/view-contract.js';
import { fit, kindName, whatHappened } from '../../workflows/words.js';
import type { FilterProblem, FilterTexts } from '../incidents/filters.js';
import { inputField, selectField, type Option } from './fields.js';
import { html, type Html, type Value } from './html.js';
import { holder, named, nextLine, stateBadge } from './incident-parts.js';
import { any, contactField, filterForm, pageLinks, type ListPages } from './list-parts.js';
import { incidentPath } from './paths.js';
import { span, timeElement, type Clock } from './times.js';

interface IncidentsPage {
  prefix: string;
  clock: Clock;
  rows: readonly IncidentRow[];
  /** How many the filters let through of those that were read. */
  found: { open: number; withoutAnybody: number; over: number };
  given: FilterTexts;
  problem?: FilterProblem;
  /** Keys, for the filter. */
  contacts: readonly string[];
  pages: ListPages;
  /** Of `Snapshot`. */
  more: 'open' | 'over' | null;
}

/** The main part of the page. */
export const incidentsPage = (shown: IncidentsPage): Html =>
  html`<h1>Incidents</h1>
    ${filters(shown)} ${shown.problem === undefined ? list(shown) : null}`;

/** `3 open, 1 of them with nobody`: what a glance at a wall display has to say. */
export function countText({ open, withoutAnybody, over }: IncidentsPage['found']): string {
  if (open === 0) return over === 0 ? 'None' : `None open, ${over} over`;
  const alone = withoutAnybody === 0 ? 'somebody has each' : `nobody has ${withoutAnybody} of them`;
  return `${open} open: ${alone}${over === 0 ? '' : `; ${over} over`}`;
}

function list({ prefix, clock, rows, found, given, pages, more }: IncidentsPage): Html {
  const count =
    found.open + found.over > 0
      ? html`<p class="${found.withoutAnybody > 0 ? 'alarm' : 'soft'}" id="count">${countText(found)}</p>`
      : html`<p>${Object.keys(given).length > 0 ? 'No incident fits.' : 'There is no incident.'}</p>`;
  return html`${count} ${rows.length > 0 && table(rows, prefix, clock)}
  ${more !== null && html`<p class="soft">${cutText[more]}</p>`}
  ${pageLinks(`${prefix}/incidents`, pages, { first: 'First page', next: 'Next page' })}`;
}

const cutText = {
  open: 'More incidents are open than this page reads: the filters look at a part of them. A script can read all.',
  over: 'The filters look at all open incidents and at those that ended last. A script can read all.',
} as const;

const table = (rows: readonly IncidentRow[], prefix: string, clock: Clock): Html =>
  html`<table class="cards incidents">
    <thead>
      <tr>
        <th scope="col">State</th>
        <th scope="col">Item</th>
        <th scope="col">Cause</th>
        <th scope="col">Failures</th>
        <th scope="col">Who has it</th>
        <th scope="col">Next</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => rowOf(row, prefix, clock))}
    </tbody>
  </table>`;

/** Longer names lose their middle: the page of the incident has all of it. */
const mostName = 120;
const mostCause = 160;

function rowOf(row: IncidentRow, prefix: string, clock: Clock): Html {
  const { id, item, event, project, cause } = row;
  const what = `${kindName(item.kind)} ${event === '' ? '' : whatHappened(event)}`.trimEnd();
  return html`<tr>
    <td>${stateBadge(row)}</td>
    <th scope="row">
      <a href="${prefix}${incidentPath(id)}">${named(fit(item.name, mostName))}</a
      ><small>${what}${project !== null && html` · ${named(fit(project, mostName))}`}</small>
    </th>
    <td class="why">${cause === null ? html`<span class="soft">not known</span>` : named(fit(cause, mostCause))}</td>
    <td class="failures">${failuresOf(row, clock)}</td>
    <td class="${isOver(row) ? 'soft' : 'who'}">${whoHas(row, clock)}</td>
    <td class="next">${isOver(row) ? null : nextLine(row, clock)}</td>
  </tr>`;
}

const whoHas = (row: IncidentRow, clock: Clock): Value => {
  if (!isOver(row)) return holder(row, clock) ?? 'nobody';
  return html`over${row.endedAt !== null && html` since ${timeElement(row.endedAt, clock)}`}`;
};

const failuresOf = ({ failures, firstFailedAt }: IncidentRow, clock: Clock): Html =>
  html`${failures}, since ${timeElement(firstFailedAt, clock)}
    <small>(${span(Math.max(0, clock.now - Date.parse(firstFailedAt)))})</small>`;

const stateOptions: readonly Option[] = [
  any('Any, open first'),
  ...incidentStates.map((state) => ({ value: state, text: state })),
];
const sinceOptions: readonly Option[] = [
  any('Any time'),
  { value: '1h', text: 'In the last hour' },
  { value: '12h', text: 'In the last 12 hours' },
  { value: '1d', text: 'In the last day' },
  { value: '7d', text: 'In the last 7 days' },
];

function filters({ prefix, given, problem, contacts }: IncidentsPage): Html {
  const wrong = (name: FilterProblem['field']) => (problem?.field === name ? problem.message : undefined);
  const folded = ['item', 'project', 'site', 'contact', 'since'] as const;
  return filterForm({
    action: `${prefix}/incidents`,
    isFiltered: Object.keys(given).length > 0,
    fields: [
      inputField({ name: 'q', label: 'Search', type: 'search', value: given.q, wrong: wrong('q') }),
      selectField({ name: 'state', label: 'State', value: given.state, options: stateOptions, wrong: wrong('state') }),
    ],
    more: {
      isOpen: folded.some((name) => (given[name] ?? '') !== '' || wrong(name) !== undefined),
      fields: [
        inputField({ name: 'item', label: 'Item', value: given.item, hint: 'A part of its name' }),
        inputField({ name: 'project', label: 'Project', value: given.project, hint: 'A part of its path' }),
        inputField({ name: 'site', label: 'Site', value: given.site, hint: 'Its LUID' }),
        contactField({
          value: given.contact,
          contacts,
          wrong: wrong('contact'),
          hint: 'Paged, has it, or owns the item',
        }),
        selectField({
          name: 'since',
          label: 'Failed',
          value: given.since,
          options: sinceOptions,
          wrong: wrong('since'),
        }),
      ],
    },
  });
}

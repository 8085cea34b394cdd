/** The page of the freshness: what is late and why, and when what is due. Pure. */
import type { SiteShown } from '../../temporal/freshness.js';
import type { ShownFreshness, ShownItem, ShownLate } from '../../workflows/freshness-contract.js';
import { day } from '../../workflows/contract.js';
import { kindName } from '../../workflows/words.js';
import { hourBars, hourTable } from './hour-bars.js';
import { html, type Html } from './html.js';
import { named, sinceText } from './incident-parts.js';
import { incidentPath } from './paths.js';
import { timeElement, type Clock } from './times.js';

interface FreshnessPage {
  prefix: string;
  sites: readonly SiteShown[];
  clock: Clock;
}

/** The main part of the page. */
export const freshnessPage = ({ prefix, sites, clock }: FreshnessPage): Html =>
  html`<h1>Freshness</h1>
    ${sites.length === 0 && html`<p>Nothing is promised: the escalation file says which items have new data by when.</p>`}
    ${sites.map((site) => siteSection(site, prefix, clock))}`;

/** `2 of 40 late`: for the title. */
export function lateText(sites: readonly SiteShown[]): string {
  const sum = (count: (site: SiteShown) => number): number => sites.reduce((all, site) => all + count(site), 0);
  return `${sum(({ counts }) => counts.late)} of ${sum(({ counts }) => counts.promised)} late`;
}

function siteSection(shown: SiteShown, prefix: string, clock: Clock): Html {
  const { site, counts, lookedAt } = shown;
  const id = `site-${site}`;
  return html`<section class="card" aria-labelledby="${id}">
    <h2 id="${id}">Site ${named(site)}</h2>
    <p>
      <strong class="${counts.late > 0 ? 'alarm' : 'ok'}"
        >${counts.late} of ${counts.promised} promised items are late</strong
      >${lookedAt !== null && html`, as of ${sinceText(lookedAt, clock)}`}
    </p>
    ${counts.failedFlows !== undefined && counts.failedFlows > 0 && html`<p class="alarm">${counts.failedFlows} flows failed at their last run.</p>`}
    ${counts.alarms.map(({ code, since }) => html`<p class="alarm">Alarm <a href="${prefix}/health">${code}</a> since ${timeElement(since, clock)}</p>`)}
    ${shown.shown === null || lookedAt === null ? html`<p class="soft">Tableau has not answered yet.</p>` : picture(shown.shown, Date.parse(lookedAt), counts.late, prefix, clock)}
  </section>`;
}

function picture(shown: ShownFreshness, lookedAt: number, lateCount: number, prefix: string, clock: Clock): Html {
  const { late, hours, items } = shown;
  return html`${late.length > 0 && lateList(late, lateCount, prefix, clock)}
    <h3>Due by hour</h3>
    ${hourBars(hours, lookedAt, clock)}
    <details id="hours">
      <summary>As a table</summary>
      ${hourTable(hours, clock)}
    </details>
    ${items.length > 0 && itemTable(items, lookedAt, clock)}`;
}

function lateList(late: readonly ShownLate[], count: number, prefix: string, clock: Clock): Html {
  const rest = count - late.length;
  return html`<h3>Late</h3>
    <ul class="plain">
      ${late.map((one) => html`<li>${lateItem(one, prefix, clock)}</li>`)}
    </ul>
    ${rest > 0 && html`<p class="soft">and ${rest} more</p>`}`;
}

function lateItem(
  { item, state, why, deadline, lastDataAt, dependants, incident }: ShownLate,
  prefix: string,
  clock: Clock,
): Html {
  const name =
    incident === null ? named(item.name) : html`<a href="${prefix}${incidentPath(incident)}">${named(item.name)}</a>`;
  return html`<strong>${kindName(item.kind)} ${name}</strong>
    <span class="alarm">${state.replaceAll('-', ' ')}</span
    >${incident === null && html` <small>(nobody is paged)</small>`}<br />
    ${named(why)}<br />
    <small
      >due
      ${sinceText(deadline, clock)}${lastDataAt !== undefined && html` · last data ${sinceText(lastDataAt, clock)}`}${dependants !== undefined && dependants > 0 && html` · ${dependants} more are late because of it`}</small
    >`;
}

const itemTable = (items: readonly ShownItem[], lookedAt: number, clock: Clock): Html =>
  html`<h3>On time</h3>
    <table class="lines promised">
      <thead>
        <tr>
          <th scope="col">Item</th>
          <th scope="col">Last data</th>
          <th scope="col">Due next</th>
          <th scope="col" class="track">
            The day before and after
            <small>green: last data, grey: was due, blue: due next, line: now</small>
          </th>
        </tr>
      </thead>
      <tbody>
        ${items.map(
          (shown) =>
            html`<tr>
              <th scope="row">${named(shown.item.name)} <small>${named(shown.promise)}</small></th>
              <td>${shown.lastDataAt === undefined ? 'not known' : timeElement(shown.lastDataAt, clock)}</td>
              <td>${shown.nextDeadline !== undefined && timeElement(shown.nextDeadline, clock)}</td>
              <td class="track">${track(shown, lookedAt)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;

/** The item on a line of two days: its data, and what was and is due. What it says is in the cells beside it. */
function track({ lastDataAt, deadline, nextDeadline }: ShownItem, lookedAt: number): Html {
  const at = (time: string | undefined): number | null => {
    const x = time === undefined ? -1 : (Date.parse(time) - lookedAt + day) / (2 * day);
    return x < 0 || x > 1 ? null : Math.round(x * 1_000);
  };
  const mark = (x: number | null, colour: string, wide: number): Html | null =>
    x === null ? null : html`<rect class="bar ${colour}" x="${x - wide / 2}" y="2" width="${wide}" height="12"></rect>`;
  return html`<svg class="band thin" viewBox="0 0 1000 16" preserveAspectRatio="none" aria-hidden="true">
    <line class="axis" x1="0" x2="1000" y1="8" y2="8"></line>
    <line class="now" x1="500" x2="500" y1="0" y2="16"></line>
    ${mark(at(deadline), 'past', 8)} ${mark(at(lastDataAt), 'ok', 14)} ${mark(at(nextDeadline), '', 8)}
  </svg>`;
}

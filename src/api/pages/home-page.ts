/** The page at `/`: for everybody what this is and what is wrong, and for whoever is signed in which incidents need somebody. */
import type { IncidentRow } from '../../workflows/view-contract.js';
import type { KnownAlarm } from '../health/alarm.js';
import { alarmList } from './alarm-list.js';
import { html, webAddress, type Html } from './html.js';
import { named, nextLine, stateBadge } from './incident-parts.js';
import { page, type Navigation } from './layout.js';
import { incidentPath } from './paths.js';
import { timeElement, type Clock } from './times.js';

export interface Home {
  name: string;
  version: string;
  prefix: string;
  alarms: readonly KnownAlarm[];
  /** Name → absolute address. */
  links: Readonly<Record<string, string>>;
  clock: Clock;
  /** Absent: the reader is not signed in. */
  known?: {
    navigation: Navigation;
    /** The address, with the prefix, of its live events. */
    live: string;
    /** Those that nobody has taken; null: Temporal does not answer. */
    open: { incidents: readonly IncidentRow[]; more: boolean } | null;
  };
}

const incidentItem = (row: IncidentRow, prefix: string, clock: Clock): Html =>
  html`<li>
    ${stateBadge(row)} <a href="${prefix}${incidentPath(row.id)}">${named(row.item.name)}</a>
    ${row.cause !== null && html`<br />${named(row.cause)}`}
    <br /><small
      >failing since
      ${timeElement(row.firstFailedAt, clock)}${row.next !== null && html`; next: ${nextLine(row, clock)}`}</small
    >
  </li>`;

function openIncidents({ known, prefix, clock }: Home): Html | null {
  if (known === undefined) return null;
  const { open } = known;
  const list =
    open === null
      ? html`<p class="alarm">Temporal does not answer: nobody knows them now.</p>`
      : html`<ul class="plain">
          ${
            open.incidents.length === 0
              ? html`<li class="ok">None. Somebody has each, or all work.</li>`
              : open.incidents.map((row) => incidentItem(row, prefix, clock))
          }
        </ul>`;
  return html`<section class="card" aria-labelledby="open">
    <h2 id="open">Incidents that nobody has taken</h2>
    ${list}
    <p><a href="${prefix}/incidents">${open?.more ? 'More incidents' : 'All incidents'}</a></p>
  </section>`;
}

/** The whole page. */
export function homePage(home: Home): string {
  const { name, version, prefix, alarms, links, clock, known } = home;
  const linkItems = Object.entries(links).map(
    ([what, url]) => html`<li><a href="${webAddress(url) ?? ''}">${what}</a></li>`,
  );
  return page({
    title: 'Overview',
    prefix,
    ...(known && { live: known.live, clock }),
    ...(known && { navigation: known.navigation }),
    main: html`<div class="narrow">
      <h1>${name}</h1>
      <p class="soft">A Tableau refresh fails: people are paged on the phone, step by step, until somebody takes it.</p>
      ${openIncidents(home)} ${alarmList(alarms, { clock, isKnown: known !== undefined })}
      <section class="card" aria-labelledby="links">
        <h2 id="links">Where to look</h2>
        <ul class="plain">
          ${linkItems}
        </ul>
        ${known ? null : html`<p><a class="button" href="${prefix}/sign-in">Sign in</a></p>`}
      </section>
      <p class="soft">
        Version ${version}.
        ${known ? null : html`Signed in, you see which incidents are open, and what to do about an alarm. Times are in UTC.`}
      </p>
    </div>`,
  });
}

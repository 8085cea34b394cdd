/** The page that the link of a bundle opens: what is open for one contact. And the page of links that open nothing. */
import { ago, kindName, whatHappened } from '../../workflows/words.js';
import type { IncidentView } from '../../workflows/view-contract.js';
import { html, type Html } from './html.js';
import { holder, named, stateBadge } from './incident-parts.js';
import { page } from './layout.js';
import type { Clock } from './times.js';

export interface ListedLink {
  /** Of its own page, with the prefix. */
  address: string;
  number: number;
  view: IncidentView;
}

export interface LinkListPage {
  prefix: string;
  contact: string;
  rows: readonly ListedLink[];
  isCut: boolean;
  clock: Clock;
}

const row =
  (clock: Clock) =>
  ({ address, number, view }: ListedLink): Html => {
    const who = holder(view, clock);
    return html`<li>
      <a href="${address}"><strong>${named(view.item.name)}</strong></a> ${stateBadge(view)} <br /><small
        >[${number}] ${kindName(view.item.kind)} ${whatHappened(view.event)},
        ${ago(Date.parse(view.firstFailedAt), clock.now)}${
          view.cause === null ? null : html` · ${named(view.cause)}`
        }${who === null ? null : html` · ${who}`}</small
      >
    </li>`;
  };

/** The whole page as text. */
export const linkListPage = ({ prefix, contact, rows, isCut, clock }: LinkListPage): string =>
  page({
    title: 'What is open',
    prefix,
    main: html`<div class="narrow">
      <h1>What is open for ${named(contact)}</h1>
      ${
        rows.length === 0
          ? html`<p class="card">Nothing that a message has named is open.</p>`
          : html`<ul class="card plain">
              ${rows.map(row(clock))}
            </ul>`
      }
      <p class="soft">
        ${isCut ? 'There is more than is shown here. ' : null}A message about many names the worst and counts the
        others: reply LIST to see all, ALL to take all.
      </p>
    </div>`,
  });

export interface RefusedLink {
  prefix: string;
  title: string;
  text: string;
  /** What to do. */
  hints: readonly string[];
  /** Where to go on; absent: nowhere. */
  back?: string;
}

/** A page that says why nothing is shown, or was done. */
export const refusedLinkPage = ({ prefix, title, text, hints, back }: RefusedLink): string =>
  page({
    title,
    prefix,
    main: html`<div class="narrow">
      <h1>${title}</h1>
      <p role="alert">${text}</p>
      <ul>
        ${hints.map((hint) => html`<li>${hint}</li>`)}
      </ul>
      ${back !== undefined && html`<p><a class="button" href="${back}">Open the page again</a></p>`}
    </div>`,
  });

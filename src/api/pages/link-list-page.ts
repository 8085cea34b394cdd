/** The page that the link of a bundle opens: what is open for one contact. */
import { ago, kindName, whatHappened } from '../../workflows/words.js';
import type { IncidentView } from '../../workflows/view-contract.js';
import { hiddenFields } from './fields.js';
import { html, type Html } from './html.js';
import { holder, named, stateBadge } from './incident-parts.js';
import { page, type Frame } from './layout.js';
import type { Clock } from './times.js';

export interface ListedLink {
  /** Of its own page, with the prefix. */
  address: string;
  number: number;
  view: IncidentView;
}

export interface LinkListPage {
  prefix: string;
  /** The path of the page without the prefix. */
  path: string;
  contact: string;
  rows: readonly ListedLink[];
  clock: Clock;
  /** Hidden fields of the form. */
  csrf: string;
  nonce: string;
  notice?: NonNullable<Frame['notice']> | undefined;
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

const takeAll = ({ prefix, path, csrf, nonce }: LinkListPage): Html =>
  html`<form method="post" action="${prefix}${path}" class="row">
    ${hiddenFields({ _csrf: csrf, nonce })}<button name="verb" value="acknowledge" class="main wide">Take all</button>
  </form>`;

/** What was pressed is recorded, and nothing is known of it yet: the page does not keep itself up to date. */
export const recordedText =
  'Recorded. It takes effect as soon as the service has processed it: load this page again to see it.';

/** The whole page as text. */
export function linkListPage(shown: LinkListPage): string {
  const { prefix, contact, rows, clock, notice } = shown;
  return page({
    title: 'What is open',
    prefix,
    ...(notice && { notice }),
    main: html`<div class="narrow">
      <h1>What is open for ${named(contact)}</h1>
      <section class="actions" aria-label="Your answer">${takeAll(shown)}</section>
      <p class="soft">
        Takes what nobody has and a message to you has named or counted, as the reply ALL does. What waits to be sent is
        not taken.
      </p>
      ${
        rows.length === 0
          ? html`<p class="card">Nothing that a message has named is open.</p>`
          : html`<section class="card">
              <ul class="plain">
                ${rows.map(row(clock))}
              </ul>
            </section>`
      }
      <p class="soft">
        These are all that messages have named. A message about many names the worst and counts the others: reply LIST
        to see those, too.
      </p>
    </div>`,
  });
}

/** The frame of every page: head, navigation, main part, foot. It is complete without a script; `live.js` only keeps it up to date. */
import { html, type Html } from './html.js';
import { dayTimeElement, type Clock } from './times.js';

export interface Frame {
  title: string;
  /** The path prefix of `PUBLIC_URL`, without a trailing slash: empty mostly. */
  prefix: string;
  main: Html;
  /** The address, with the prefix, of server-sent events that say when the page has changed; absent: it does not. */
  live?: string;
  /** It has a form that takes time to fill in: without a script it is not loaded again by itself. */
  isFilledIn?: boolean;
  /** For the navigation; absent on pages for whoever has no account, such as the one of a link. */
  navigation?: Navigation;
  /** Shown before the main part: `done` confirms, `wrong` says what was refused. */
  notice?: { kind: 'done' | 'wrong'; text: string };
  /** When the page was made, and the zone of its times; absent: it says so itself. */
  clock?: Clock;
  /** BCP 47; the pages are English. */
  language?: string;
}

export interface Navigation {
  /** The path of the present page, without the prefix: `/incidents`. */
  current: string;
  /** Under which name the reader is signed in. */
  person: string;
  /** For the form that signs out. */
  csrf: string;
}

const places = [
  ['/', 'Overview'],
  ['/incidents', 'Incidents'],
  ['/on-call', 'On call'],
  ['/freshness', 'Freshness'],
  ['/messages', 'Messages'],
  ['/report', 'Report'],
  ['/health', 'Health'],
] as const;

function navigationOf({ current, person, csrf }: Navigation, prefix: string): Html {
  const links = places.map(
    ([path, name]) =>
      html`<li><a href="${prefix}${path}" ${path === current ? html` aria-current="page"` : null}>${name}</a></li>`,
  );
  return html`<header class="top">
    <nav aria-label="Pages">
      <ul>
        ${links}
      </ul>
    </nav>
    <form method="post" action="${prefix}/sign-out" class="who">
      <input type="hidden" name="_csrf" value="${csrf}" /><span>${person}</span> <button class="plain">Sign out</button>
    </form>
  </header>`;
}

/** `live.js` says the time where it cannot renew the page. */
const asOf = (clock: Clock): Html =>
  html`<p class="soft" id="as-of">
    As of ${dayTimeElement(clock.now, clock)}. Times are in ${clock.zone.replaceAll('_', ' ')}, except where another
    zone is named.
  </p>`;

/** A whole page as text, for `text/html; charset=utf-8`. */
export function page({
  title,
  prefix,
  main,
  live,
  isFilledIn = false,
  navigation,
  notice,
  clock,
  language = 'en',
}: Frame): string {
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Tableau Webhooks</title>
        <link rel="stylesheet" href="${prefix}/assets/style.css" />
        ${
          live === undefined
            ? null
            : html`<script type="module" src="${prefix}/assets/live.js"></script>
                ${!isFilledIn && html`<noscript><meta http-equiv="refresh" content="30" /></noscript>`}`
        }
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        ${navigation ? navigationOf(navigation, prefix) : null}
        ${live !== undefined && html`<p id="stale" role="status"></p>`}
        <main id="main" tabindex="-1" ${live === undefined ? null : html` data-live="${live}"`}>
          ${notice ? html`<p class="notice ${notice.kind}" role="${notice.kind === 'wrong' ? 'alert' : 'status'}">${notice.text}</p>` : null}
          ${main} ${clock && asOf(clock)}
        </main>
      </body>
    </html> `.text;
}

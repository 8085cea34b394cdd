/** The page that the link of a page or message opens, for a person who was just woken: what broke, and buttons, come first. */
import type { AnswerResult } from '../../workflows/contract.js';
import type { IncidentView, NextCode, NextView } from '../../workflows/view-contract.js';
import { ago, canBeRefreshed, ordinal } from '../../workflows/words.js';
import type { LinkVerb } from '../link-answers.js';
import { html, type Html } from './html.js';
import { facts, headline, isOver, named, nextLine, pagesSent, stateBadge, timeline } from './incident-parts.js';
import { page, type Frame } from './layout.js';
import { shortTime, type Clock } from './times.js';

export interface LinkPage {
  /** The path prefix of `PUBLIC_URL`. */
  prefix: string;
  /** The path of the page without the prefix: `/i/<token>`. */
  path: string;
  contact: string;
  view: IncidentView;
  clock: Clock;
  /** Hidden fields of every form. */
  csrf: string;
  nonce: string;
  /** To whom it can be handed. */
  others: readonly string[];
  /** The owner's contact key, where it is another contact who can be told; else null. */
  owner: string | null;
  /** Which version of it this is. */
  seen: string;
  /** What only Tableau knows; `later` while it is being asked. */
  more: Html | null;
  notice?: NonNullable<Frame['notice']> | undefined;
}

const shownEntries = 30;

/** `3 failures, 12 min ago` and who has it, in words. */
function summary({ contact, view, clock }: Pick<LinkPage, 'contact' | 'view' | 'clock'>): Html {
  const inRow = view.detail?.consecutiveFailures ?? 0;
  const count = Math.max(inRow, view.failures);
  const nth = count > 1 ? `${ordinal(count)} failure${inRow >= view.failures ? ' in a row' : ''}, since ` : '';
  const since = ago(Date.parse(view.firstFailedAt), clock.now);
  const whose =
    view.acknowledgedBy === null
      ? null
      : view.acknowledgedBy === contact
        ? html` <strong>You have it.</strong>`
        : html` <strong>${named(view.acknowledgedBy)} has it.</strong>`;
  return html`${headline(view).what}, ${nth}${nth === '' ? since : since.replace(/ ago$/, '')}.${whose}`;
}

/** What comes next, said to the reader. */
function inWords({ contact, view: { next, acknowledgedBy } }: Pick<LinkPage, 'contact' | 'view'>): NextView | null {
  if (next === null) return null;
  const whom = acknowledgedBy === contact ? 'You are' : `${acknowledgedBy ?? 'Somebody'} is`;
  const words: Partial<Record<NextCode, string>> = {
    unacknowledged: 'If nobody answers, the pages end',
    reminder: `${whom} reminded if it is still broken`,
    'snooze-ends': 'If it is still broken, the pages start again',
    'escalate-again': 'The pages start again',
    rerun: 'The refresh that runs again has ended',
    'rerun-check': 'Tableau is asked how the refresh goes that runs again',
  };
  return { ...next, what: words[next.code] ?? next.what };
}

/** The whole page as text. */
export function linkPage(shown: LinkPage): string {
  const { prefix, path, view, clock, seen, more, notice } = shown;
  const { name } = headline(view);
  const next = isOver(view) ? null : nextLine({ next: inWords(shown) }, clock);
  return page({
    title: view.item.name,
    prefix,
    live: `${prefix}${path}/events?seen=${seen}`,
    ...(notice && { notice }),
    main: html`<div class="narrow">
      <p>${stateBadge(view)}</p>
      <h1>${name}</h1>
      <p>${summary(shown)}</p>
      ${view.cause !== null && html`<p class="cause">${named(view.cause)}</p>`}
      ${isOver(view) ? html`<p><strong>There is nothing to do: it is over.</strong></p>` : actions(shown)}
      ${
        next !== null &&
        html`<section class="card">
          <h2>What comes next</h2>
          <p>${next}</p>
        </section>`
      }
      <section class="card">
        <h2>What is known</h2>
        ${facts(view, clock)}
      </section>
      ${more}
      <section class="card">
        <h2>Who was paged</h2>
        ${pagesSent(view, clock)}
      </section>
      <section class="card">
        <h2>What happened</h2>
        ${timeline(view, clock, shownEntries)}
      </section>
      <p class="soft">
        Times are those of ${clock.zone.replaceAll('_', ' ')}. This page is for ${named(shown.contact)} alone: do not
        pass its address on.
      </p>
    </div>`,
  });
}

const button = (verb: LinkVerb, text: string, kind = ''): Html =>
  html`<button name="verb" value="${verb}" class="${kind}">${text}</button>`;

const formOf = ({ prefix, path, csrf, nonce }: LinkPage, content: Html, kind = 'row'): Html =>
  html`<form method="post" action="${prefix}${path}" class="${kind}">
    <input type="hidden" name="_csrf" value="${csrf}" /><input type="hidden" name="nonce" value="${nonce}" />${content}
  </form>`;

function actions(shown: LinkPage): Html {
  const { contact, view, others } = shown;
  const isYours = view.state === 'acknowledged' && view.acknowledgedBy === contact;
  const isTheirs = view.state === 'acknowledged' && !isYours;
  return html`<section class="actions" aria-label="Your answer">
    ${formOf(
      shown,
      html`${!isYours && !isTheirs && button('acknowledge', 'I take it', 'main wide')}
      ${canBeRefreshed(view.item) && button('rerun', 'Run it again')} ${button('resolve', 'It is fixed')}`,
    )}
    <details id="snooze">
      <summary>Snooze</summary>
      <p class="soft">Nobody is paged until then; if it is still broken, the pages start again.</p>
      ${formOf(
        shown,
        html`<input type="hidden" name="verb" value="snooze" /> ${snoozes.map(
            ([value, text]) => html`<button name="for" value="${value}">${text}</button>`,
          )}`,
      )}
    </details>
    ${others.length > 0 && handOver(shown)}
    ${shown.owner !== null && formOf(shown, button('tell', `Tell the owner, ${shown.owner}`))}
  </section>`;
}

const handOver = (shown: LinkPage): Html =>
  html`<details id="hand">
    <summary>Hand it to somebody else</summary>
    <p class="soft">They are paged at once, by all their channels; if they do not take it, the pages go on.</p>
    ${formOf(
      shown,
      html`<label
          >To whom
          <select name="to" id="to">
            ${shown.others.map((contact) => html`<option>${contact}</option>`)}
          </select></label
        >
        ${button('hand', 'Hand it over')}`,
    )}
  </details>`;

/** For how long, as the form says it, and as the button does. */
export const snoozes = [
  ['15m', '15 min'],
  ['1h', '1 h'],
  ['4h', '4 h'],
  ['morning', 'until 07:00'],
] as const;

/** What became of the reader's answer, by what the incident shows now. Null: it was recorded, and nothing is known of it yet. */
export function resultText(result: AnswerResult | null, shown: Pick<LinkPage, 'contact' | 'view' | 'clock'>): string {
  const { contact, view, clock } = shown;
  const isYours = view.state === 'acknowledged' && view.acknowledgedBy === contact;
  const reminder = isYours && view.next?.code === 'reminder' ? view.next.at : null;
  const reminded = reminder === null ? '' : ` You are reminded at ${shortTime(reminder, clock)} if it is still broken.`;
  switch (result) {
    case 'taken':
      return `Taken.${reminded}`;
    case 'already':
      return `${view.acknowledgedBy ?? 'Somebody else'} had taken it before you.`;
    case 'resolved':
      return 'Marked as fixed. Whoever else was paged is told.';
    case 'rerunning':
      return 'Taken. The refresh runs again; you get a message if it fails.';
    case 'snoozed': {
      const until = view.snoozedUntil === null ? '' : ` until ${shortTime(view.snoozedUntil, clock)}`;
      return `Snoozed${until}. If it is still broken then, the pages start again.`;
    }
    case 'handed':
      return 'Handed on: whom you chose is paged now, by all their channels. If they do not take it, the pages go on.';
    case 'told':
      return 'The owner gets a message, which asks for nothing.';
    case 'closed':
      return 'It was over before your answer.';
    case null:
      return isOver(view)
        ? 'It is over.'
        : 'Recorded. It takes effect as soon as the service has processed it, which this page then shows.';
  }
}

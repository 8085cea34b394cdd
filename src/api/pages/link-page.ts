/** The page that the link of a page or message opens, for a person who was just woken: what broke, and buttons, come first. */
import type { AnswerResult } from '../../workflows/contract.js';
import { isOver, type IncidentView, type NextCode, type NextView } from '../../workflows/view-contract.js';
import { nameOf } from '../../workflows/names.js';
import { ago, canBeRefreshed, ordinal } from '../../workflows/words.js';
import type { LinkVerb } from '../links/link-answers.js';
import { html, type Html } from './html.js';
import { facts, headline, named, nextLine, pagesSent, stateBadge, timeline } from './incident-parts.js';
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

type Shown = Pick<LinkPage, 'contact' | 'view' | 'clock'>;

/** Who has it: of a snooze whoever snoozed, not whoever took it before. Null: nobody. */
const holderOf = ({ state, acknowledgedBy, snoozedBy }: IncidentView): string | null =>
  state === 'snoozed' ? snoozedBy : acknowledgedBy;

/** `You have it.`, `ana snoozed it until 04:00.` */
function whoHasIt({ contact, view, clock }: Shown): string | null {
  const by = holderOf(view);
  if (isOver(view) || by === null) return null;
  const name = by === contact ? 'You' : nameOf(by);
  if (view.state !== 'snoozed') return `${name} ${by === contact ? 'have' : 'has'} it.`;
  return `${name} snoozed it${view.snoozedUntil === null ? '' : ` until ${shortTime(view.snoozedUntil, clock)}`}.`;
}

/** `3 failures, 12 min ago` and who has it, in words. */
function summary(shown: Shown): Html {
  const { view, clock } = shown;
  const inRow = view.detail?.consecutiveFailures ?? 0;
  const count = Math.max(inRow, view.failures);
  const nth = count > 1 ? `${ordinal(count)} failure${inRow >= view.failures ? ' in a row' : ''}, since ` : '';
  const since = ago(Date.parse(view.firstFailedAt), clock.now);
  const who = whoHasIt(shown);
  return html`${headline(view).what},
  ${nth}${nth === '' ? since : since.replace(/ ago$/, '')}.${who !== null && html` <strong>${named(who)}</strong>`}`;
}

/** What comes next, said to the reader. A reminder goes to a contact alone. */
function inWords({ contact, others, view: { state, next, acknowledgedBy } }: LinkPage): NextView | null {
  if (next === null) return null;
  const isOther = acknowledgedBy !== null && others.includes(acknowledgedBy);
  if (next.code === 'reminder' && acknowledgedBy !== contact && !isOther) return null;
  const whom = acknowledgedBy === contact ? 'You are' : `${acknowledgedBy} is`;
  const words: Partial<Record<NextCode, string>> = {
    unacknowledged: 'If nobody answers, the pages end',
    reminder: `${whom} reminded if it is still broken`,
    'snooze-ends': 'If it is still broken, the pages start again',
    'escalate-again': 'The pages start again',
    rerun:
      state === 'triggered'
        ? 'If the refresh that runs again has no result, the pages begin'
        : 'The refresh that runs again is not waited for any more',
    'rerun-check': 'Tableau is asked how the refresh goes that runs again',
  };
  return { ...next, what: words[next.code] ?? next.what };
}

const overText = ({ state }: IncidentView): string =>
  state === 'forgotten'
    ? 'It is not watched any more, and nobody is paged: a new failure pages again.'
    : 'There is nothing to do: it is over.';

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
      ${isOver(view) ? html`<p><strong>${overText(view)}</strong></p>` : actions(shown)}
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
    <p class="soft">
      They are paged at once, by each of their channels 5 min after the one before. If they do not take it, the pages go
      on.
    </p>
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

/** The answer is recorded, and nothing is known of it yet. */
const recordedText = 'Recorded. It takes effect as soon as the service has processed it, which this page then shows.';

/** What became of the reader's answer, by what the incident shows now: it may have changed since. Null: nothing is known of it yet. */
export function resultText(result: AnswerResult | null, shown: Shown): string {
  const { contact, view, clock } = shown;
  const isYours = view.state === 'acknowledged' && view.acknowledgedBy === contact;
  const other = holderOf(view) === contact ? null : whoHasIt(shown);
  switch (result) {
    case 'taken': {
      if (!isYours) return 'You took it, and it has changed since.';
      const reminder = view.next?.code === 'reminder' ? view.next.at : null;
      return reminder === null
        ? 'Taken.'
        : `Taken. You are reminded at ${shortTime(reminder, clock)} if it is still broken.`;
    }
    case 'already':
      return `It was taken before you pressed.${other === null ? '' : ` ${other}`}`;
    case 'resolved':
      return 'Marked as fixed. Whoever else was paged is told.';
    case 'rerunning':
      if (isOver(view)) return 'You ran the refresh again.';
      if (view.state !== 'acknowledged') return 'You ran the refresh again, and it has changed since.';
      return `${isYours ? 'Taken. ' : ''}The refresh runs again.${other === null ? '' : ` ${other}`} If it fails, the pages start again.`;
    case 'snoozed':
      if (view.state !== 'snoozed' || view.snoozedUntil === null) return 'You snoozed it, and it has changed since.';
      return `Snoozed until ${shortTime(view.snoozedUntil, clock)}. If it is still broken then, the pages start again.`;
    case 'handed':
      if (view.state !== 'triggered') return 'You handed it on, and it has changed since.';
      return 'Handed on: whom you chose is paged, by each of their channels 5 min after the one before. If they do not take it, the pages go on.';
    case 'told':
      return 'The owner gets a message, which asks for nothing.';
    case 'closed':
      return 'It was over before your answer.';
    case null:
      return isOver(view) ? 'It is over.' : recordedText;
  }
}

/** The page of one incident for operators. Pure. */
import { canBeRefreshed, type AnswerResult } from '../../workflows/contract.js';
import { isOver, type IncidentView } from '../../workflows/view-contract.js';
import { capital } from '../../workflows/words.js';
import { hiddenFields } from './fields.js';
import { html, webAddress, type Html } from './html.js';
import { facts, headline, nextLine, pagesSent, stateBadge, timeline, whoText } from './incident-parts.js';
import { incidentPath } from './paths.js';
import { type Clock } from './times.js';

interface IncidentPage {
  prefix: string;
  view: IncidentView;
  clock: Clock;
  /** What only Tableau knows, as a section; null: nothing. */
  more: Html | null;
  /** Absent: the reader may not answer. */
  form?: { csrf: string; nonce: string };
  /** Its workflow in Temporal's Web UI, where that is known. */
  webUi: string | null;
}

/** The main part of the page. */
export function incidentPage({ prefix, view, clock, more, form, webUi }: IncidentPage): Html {
  const { name, what } = headline(view);
  const next = nextLine(view, clock);
  const address = webAddress(webUi);
  return html`<p class="no-print"><a href="${prefix}/incidents">All incidents</a></p>
    <h1>${name}</h1>
    <p class="lead">${what} · ${stateBadge(view)}</p>
    <div class="columns">
      <div>
        <section class="card" aria-labelledby="next">
          <h2 id="next">Next</h2>
          <p>${isOver(view) ? 'Nothing: it is over.' : (next ?? 'Nothing is planned.')}</p>
          ${answerForm({ prefix, view, ...(form && { form }) })}
        </section>
        <section class="card" aria-labelledby="facts">
          <h2 id="facts">What is known</h2>
          ${facts(view, clock)}
        </section>
        ${more}
      </div>
      <div>
        <section class="card" aria-labelledby="paged">
          <h2 id="paged">Who was paged</h2>
          ${pagesSent(view, clock)}
        </section>
        <section class="card" aria-labelledby="timeline">
          <h2 id="timeline">Timeline</h2>
          ${timeline(view, clock)}
        </section>
      </div>
    </div>
    <p class="soft">
      <code>${view.id}</code>${address !== null && html` · <a href="${address}">In the Temporal Web UI</a>`}
    </p>`;
}

export const snoozeTimes = ['15m', '30m', '1h', '2h', '4h', '8h', '24h'] as const;
const snoozeText = (time: string): string => time.replace('m', ' min').replace('h', ' h');

function answerForm({ prefix, view, form }: Pick<IncidentPage, 'prefix' | 'view' | 'form'>): Html | null {
  if (isOver(view)) return null;
  if (!form) return html`<p class="soft">You can look at this. Only responders can answer.</p>`;
  const { csrf, nonce } = form;
  const isTaken = view.state === 'acknowledged';
  return html`<form method="post" action="${prefix}${incidentPath(view.id)}/answers" class="answers">
    ${hiddenFields({ _csrf: csrf, nonce, episode: view.episode ?? '' })}
    <div class="row">
      ${!isTaken && answerButton('acknowledge', 'Take it', 'main')}
      ${canBeRefreshed(view.item) && answerButton('rerun', 'Run the refresh again')} ${answerButton('resolve', 'Fixed')}
    </div>
    <div class="row snooze">
      <label for="duration">Snooze for</label>
      <select id="duration" name="duration">
        ${snoozeTimes.map((time) => html`<option value="${time}" ${time === '1h' && ' selected'}>${snoozeText(time)}</option>`)}
      </select>
      ${answerButton('snooze', 'Snooze')}
    </div>
  </form>`;
}

const answerButton = (verb: string, text: string, look = ''): Html =>
  html`<button id="answer-${verb}" name="verb" value="${verb}" class="${look}">${text}</button>`;

/** What became of an answer, as words in the address that the form leads to. */
export const outcomes = [
  'taken',
  'already',
  'resolved',
  'rerunning',
  'snoozed',
  'closed',
  'recorded',
] as const satisfies readonly (AnswerResult | 'recorded')[];
export type ShownOutcome = (typeof outcomes)[number];

/** What the page says of an answer that was given; null where that is not so any more, for the address may be opened again much later. */
export function outcomeText(outcome: ShownOutcome, view: IncidentView): string | null {
  const isTaken = view.state === 'acknowledged';
  switch (outcome) {
    case 'taken':
      return isTaken ? 'Taken: nobody is paged any more.' : null;
    case 'already':
      return isTaken ? `${capital(whoText(view.acknowledgedBy))} had it already.` : null;
    case 'resolved':
      return isOver(view) ? 'Recorded as fixed.' : null;
    case 'rerunning':
      return isTaken ? 'It is taken, and Tableau is asked to run the refresh again.' : null;
    case 'snoozed':
      return view.state === 'snoozed' ? 'Snoozed: nobody is paged until then.' : null;
    case 'closed':
      return isOver(view) ? 'It was over already: nothing has changed.' : null;
    case 'recorded':
      return isOver(view) ? null : 'Recorded. What became of it is not known yet: it shows here as soon as it is.';
  }
}

/** What is shown where an answer could not be recorded. */
export const notRecordedPage = (prefix: string, id: string, why: string): Html =>
  html`<h1>Not recorded</h1>
    <p>${why}</p>
    <p>Nothing has changed. Go back and try again, or reply to the message on your phone.</p>
    <p><a class="button" href="${prefix}${incidentPath(id)}">Back to the incident</a></p>`;

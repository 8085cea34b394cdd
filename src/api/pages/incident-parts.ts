/**
 * The parts of a page about one incident, as pure functions of how it reads and the reader's clock: the page of a link and the page of an operator
 * are made of the same.
 */
import { channelName } from '../../workflows/channels.js';
import type { IncidentState } from '../../workflows/contract.js';
import {
  isOver,
  type IncidentRow,
  type IncidentView,
  type PageView,
  type TimelineEntry,
} from '../../workflows/view-contract.js';
import { classify } from '../../twilio/codes.js';
import { capital, kindName, ordinal, whatHappened } from '../../workflows/words.js';
import { html, webAddress, type Html, type Value } from './html.js';
import { onClock, span, timeElement, type Clock } from './times.js';

/** A text from outside: its direction, which may be right to left, turns nothing around it. */
export const named = (text: string): Html => html`<bdi>${text}</bdi>`;

/** Who did something, for a name that may be `api`: so is called in Temporal who is no contact. */
export const whoText = (by: string | null): string => (by === null ? 'somebody' : by === 'api' ? notContact : by);
const notContact = 'somebody who is no contact';

/** An entry of the timeline in which somebody is `api`. */
const withoutApi = (text: string): string =>
  text.replace(/(?<=\bby )api(?![\w-])/, notContact).replace(/^api(?![\w-])/, capital(notContact));

const stateWords: Readonly<Record<IncidentState, string>> = {
  triggered: 'Nobody has it yet',
  unacknowledged: 'Nobody answered',
  acknowledged: 'Taken',
  snoozed: 'Snoozed',
  resolved: 'Over',
  forgotten: 'Not watched any more',
};

/** The state as a word of the field in its colour; what it means is its title. */
export const stateBadge = ({ state }: Pick<IncidentRow, 'state'>): Html =>
  html`<span class="state ${state}" title="${stateWords[state]}">${state}</span>`;

/** `Sales`, `Workbook refresh failed`: what broke, as a heading and a line. */
export const headline = ({ item, event }: Pick<IncidentRow, 'item' | 'event'>): { name: Html; what: string } => ({
  name: named(item.name),
  what: `${kindName(item.kind)} ${event === '' ? 'failed' : whatHappened(event)}`,
});

/** Who has it: `ana since 03:04`, `snoozed by ana until 04:00`; null where nobody has. */
export function holder(row: IncidentRow, clock: Clock): Html | null {
  if (row.state === 'snoozed' && row.snoozedUntil !== null)
    return html`snoozed${row.snoozedBy === null ? null : html` by ${named(whoText(row.snoozedBy))}`} until
    ${timeElement(row.snoozedUntil, clock)}`;
  if (row.acknowledgedBy === null) return null;
  const since = row.acknowledgedAt === null ? null : html` since ${timeElement(row.acknowledgedAt, clock)}`;
  return html`${named(whoText(row.acknowledgedBy))}${since}`;
}

/** `SMS to ana at 03:10 (in 4 min)`. Null where nothing is planned. */
export function nextLine({ next }: Pick<IncidentRow, 'next'>, clock: Clock): Html | null {
  if (next === null) return null;
  const inMs = Date.parse(next.at) - clock.now;
  const distance = inMs < 1_000 ? 'now' : `in ${span(inMs)}`;
  return html`${named(next.what)} at ${timeElement(next.at, clock)} <small>(${distance})</small>`;
}

/** `03:00 (2 h 5 min ago)` */
export const sinceText = (at: string, clock: Clock): Html =>
  html`${timeElement(at, clock)} <small>(${span(Math.max(0, clock.now - Date.parse(at)))} ago)</small>`;

const fact = (name: string, value: Value): Html | null =>
  value === null || value === undefined || value === '' || value === false
    ? null
    : html`<dt>${name}</dt>
        <dd>${value}</dd>`;

/** What broke, why, since when, who has it, whom it hurts: a list of names and values without what is not known, but for the cause. */
export function facts(view: IncidentView, clock: Clock, more: readonly [name: string, value: Value][] = []): Html {
  const { detail } = view;
  return html`<dl class="facts">
    ${isOver(view) ? fact('Who had it', holder(view, clock)) : fact('Who has it', holder(view, clock) ?? 'nobody')}
    ${fact('Cause', view.cause === null ? html`<span class="soft">not known</span>` : named(view.cause))}
    ${fact('Failing since', isOver(view) ? timeElement(view.firstFailedAt, clock) : sinceText(view.firstFailedAt, clock))}
    ${fact('Failures', failuresText(view, clock))}
    ${fact('Ended', view.endedAt && isOver(view) ? timeElement(view.endedAt, clock) : null)}
    ${fact('Last good data', detail?.lastGoodAt && sinceText(detail.lastGoodAt, clock))}
    ${fact('Next run', detail?.nextRunAt && timeElement(detail.nextRunAt, clock))}
    ${fact('Built on it', detail?.downstreamWorkbooks && `${detail.downstreamWorkbooks} workbooks`)}
    ${fact('Project', view.project && named(view.project))}
    ${fact('Tags', detail?.tags?.length ? detail.tags.map((tag, index) => html`${index > 0 && ', '}${named(tag)}`) : null)}
    ${fact('Owner', view.ownerRole && named(view.ownerRole))} ${more.map(([name, value]) => fact(name, value))}
    ${fact('Policy', view.policy && policyText(view))} ${fact('In Tableau', tableauLink(view))}
    ${detail?.unknownItem && fact('Tableau says', 'it has no such item any more')}
    ${(detail?.problems ?? []).map((problem) => fact('Not known', named(problem)))}
  </dl>`;
}

function failuresText({ failures, lastFailedAt, detail }: IncidentView, clock: Clock): Html {
  const inRow = detail?.consecutiveFailures;
  const byTableau = inRow !== undefined && inRow > failures ? `, the ${ordinal(inRow)} in a row by Tableau` : '';
  return html`${failures}${failures > 1 ? html`, the last at ${timeElement(lastFailedAt, clock)}` : null}${byTableau}`;
}

const policyText = ({ policy, step, round }: IncidentRow): Html =>
  html`${named(policy)}${step > 0 ? `, step ${step}` : ''}${round > 1 ? `, round ${round}` : ''}`;

function tableauLink({ detail }: IncidentView): Html | null {
  const address = webAddress(detail?.url);
  return address === null ? null : html`<a href="${address}" rel="noreferrer">Open in Tableau</a>`;
}

/** Who was paged how and when, and what became of it; the newest first. */
export function pagesSent({ pagesSent: pages }: Pick<IncidentView, 'pagesSent'>, clock: Clock): Html {
  if (pages.length === 0) return html`<p class="soft">Nobody was paged.</p>`;
  return html`<ol class="plain" reversed>
    ${pages.toReversed().map((page) => html`<li>${pageLine(page, clock)}</li>`)}
  </ol>`;
}

const pageLine = (page: PageView, clock: Clock): Html =>
  html`<strong>${channelName(page.channel)} to ${named(page.contact)}</strong>
    ${timeElement(page.sentAt ?? page.requestedAt, clock)}:
    <span class="${colours[page.status]}">${page.status}</span>${becameText(page, clock)}`;

const colours: Readonly<Record<PageView['status'], string>> = {
  requested: 'waiting',
  held: 'waiting',
  sent: '',
  delivered: 'ok',
  read: 'ok',
  failed: 'alarm',
  withdrawn: 'soft',
};

function becameText({ status, heldUntil, readAt, why }: PageView, clock: Clock): Html {
  const at = status === 'held' ? heldUntil : status === 'read' ? readAt : null;
  const until = status === 'held' ? 'until' : 'at';
  return html`${at === null ? null : html` ${until} ${timeElement(at, clock)}`}${why === null ? null : html` <small>(${whyText(why)})</small>`}`;
}

/** What a code of Twilio means, or the words that are there. */
const whyText = (why: string): Html =>
  /^\d+$/.test(why) ? html`${classify(Number(why))?.message ?? 'Twilio says'} ${why}` : named(why);

/** What happened, the newest first. @param most how many entries are shown; the others are counted */
export function timeline({ timeline: entries }: { timeline: TimelineEntry[] }, clock: Clock, most = Infinity): Html {
  if (entries.length === 0) return html`<p class="soft">Nothing is recorded yet.</p>`;
  const shown = entries.toReversed().slice(0, most);
  const rest = entries.length - shown.length;
  return html`<ol class="plain timeline" reversed>
      ${shown.map(({ at, text }) => html`<li>${timeElement(at, clock)} ${named(onClock(withoutApi(text), clock))}</li>`)}
    </ol>
    ${rest > 0 && html`<p class="soft">and ${rest} earlier</p>`}`;
}

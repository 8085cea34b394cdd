/**
 * Shows the incident in the memo of its workflow, where `src/temporal/read-incident.ts` reads it without a worker. An upsert replaces whole keys,
 * and each is an event: so there is one for each entry of the timeline and each page, and one upsert has whatever changed.
 */
import type { Effect } from '../machine.js';
import { memoKeys, type ShownAnswers } from '../view-contract.js';
import { foresee } from './decision.js';
import { labelRefusal } from './label.js';
import type { Next } from './next.js';
import { keptTimeline, type Incident } from './state.js';
import { isUnreported } from './step-status.js';
import { shownUnreachable } from './unreached.js';
import { detailOf, pageOf, rowOf, searchValues } from './view.js';

type Memo = Record<string, unknown>;

/** Older pages of the episode are left out: a memo has to stay small. */
const shownPages = 200;
/** Whoever gave an answer looks for its outcome for some seconds. */
const keptAnswers = 10;

/** Memo and search attributes are commands, so only a change is worth one. */
export function publish(incident: Incident, now: number): Effect<never>[] {
  const next = incident.next ?? foresee(incident, now);
  const isShown = incident.state !== null && next !== null && !awaitsReports(incident);
  const memo = {
    ...shownUnreachable(incident),
    ...labelRefusal(incident),
    ...(isShown && changesOf(incident, next)),
  };
  const effects: Effect<never>[] = Object.keys(memo).length > 0 ? [{ type: 'memo', memo }] : [];
  return isShown ? [...effects, ...searchAttributesOf(incident)] : effects;
}

/** The pagers report on the pages of a step within milliseconds, unless one cannot be reached, or the pages are withdrawn. */
const awaitsReports = (incident: Incident): boolean =>
  isUnreported(incident) && incident.unreached.length === 0 && !incident.cancelling;

function searchAttributesOf(incident: Incident): Effect<never>[] {
  const values = searchValues(incident);
  const json = JSON.stringify(values);
  const isKnown = json === incident.published.searchAttributes;
  incident.published.searchAttributes = json;
  return incident.hasSearchAttributes && !isKnown ? [{ type: 'search-attributes', values }] : [];
}

const changesOf = (incident: Incident, next: Next): Memo => ({
  ...changed(incident, 'row', memoKeys.row, rowOf(incident, next)),
  ...changed(incident, 'detail', memoKeys.detail, detailOf(incident)),
  ...changed(incident, 'answers', memoKeys.answers, answersOf(incident)),
  ...entriesOf(incident),
  ...pagesOf(incident),
});

/** `null` and nothing are the same to a memo. */
function changed({ published }: Incident, part: 'row' | 'detail' | 'answers', key: string, value: object | null): Memo {
  const json = value === null ? '' : JSON.stringify(value);
  if (json === published[part]) return {};
  published[part] = json;
  return { [key]: value };
}

/** What became of the answers that came by a signal, which gives no response. */
function answersOf({ answers }: Incident): ShownAnswers | null {
  const shown = answers.filter(({ isShown }) => isShown).slice(-keptAnswers);
  return shown.length === 0 ? null : Object.fromEntries(shown.map(({ id, result }) => [id, result]));
}

/** Entries are never changed: those that are new, and null for those that are kept no more. */
function entriesOf({ timeline, lastEntry, published }: Incident): Memo {
  const first = lastEntry - timeline.length + 1;
  const memo: Memo = {};
  for (let n = Math.max(1, published.entries - keptTimeline + 1); n < first && n <= published.entries; n += 1)
    memo[memoKeys.entry(n)] = null;
  for (let n = Math.max(first, published.entries + 1); n <= lastEntry; n += 1)
    memo[memoKeys.entry(n)] = timeline[n - first];
  published.entries = lastEntry;
  return memo;
}

function pagesOf(incident: Incident): Memo {
  const before = incident.published.pages;
  const memo: Memo = {};
  const now: Record<string, string> = {};
  for (const page of incident.pages.slice(-shownPages)) {
    const view = pageOf(incident, page);
    const json = JSON.stringify(view);
    now[page.n] = json;
    if (before[page.n] !== json) memo[memoKeys.page(page.n)] = view;
  }
  for (const n of Object.keys(before)) if (now[n] === undefined) memo[memoKeys.page(Number(n))] = null;
  incident.published.pages = now;
  return memo;
}

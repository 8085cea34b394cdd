/** Which incidents a reader of `GET /incidents` wants: the filters of the list, for scripts and for the page. */
import { Type, type Static } from 'typebox';
import { parseDuration } from '../../policy/duration.js';
import { parseInstant } from '../../policy/local-time.js';
import { incidentStates, type IncidentState } from '../../workflows/contract.js';
import type { IncidentRow } from '../../workflows/view-contract.js';

const text = Type.Optional(Type.String({ maxLength: 256 }));
/** The filters as they come in an address; an empty one but `state` is none. */
export const FilterTexts = Type.Object({
  state: text,
  item: text,
  project: text,
  site: text,
  contact: text,
  since: text,
  q: text,
});
export type FilterTexts = Static<typeof FilterTexts>;
export const filterNames = ['state', 'item', 'project', 'site', 'contact', 'since', 'q'] as const;
export type FilterName = (typeof filterNames)[number];

export interface Filters {
  state: IncidentState | null;
  /** Parts of names, in lower case; empty: any. */
  item: string;
  project: string;
  /** The luid of the site, or '-'. */
  site: string;
  /** A contact's key. */
  contact: string;
  /** Milliseconds since the epoch: failed last then or later. */
  since: number | null;
  /** Words, in lower case, each of which is somewhere in the row. */
  words: string[];
}

export interface FilterProblem {
  field: FilterName;
  message: string;
}

const isState = (state: string): state is IncidentState => incidentStates.some((one) => one === state);
/** As contact keys are in the escalation file; `api` is whoever has no key. */
const contactKey = /^[a-z][a-z0-9-]{0,31}$/;
const folded = (given = ''): string => given.trim().toLowerCase();

/** Reads the filters. @param now for `since`, which may be a time back from it */
export function readFilters(given: FilterTexts, now: number): { filters: Filters } | { problem: FilterProblem } {
  const { state, site = '', contact = '' } = given;
  if (state !== undefined && !isState(state))
    return { problem: { field: 'state', message: `state must be one of ${incidentStates.join(', ')}.` } };
  if (contact !== '' && !contactKey.test(contact))
    return {
      problem: { field: 'contact', message: 'contact must be the key of a contact, in lower case, such as ana.' },
    };
  const since = sinceOf(given.since?.trim() ?? '', now);
  if (since === undefined)
    return {
      problem: { field: 'since', message: 'since must be a time back, such as 2h or 7d, or one with its offset.' },
    };
  const words = folded(given.q).split(/\s+/u).filter(Boolean);
  const [item, project] = [folded(given.item), folded(given.project)];
  return { filters: { state: state ?? null, item, project, site: site.trim(), contact, since, words } };
}

/** Undefined for what is no time. */
function sinceOf(given: string, now: number): number | null | undefined {
  if (given === '') return null;
  const backMs = parseDuration(given);
  // A + that was not percent-encoded arrives as a space.
  return backMs === null ? (parseInstant(given.replace(' ', '+')) ?? undefined) : now - backMs;
}

/** The filters for a state alone; null: any. */
export const allIn = (state: IncidentState | null): Filters => ({
  state,
  item: '',
  project: '',
  site: '',
  contact: '',
  since: null,
  words: [],
});

/** An incident of a list. */
export interface Listed {
  row: IncidentRow;
  /** Whom it has paged in the present episode. */
  paged: readonly string[];
}

/** Whether the filters let an incident through. */
export function isWanted({ row, paged }: Listed, filters: Filters): boolean {
  const { state, item, project, site, contact, since, words } = filters;
  const has = (value: string | null, part: string): boolean =>
    part === '' || (value?.toLowerCase().includes(part) ?? false);
  return (
    (state === null || row.state === state) &&
    (has(row.item.name, item) || row.item.luid.toLowerCase() === item) &&
    has(row.project, project) &&
    (site === '' || row.item.site === site) &&
    (contact === '' || concerns({ row, paged }, contact)) &&
    (since === null || Date.parse(row.lastFailedAt) >= since) &&
    words.every((word) => has(textOf(row), word))
  );
}

/** It was paged for it, has it, snoozed it, or owns the item. */
const concerns = ({ row, paged }: Listed, contact: string): boolean =>
  [row.acknowledgedBy, row.snoozedBy, row.ownerRole, ...paged].includes(contact);

const textOf = ({ id, state, item, event, cause, project, acknowledgedBy, ownerRole }: IncidentRow): string =>
  [id, state, item.name, event, cause, project, acknowledgedBy, ownerRole].join('\n');

/** Which filters are set, as one text: a cursor means nothing for others. A state alone is itself. */
export function filterScope(given: FilterTexts): string {
  const { state = '', ...others } = given;
  const set = filterNames.flatMap((name) => {
    const value = name === 'state' ? undefined : others[name]?.trim();
    return value ? [`${name}=${value}`] : [];
  });
  return set.length === 0 ? state : JSON.stringify([state, ...set]);
}

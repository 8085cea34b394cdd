/** What pages with a long list have in common: the form of their filters, and the ways to the other pages of the list. Pure. */
import { selectField, type Option } from './fields.js';
import { html, type Html } from './html.js';

interface FilterForm {
  /** The address of the list, with the prefix. */
  action: string;
  /** Those that most readers want. */
  fields: readonly Html[];
  /** Whether any is set. */
  isFiltered: boolean;
  /** Others, which are folded away. */
  more?: { fields: readonly Html[]; isOpen: boolean };
}

/** The form puts what it holds into the address. */
export const filterForm = ({ action, fields, isFiltered, more }: FilterForm): Html =>
  html`<form action="${action}" role="search" class="filters no-print">
    <div class="row">
      ${fields}<button>Show</button>${isFiltered && html`<a class="button" href="${action}">No filters</a>`}
    </div>
    ${
      more &&
      html`<details id="more-filters" ${more.isOpen && ' open'}>
        <summary>More filters</summary>
        <div class="row">${more.fields}</div>
      </details>`
    }
  </form>`;

interface ContactField {
  value: string | undefined;
  /** Keys. */
  contacts: readonly string[];
  wrong?: string | undefined;
  hint?: string;
}

export const contactField = ({ contacts, ...field }: ContactField): Html =>
  selectField({ ...field, name: 'contact', label: 'Contact', options: [any('Anybody'), ...contacts.map(asItIs)] });

/** The option of a filter that lets all through. */
export const any = (text = 'Any'): Option => ({ value: '', text });
const asItIs = (value: string): Option => ({ value, text: value });

export interface ListPages {
  /** What the page of the list is made by, without the cursor. */
  query: Readonly<Record<string, string | undefined>>;
  /** The cursor of the next page; null: none. */
  next: string | null;
  isFirst: boolean;
}

/** The ways to the first and to the next page, by the same filters. */
export function pageLinks(
  path: string,
  { query, next, isFirst }: ListPages,
  words: { first: string; next: string },
): Html {
  const own = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  const address = (...more: [string, string][]): string => {
    const text = new URLSearchParams([...own, ...more]).toString();
    return text === '' ? path : `${path}?${text}`;
  };
  return html`<p class="row no-print">
    ${!isFirst && html`<a class="button" href="${address()}">${words.first}</a>`}
    ${next !== null && html`<a class="button" rel="next" href="${address(['cursor', next])}">${words.next}</a>`}
  </p>`;
}

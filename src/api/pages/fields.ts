/** Fields of forms: each has a label, and what is wrong with its value stands beside it. */
import { html, type Html } from './html.js';

interface Field {
  name: string;
  label: string;
  value?: string | undefined;
  /** What was refused, as a sentence. */
  wrong?: string | undefined;
  hint?: string;
  /** Set where a page has the same name in several forms. */
  idPrefix?: string;
  required?: boolean;
}

interface Input extends Field {
  type?: 'text' | 'search' | 'datetime-local';
  maxlength?: number;
  /** Words that the browser offers. */
  options?: readonly string[];
}

export interface Option {
  value: string;
  text: string;
}

function frame(field: Field, control: (id: string, about: Html | null) => Html): Html {
  const { name, label, wrong, hint, idPrefix = '' } = field;
  const id = `${idPrefix}${name}`;
  const [wrongId, hintId] = [`${id}-wrong`, `${id}-hint`];
  const described = [wrong !== undefined && wrongId, hint !== undefined && hintId].filter(Boolean).join(' ');
  const about =
    described === ''
      ? null
      : html` aria-describedby="${described}"${wrong === undefined ? null : html` aria-invalid="true"`}`;
  return html`<p class="field">
    <label for="${id}">${label}</label>${control(id, about)}
    ${wrong !== undefined && html`<span class="wrong" id="${wrongId}">${wrong}</span>`}
    ${hint !== undefined && html`<small id="${hintId}">${hint}</small>`}
  </p>`;
}

/** A field with a text. */
export const inputField = (field: Input): Html =>
  frame(field, (id, about) => {
    const { name, value = '', type = 'text', required = false, maxlength = 256, options = [] } = field;
    const list = options.length === 0 ? null : html` list="${id}-list"`;
    return html`<input
        id="${id}"
        name="${name}"
        type="${type}"
        value="${value}"
        maxlength="${maxlength}"
        ${required && ' required'}${about}${list}
      />${
        options.length > 0 &&
        html`<datalist id="${id}-list">${options.map((option) => html`<option>${option}</option>`)}</datalist>`
      }`;
  });

/** A field with a choice. A value that is none of the options is one more. */
export const selectField = (field: Field & { options: readonly Option[] }): Html =>
  frame(field, (id, about) => {
    const { name, value = '', required = false, options } = field;
    const all = options.some((option) => option.value === value) ? options : [...options, { value, text: value }];
    return html`<select id="${id}" name="${name}" ${required && ' required'}${about}>
      ${all.map((option) => html`<option value="${option.value}" ${option.value === value && ' selected'}>${option.text}</option>`)}
    </select>`;
  });

/** What a form carries besides: `_csrf`, and ids that make a copy of it change nothing. */
export const hiddenFields = (values: Readonly<Record<string, string>>): Html[] =>
  Object.entries(values).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);

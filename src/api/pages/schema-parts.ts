/** JSON schemas in words and tables. */
import type { Shape } from './document-shape.js';
import { html, type Html } from './html.js';

/** `#/components/schemas/Incident` → `Incident`. */
const nameOf = (reference: string): string => reference.replace(/^.*\//, '');

export const shapeLink = (name: string): Html => html`<a href="#${name}">${name}</a>`;

/** The sentences of a description: what stands between backquotes is code. */
export const prose = (text: string): Html[] =>
  text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));

const listed = (values: readonly unknown[]): Html[] =>
  values.map((value, at) => html`${at === 0 ? '' : ', '}<code>${String(value)}</code>`);

function range({ minimum, maximum }: Shape): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, at least ${minimum}`;
  return maximum === undefined ? '' : `, at most ${maximum}`;
}

function lengths({ minLength, maxLength }: Shape): string {
  if (maxLength === undefined) return minLength === undefined ? '' : `, not empty`;
  return `, ${minLength ?? 0} to ${maxLength} characters`;
}

const formats: Readonly<Record<string, string>> = {
  'date-time': 'a time, ISO 8601',
  date: 'a day, ISO 8601',
  uri: 'an address',
  uuid: 'a UUID',
};

/** What a value is: "one of a, b", "list of Incident", "text or null". */
export function kindOf(shape: Shape): Html {
  if (shape.$ref !== undefined) return shapeLink(nameOf(shape.$ref));
  if (shape.anyOf) return html`${shape.anyOf.map((one, at) => html`${at === 0 ? '' : ' or '}${kindOf(one)}`)}`;
  if (shape.const !== undefined) return html`<code>${JSON.stringify(shape.const)}</code>`;
  if (shape.enum) return html`one of ${listed(shape.enum)}`;
  switch (shape.type) {
    case 'string':
      return html`${formats[shape.format ?? ''] ?? 'text'}${lengths(shape)}`;
    case 'integer':
      return html`whole number${range(shape)}`;
    case 'number':
      return html`number${range(shape)}`;
    case 'boolean':
      return html`true or false`;
    case 'array':
      return html`list of ${kindOf(shape.items ?? {})}`;
    case 'object':
      return objectKind(shape);
    case undefined:
    default:
      return html`${shape.type ?? 'anything'}`;
  }
}

function objectKind({ properties, additionalProperties }: Shape): Html {
  if (properties && Object.keys(properties).length > 0)
    return html`object with
    ${Object.entries(properties).map(
      ([name, one], at) => html`${at === 0 ? '' : ', '}<code>${name}</code> (${kindOf(one)})`,
    )}`;
  return typeof additionalProperties === 'object' ? html`object of ${kindOf(additionalProperties)}` : html`object`;
}

const textOf = (value: unknown, indent = 0): string =>
  typeof value === 'string' ? value : JSON.stringify(value, null, indent);

interface Row {
  name: string;
  shape: Shape;
  required: boolean;
  /** Where it stands in the request, of a parameter. */
  place?: string;
  description?: string | undefined;
  example?: unknown;
}

/** Names with what each is and means. */
export const fieldList = (rows: readonly Row[]): Html =>
  html`<dl class="fields">
    ${rows.map(({ name, shape, required, place, description, example }) => {
      const [shown] = example === undefined ? (shape.examples ?? []) : [example];
      const meaning = description ?? shape.description;
      const facts = Object.entries({ Default: shape.default, Example: shown }).filter(
        ([, value]) => value !== undefined,
      );
      return html`<dt>
          <code>${name}</code>
          <span class="soft">
            ${kindOf(shape)}${place === undefined ? '' : `, in the ${place}`}${required ? '' : ', optional'}</span
          >
        </dt>
        <dd>
          ${meaning === undefined ? null : prose(meaning)}
          ${facts.map(([label, value]) => html`${label}: <code>${textOf(value)}</code>. `)}
        </dd>`;
    })}
  </dl>`;

/** The fields of an object. */
export const propertyList = ({ properties = {}, required = [] }: Shape): Html =>
  fieldList(Object.entries(properties).map(([name, shape]) => ({ name, shape, required: required.includes(name) })));

export const examplesOf = ({ examples = [] }: Shape): Html[] =>
  examples.map((value) => html`<pre><code>${textOf(value, 2)}</code></pre>`);

/** HTML as a tagged template that escapes every value, so that no name from Tableau and no reply can add markup to a page. */

const made = Symbol('made by `html`');

/** A piece of HTML in which every value was escaped. */
export interface Html {
  readonly [made]: true;
  readonly text: string;
}

/** A list is joined; null, undefined and false are nothing. */
export type Value = string | number | Html | null | undefined | false | readonly Value[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');

const isHtml = (value: Value): value is Html => typeof value === 'object' && value !== null && made in value;

function textOf(value: Value): string {
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  return isHtml(value) ? value.text : value.map(textOf).join('');
}

/**
 * A piece of HTML. Values are escaped for text and for attributes in quotes, and for nothing else: no value may stand in a script, a style, an attribute
 * without quotes, or at the beginning of an address that is not checked to be http or ours.
 */
export const html = (strings: TemplateStringsArray, ...values: Value[]): Html => ({
  [made]: true,
  text: dense(strings).reduce((all, part, index) => all + textOf(values[index - 1]) + part),
});

const denseParts = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Without the indentation of the source, which a third of a long list would be. */
function dense(strings: TemplateStringsArray): readonly string[] {
  const known = denseParts.get(strings);
  if (known) return known;
  const parts = strings.map((part) => part.replaceAll(/\n\s*/g, '\n'));
  denseParts.set(strings, parts);
  return parts;
}

/** An address from outside for `href`: http and https alone, else null. */
export const webAddress = (text: string | null | undefined): string | null =>
  typeof text === 'string' && /^https?:\/\//i.test(text) && URL.canParse(text) ? text : null;

import { mustBe } from './expected.js';
import { entries, isRecord } from './reading.js';
import { EscalationFile } from './schema.js';

/**
 * The form of the escalation file as JSON Schema (draft 2020-12) for editors: as plain data, with what each key must be as its description.
 * What only a whole file shows (unknown contacts, lengths of durations) is not in it.
 */
export const jsonSchema = (): Record<string, unknown> => ({
  title: 'Escalation file of Tableau Webhooks',
  ...describe(EscalationFile, []),
});

/** @param keys the keys on the way to a schema; `*` stands for an entry of a list or of a map with keys of its own */
function describe(schema: unknown, keys: readonly string[]): Record<string, unknown> {
  const must = mustBe(keys);
  const described = entries(schema).map(([keyword, value]): [string, unknown] => {
    if (keyword === 'properties') return [keyword, mapped(value, (inner, key) => describe(inner, [...keys, key]))];
    if (keyword === 'patternProperties') return [keyword, mapped(value, (inner) => describe(inner, [...keys, '*']))];
    if (keyword === 'items') return [keyword, describe(value, [...keys, '*'])];
    if (keyword === 'anyOf' && Array.isArray(value)) return [keyword, value.map((each) => describe(each, keys))];
    return [keyword, value];
  });
  return {
    ...(must !== undefined && { description: `${must.charAt(0).toUpperCase()}${must.slice(1)}.` }),
    ...Object.fromEntries(described),
  };
}

const mapped = (value: unknown, change: (inner: unknown, key: string) => unknown): unknown =>
  isRecord(value) ? Object.fromEntries(entries(value).map(([key, inner]) => [key, change(inner, key)])) : value;

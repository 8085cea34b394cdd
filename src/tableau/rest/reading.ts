/** Tableau's JSON is a mapping of XML: texts, times, numbers and lists have more than one form. */
import type { Static, TSchema } from 'typebox';
import { as } from './schemas.js';

type Scalar = string | number | null | undefined;

/** More of a text is not read, since white space that is folded is rarely longer. */
const maxReadLength = 4_096;

/** One line of at most 255 characters, or undefined for nothing. */
export const shown = (value: unknown): string | undefined =>
  (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
    .slice(0, maxReadLength)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 255)
    .replace(/[\uD800-\uDBFF]$/, '') || undefined;

/** Milliseconds since the epoch. */
export function timeOf(value: Scalar): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** ISO 8601 without milliseconds, as filters take it. */
export const isoSeconds = (time: number): string => new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z');

export function countOf(value: Scalar): number | undefined {
  const count = value === '' ? Number.NaN : Number(value ?? Number.NaN);
  return Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

/**
 * The valid elements of a list: of `list[singular]`, which is an array, one element without an array, or missing when the list
 * is empty; or of `list` itself.
 */
export function elements<T extends TSchema>(list: unknown, singular: string, schema: T): Static<T>[] {
  const inner = Array.isArray(list) ? list : Object.entries(list ?? {}).find(([key]) => key === singular)?.[1];
  const all: unknown[] = Array.isArray(inner) ? inner : [inner];
  return all.flatMap((one) => {
    const element = as(schema, one);
    return element === undefined ? [] : [element];
  });
}

/** `{ [key]: value }`, or nothing where there is no value: for exact optional properties. */
export function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  const entry: { [P in K]?: V } = {};
  if (value !== undefined) entry[key] = value;
  return entry;
}

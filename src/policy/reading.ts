/** Reads a value of an escalation file that may have any form. */
import type { Path } from './source.js';

export interface Problem {
  path: Path;
  text: string;
}

/** `policies.default.steps[0].by` */
export const spell = (path: Path): string =>
  path.map((step, at) => (/^\d+$/.test(step) ? `[${step}]` : at === 0 ? step : `.${step}`)).join('') || 'the file';

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const part = (value: unknown, key: string): unknown =>
  isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;

export const entries = (value: unknown): [string, unknown][] =>
  Array.isArray(value) ? value.map((entry, at) => [String(at), entry]) : isRecord(value) ? Object.entries(value) : [];

export const texts = (value: unknown): string[] =>
  entries(value).flatMap(([, entry]) => (typeof entry === 'string' ? [entry] : []));

export const knownContacts = (value: unknown): string[] => entries(part(value, 'contacts')).map(([key]) => key);

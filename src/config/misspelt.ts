import { secretNames } from './secret-files.js';
import { Variables, type Env } from './variables.js';

/** Variables of ours and Temporal's that the schema does not have, for they are read elsewhere. */
const others = [
  'TABLEAU_CA_CLIENT',
  'TABLEAU_CA_SECRET_ID',
  'TABLEAU_USERNAME',
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
  'TEMPORAL_TLS',
  ...['CLIENT_CERT', 'CLIENT_KEY', 'SERVER_CA_CERT'].flatMap((what) =>
    ['PATH', 'DATA'].map((where) => `TEMPORAL_TLS_${what}_${where}`),
  ),
  'TEMPORAL_TLS_SERVER_NAME',
  'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION',
  'TEMPORAL_CLI_PATH',
  'TEMPORAL_TEST_SERVER_PATH',
];

/** Every name that has a meaning here. */
export const knownNames: ReadonlySet<string> = new Set([
  ...Object.keys(Variables.properties),
  ...secretNames.flatMap((name) => [name, `${name}_FILE`]),
  ...others,
]);

/** Shorter names resemble too much that belongs to other programs. */
const leastLength = 8;
const mostEdits = 2;

/** A sentence for each variable whose name nearly is one of ours. Such a variable has no effect. */
export function misspelt(env: Env): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (!value?.trim() || knownNames.has(name) || name.length < leastLength || name.length > 64) return [];
    const near = [...knownNames]
      .filter((known) => known.length >= leastLength)
      .map((known) => ({ known, edits: editDistance(name.toUpperCase(), known) }))
      .filter(({ edits }) => edits <= mostEdits)
      .toSorted((one, other) => one.edits - other.edits);
    return near[0] ? [`${name} is set and has no effect: is it ${near[0].known}?`] : [];
  });
}

/** How many letters must be inserted, removed or replaced (Levenshtein). */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [line, letter] of from.split('').entries()) {
    const next = [line + 1];
    for (const [at, other] of to.split('').entries()) {
      const changed = (row[at] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

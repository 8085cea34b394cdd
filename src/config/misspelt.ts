import { editDistance } from './edit-distance.js';
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

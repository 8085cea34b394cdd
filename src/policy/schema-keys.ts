import { entries, part } from './reading.js';
import { EscalationFile } from './schema.js';
import type { Path } from './source.js';

/** The keys that the map at a path of the file can have; none where the file has no map there, or one with keys of its own. */
export function keysAt(path: Path): string[] {
  let schemas: unknown[] = [EscalationFile];
  for (const step of path) schemas = schemas.flatMap((schema) => within(schema, step));
  const keys = schemas
    .flatMap(alternatives)
    .flatMap((schema) => entries(part(schema, 'properties')).map(([key]) => key));
  return [...new Set(keys)];
}

/** The schemas of what is one step deeper: a key, an entry of a map with keys of its own, or an entry of a list. */
function within(schema: unknown, step: string): unknown[] {
  return alternatives(schema).flatMap((each) => {
    const property = part(part(each, 'properties'), step);
    if (property !== undefined) return [property];
    const ofKeys = entries(part(each, 'patternProperties')).map(([, entry]) => entry);
    const items = part(each, 'items');
    return items === undefined ? ofKeys : [...ofKeys, items];
  });
}

function alternatives(schema: unknown): unknown[] {
  const several = entries(part(schema, 'anyOf')).map(([, each]) => each);
  return several.length > 0 ? several.flatMap(alternatives) : [schema];
}

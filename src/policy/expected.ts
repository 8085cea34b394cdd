/** What the part of an escalation file at a path must be, in words. */
import { timeBetweenLooks, timeOfPromise } from './freshness/schema.js';
import { expected, expectedEntry, expectedInRotation } from './schema.js';
import type { Path } from './source.js';
import { ofWebhooks } from './webhooks.js';

/**
 * The end of the sentence "… must be …"; undefined for what has no name of its own.
 * @param path entries of lists and of maps with keys of their own may be `*`
 */
export function mustBe(path: Path): string | undefined {
  const [parent = '', last = ''] = path.slice(-2);
  if (path.length === 1) return expected[path[0] ?? ''];
  const isEntry = /^(\d+|\*)$/.test(last) || (path.length === 2 && parent in expectedEntry);
  return unlikeElsewhere(path, last) ?? (isEntry ? expectedEntry[parent] : expected[last]);
}

/** Of keys that mean something else in other parts of the file. */
function unlikeElsewhere(path: Path, last: string): string | undefined {
  if (path[0] === 'freshness' && last === 'by') return timeOfPromise;
  if (path[0] === 'flows' && last === 'every') return timeBetweenLooks;
  if (path[0] === 'webhooks' && path.length > 2) {
    const [, , key = '', entry] = path;
    const own = Object.hasOwn(ofWebhooks, key) ? ofWebhooks[key] : undefined;
    if (own) return entry === undefined ? own.list : own.entry;
  }
  // The contacts of a rotation are a list, those of the file a map.
  const contactsAt = path.indexOf('contacts');
  if (contactsAt < 1) return undefined;
  return contactsAt === path.length - 1 ? expectedInRotation.contacts : expectedInRotation.entry;
}

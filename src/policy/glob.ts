import { matchesEvent } from './route.js';

/** Whether a name fits a pattern, in any case; `*` stands for any run of characters. */
export const matchesName = (pattern: string, name: string): boolean =>
  matchesEvent(pattern.toLowerCase(), name.toLowerCase());

/**
 * Whether the path of a project fits a pattern, in any case. `*` stands for any run of characters within one name, `**` for any number of
 * names: `Finance/**` fits Finance and everything below it.
 */
export function matchesPath(pattern: string, path: string): boolean {
  const names = path.split('/');
  let reached = new Set([0]);
  for (const part of pattern.split('/')) {
    const next = new Set<number>();
    for (const at of reached) {
      const name = names[at];
      if (part === '**') for (let to = at; to <= names.length; to += 1) next.add(to);
      else if (name !== undefined && matchesName(part, name)) next.add(at + 1);
    }
    reached = next;
  }
  return reached.has(names.length);
}

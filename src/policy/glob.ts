/** Patterns of the escalation file. All of them are matched in linear or bounded time, whatever the text is. */

/** Whether the whole of a text fits a pattern, in which `*` stands for any run of characters. Case counts. */
export function matchesGlob(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return pattern === text;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}

/** As `matchesGlob`, for names that people gave: case does not count. */
export const matchesName = (pattern: string, name: string): boolean =>
  matchesGlob(pattern.toLowerCase(), name.toLowerCase());

/**
 * Whether the path of a project fits a pattern, in any case. `*` stands for any run of characters within one name, `**` for any number of
 * names: `Finance/**` fits Finance and everything below it.
 */
export function matchesPath(pattern: string, path: string): boolean {
  const names = path.split('/');
  let reached = new Set([0]);
  for (const part of pattern.split('/')) {
    const next = new Set<number>();
    if (part === '**') for (let at = Math.min(...reached); at <= names.length; at += 1) next.add(at);
    else for (const at of reached) if (matchesName(part, names[at] ?? '') && at < names.length) next.add(at + 1);
    reached = next;
  }
  return reached.has(names.length);
}

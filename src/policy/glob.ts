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
 * Whether a path of projects (`Finance/Daily`) fits a pattern: `*` stands for any run of characters within one name, `**` as a whole name for
 * any number of names, also none. `Finance/**` fits Finance and everything below it. Case does not count.
 */
export function matchesPath(pattern: string, path: string): boolean {
  const names = path.split('/');
  const blocks: string[][] = [[]];
  for (const part of pattern.split('/')) {
    if (part === '**') blocks.push([]);
    else blocks.at(-1)?.push(part);
  }
  const fits = (block: readonly string[], at: number): boolean =>
    at + block.length <= names.length && block.every((part, offset) => matchesName(part, names[at + offset] ?? ''));
  const [head = [], ...rest] = blocks;
  const tail = rest.pop();
  if (tail === undefined) return names.length === head.length && fits(head, 0);
  if (!fits(head, 0)) return false;
  let at = head.length;
  for (const block of rest) {
    while (at < names.length && !fits(block, at)) at += 1;
    if (!fits(block, at)) return false;
    at += block.length;
  }
  return names.length - tail.length >= at && fits(tail, names.length - tail.length);
}

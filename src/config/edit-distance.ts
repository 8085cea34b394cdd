/** The Levenshtein distance of a word to what a pattern fits: `*` stands for any run of letters. */
export function editDistance(pattern: string, word: string): number {
  let row = Array.from({ length: word.length + 1 }, (_, at) => at);
  for (const letter of pattern.split('')) {
    const isRun = letter === '*';
    const next = [(row[0] ?? 0) + (isRun ? 0 : 1)];
    for (const [at, other] of word.split('').entries()) {
      const skipped = next[at] ?? 0;
      const dropped = row[at + 1] ?? 0;
      if (isRun) next.push(Math.min(dropped, skipped));
      else next.push(Math.min((row[at] ?? 0) + (letter === other ? 0 : 1), dropped + 1, skipped + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

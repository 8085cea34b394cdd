/** The longest keyword that every kind of visibility store takes as a search attribute. */
export const maxKeywordBytes = 255;

/** More of a text is not read. */
const maxReadLength = 4_096;

/** Collapses white space and control characters, and cuts to at most `bytes` bytes of UTF-8, never within a character. */
export function oneLine(text: string, bytes: number): string {
  const line = text
    .slice(0, maxReadLength)
    .replaceAll(/\p{Cs}/gu, '\uFFFD')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (Buffer.byteLength(line) <= bytes) return line;
  let cut = '';
  let room = bytes - Buffer.byteLength('…');
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    room -= Buffer.byteLength(segment);
    if (room < 0) break;
    cut += segment;
  }
  return `${cut.trimEnd()}…`;
}

/** The values and the words of a template may have 1,024 characters together; the rest is for the words. */
const maxValuesLength = 800;

/**
 * Makes values that WhatsApp accepts: it refuses empty ones, line ends, tabs and four spaces in a row, and a filled template over
 * 1,024 characters. The longest are cut first. https://www.twilio.com/docs/content/using-variables-with-content-api
 */
export function templateValues(variables: Record<string, string>, room = maxValuesLength): Record<string, string> {
  const values = Object.entries(variables).map(([key, value]) => [key, flat(value)] as const);
  const maxLength = maxLengthThatFits(
    values.map(([, value]) => value.length),
    room,
  );
  return Object.fromEntries(values.map(([key, value]) => [key, cut(value, maxLength)]));
}

const flat = (value: string): string => value.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim() || '-';

const cut = (value: string, length: number): string =>
  value.length <= length ? value : `${value.slice(0, Math.max(0, length - 1)).replace(/[\uD800-\uDBFF]$/, '')}…`;

function maxLengthThatFits(lengths: number[], room: number): number {
  let left = room;
  const ascending = lengths.toSorted((a, b) => a - b);
  for (const [i, length] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - i));
    if (length > share) return share;
    left -= length;
  }
  return Infinity;
}

/** Rows of cells as CSV (RFC 4180). */

export type Cell = string | number | null;

/** With one of these a spreadsheet begins a formula: https://owasp.org/www-community/attacks/CSV_Injection */
const formulaSigns = '=+-@|%＝＋－＠';
const gaps = /^[;\s]*|[;\s]+/gu;

/** One whose separator is not the comma takes what follows a semicolon, a tab or a new line for another cell. */
function withoutFormulas(text: string): string {
  return text.replaceAll(gaps, (gap: string, at: number) => {
    const next = text.charAt(at + gap.length);
    const isSign = next !== '' && formulaSigns.includes(next);
    const begin = at === 0 && (isSign || /^[\t\r]/u.test(gap)) ? "'" : '';
    const cellAt = isSign ? Math.max(...[';', '\t', '\r', '\n'].map((separator) => gap.lastIndexOf(separator))) + 1 : 0;
    return begin + (cellAt === 0 ? gap : `${gap.slice(0, cellAt)}'${gap.slice(cellAt)}`);
  });
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  return `"${withoutFormulas(cell).replaceAll('"', '""')}"`;
}

export const csvOf = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');

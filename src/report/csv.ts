/** Rows of cells as CSV (RFC 4180). */

export type Cell = string | number | null;

/** With one of these a spreadsheet begins a formula: https://owasp.org/www-community/attacks/CSV_Injection */
const formulaSigns = '=+-@|%＝＋－＠';
/** What may be before it in a cell: blanks and quotation marks. Separators begin another cell. */
const gaps = /^[;,\s\p{Quotation_Mark}]*|[;,\t\r\n][;,\s\p{Quotation_Mark}]*/gu;
const separators = [';', ',', '\t', '\r', '\n'];

/** A program that takes another separator than the comma, or ends a cell at a doubled quotation mark, finds cells within a cell. */
function withoutFormulas(text: string): string {
  return text.replaceAll(gaps, (gap: string, at: number) => {
    const next = text.charAt(at + gap.length);
    const isSign = next !== '' && formulaSigns.includes(next);
    const begin = at === 0 && (isSign || /^[\t\r]/u.test(gap)) ? "'" : '';
    const cellAt = isSign ? Math.max(...separators.map((separator) => gap.lastIndexOf(separator))) + 1 : 0;
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

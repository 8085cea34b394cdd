/** Rows of cells as CSV (RFC 4180). */

export type Cell = string | number | null;

/** A spreadsheet runs what begins so as a formula: https://owasp.org/www-community/attacks/CSV_Injection */
const formula = /^[\s]*[=+\-@|%\t\r]/u;

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const safe = formula.test(cell) ? `'${cell}` : cell;
  return `"${safe.replaceAll('"', '""')}"`;
}

export const csvOf = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');

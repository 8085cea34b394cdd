/** Rows of cells as CSV (RFC 4180). */

export type Cell = string | number | null;

/**
 * Where a spreadsheet would begin a formula: https://owasp.org/www-community/attacks/CSV_Injection. One whose separator is not the comma takes what
 * follows a semicolon, a tab or a new line for another cell.
 */
const formula = /(?:^|(?<=[;\t\r\n]))(?=\s*[=+\-@|%\t\r＝＋－＠])/gu;

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  return `"${cell.replaceAll(formula, "'").replaceAll('"', '""')}"`;
}

export const csvOf = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');

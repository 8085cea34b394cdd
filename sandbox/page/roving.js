const vertical = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
const horizontal = { ArrowLeft: -1, ArrowRight: 1 };

/**
 * Makes a list of rows with buttons one stop of the Tab key. The arrow keys move within it: up and down from row to row, left and right
 * within a row, Home and End to the first and last row.
 * https://www.w3.org/WAI/ARIA/apg/practices/keyboard-interface/#kbd_roving_tabindex
 * @returns a function to call after rows were drawn
 */
export function roving(container) {
  /** Where the Tab key stops: the key of a row, and the position in it. */
  let stop = { key: undefined, column: 0 };
  const rows = () => [...container.children];
  const buttons = (row) => [...(row?.querySelectorAll('button') ?? [])];

  function update() {
    const row = rows().find(({ dataset }) => dataset.key === stop.key) ?? rows()[0];
    const chosen = buttons(row)[stop.column] ?? buttons(row)[0];
    for (const one of container.querySelectorAll('button')) one.tabIndex = one === chosen ? 0 : -1;
  }

  function place(button) {
    const row = rows().find((one) => one.contains(button));
    return row && { row, at: rows().indexOf(row), column: buttons(row).indexOf(button) };
  }

  container.addEventListener('focusin', ({ target }) => {
    const found = place(target);
    if (!found || found.column < 0) return;
    stop = { key: found.row.dataset.key, column: found.column };
    update();
  });
  container.addEventListener('keydown', (event) => {
    const down = vertical[event.key] ?? 0;
    const right = horizontal[event.key] ?? 0;
    const found = place(event.target);
    if (!found || (down === 0 && right === 0)) return;
    event.preventDefault();
    const row = rows()[Math.min(rows().length - 1, Math.max(0, found.at + down))];
    buttons(row)[found.column + right]?.focus();
  });
  return update;
}

/** The cells of rows that were copied from a spreadsheet: separated by tabs, in quotes where they hold a tab, a quote or a line end. */
export function pastedRows(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"(?=\t|\r?\n|$)|([^\t\r\n]*))(\t|\r?\n|\r|$)/gy;
  let isOver = false;
  while (!isOver && cell.lastIndex <= text.length) {
    const match = cell.exec(text);
    if (!match) break;
    const [, quoted, plain = '', end = ''] = match;
    rows.at(-1)!.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') isOver = true;
    else if (end !== '\t') rows.push([]);
  }
  // A last line end begins no further row.
  if (rows.at(-1)!.join('') === '') rows.pop();
  return rows;
}

/** The text of rows as a spreadsheet copies them, of which `pastedRows` makes the same cells. */
export function rowsText(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    cells.map((cell) => (/["\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join('\t');
  return rows.map(line).join('\n');
}

/** How several values are written in one field, and when a row of a table counts: the same for server and browser. */

export type Cells = Readonly<Record<string, string | readonly string[]>>;

/** Items of a list as typed: separated by commas or line ends, blanks around them dropped. */
export function itemsIn(typed: string): string[] {
  return typed
    .split(/[,\r\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Names as they are written one a line; they may hold commas. */
export function linesIn(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => text.split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** A row in which nothing is entered is no row. A box is always on or off, so it tells nothing. */
export function isBlankRow(columns: readonly { name: string; type: string }[], row: Cells): boolean {
  return columns.every(({ name, type }) => type === 'boolean' || isBlank(Object.hasOwn(row, name) ? row[name] : undefined));
}

/** Columns in which every row that counts has something; all of them where there is none. */
export function filledColumns(columns: readonly { name: string; type: string }[], rows: readonly Cells[]): string[] {
  const counted = rows.filter((row) => !isBlankRow(columns, row));
  const isFilled = (name: string) => counted.every((row) => Object.hasOwn(row, name) && !isBlank(row[name]));
  return columns.map(({ name }) => name).filter(isFilled);
}

function isBlank(cell: string | readonly string[] | undefined): boolean {
  return cell === undefined || [cell].flat().every((text) => text.trim() === '');
}

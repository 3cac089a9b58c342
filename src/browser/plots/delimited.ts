/** Rows of a delimited text by the names in its first line. Vega's own reader makes a program of these names, which our policy forbids. */
export function readDelimited(text: string, delimiter: string, header?: readonly string[]): Record<string, string>[] {
  const records = recordsOf(text.replace(/^\u{feff}/u, ''), delimiter);
  const names = header ?? records.shift() ?? [];
  return records.map((cells) => Object.fromEntries(names.map((name, column) => [name, cells[column] ?? ''])));
}

/** Cells in quotes may hold delimiters, line ends, and quotes written twice; lines without anything are left out. */
function recordsOf(text: string, delimiter: string): string[][] {
  const records: string[][] = [];
  let cells: string[] = [];
  for (let at = 0; at < text.length;) {
    const { cell, end } = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at, delimiter);
    cells.push(cell);
    at = end;
    if (text[at] === delimiter) {
      at += 1;
      if (at === text.length) cells.push('');
      else continue;
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n') at += 1;
    if (cells.length > 1 || cells[0] !== '') records.push(cells);
    cells = [];
  }
  return records;
}

function quotedCell(text: string, begin: number): { cell: string; end: number } {
  let cell = '';
  for (let at = begin + 1; ;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return { cell: cell + text.slice(at), end: text.length };
    cell += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { cell, end: quote + 1 };
    cell += '"';
    at = quote + 2;
  }
}

function plainCell(text: string, begin: number, delimiter: string): { cell: string; end: number } {
  let end = begin;
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end += 1;
  return { cell: text.slice(begin, end), end };
}

import { readFileSync, writeFileSync } from 'node:fs';

/** `cell_data.csv`: columns by name, rows as objects of text. */
export function readTable(file) {
  const [head, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const columns = head.split(',');
  return { columns, rows: lines.map((line) => Object.fromEntries(line.split(',').map((cell, at) => [columns[at], cell]))) };
}

export function writeTable(file, columns, rows) {
  const lines = rows.map((row) => columns.map((column) => row[column] ?? '').join(','));
  writeFileSync(file, `${[columns.join(','), ...lines].join('\n')}\n`);
}

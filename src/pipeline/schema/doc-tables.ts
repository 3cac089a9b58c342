import { readFileSync } from 'node:fs';

/** One row of a table of the documentation. */
export interface Row {
  /** What its first cell names; `.x` behind `a.b` is `a.x`. */
  names: string[];
  /** The other cells, one after the other. */
  cells: string[];
}

/** The rows of all tables between a heading and the next one, of whatever level, without the heads of the tables. */
export function rowsUnder(path: string, heading: string): Row[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  const from = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (from === -1) throw new Error(`${path} has no heading "${heading}"`);
  const length = lines.slice(from + 1).findIndex((line) => /^#+ /.test(line));
  const section = lines.slice(from + 1, length === -1 ? undefined : from + 1 + length);
  return section.filter((line, index) => line.startsWith('|') && !isHead(section, index)).map(rowOf);
}

function isHead(lines: readonly string[], index: number): boolean {
  return /^\|[ |:-]+$/.test(lines[index]) || /^\|[ |:-]+$/.test(lines[index + 1] ?? '');
}

function rowOf(line: string): Row {
  const [first, ...cells] = line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
  let before = '';
  const names = codeIn(first).map((name) => {
    before = name.startsWith('.') ? `${before.slice(0, before.lastIndexOf('.'))}${name}` : name;
    return before;
  });
  return { names, cells };
}

/** What stands between backticks. */
export function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
}

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { knownFields } from '../../../src/common/pipelines/schema-fields';

/** One row of a table of the documentation. */
export interface Row {
  /** What its first cell names; `.x` behind `a.b` is `a.x`. */
  names: string[];
  /** The other cells, one after the other. */
  cells: string[];
}

const DOCS = resolve(__dirname, '..', '..', '..', 'docs');

/** The rows of all tables between a heading and the next one, of whatever level, without the heads of the tables. */
export function rowsUnder(file: string, heading: string): Row[] {
  const lines = readFileSync(join(DOCS, file), 'utf8').split('\n');
  const from = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (from === -1) throw new Error(`${file} has no heading "${heading}"`);
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

/** Whether a word stands in code of the other cells of a row: how a field of a list or a block may be named beside it. */
export function tells({ cells }: Row, word: string): boolean {
  return codeIn(cells.join(' ')).some((code) => new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(code));
}

/**
 * Every field that may stand at a path of `pipeline.yaml` or anywhere below it, as `block.field` without the places of lists.
 * @param content chooses among alternatives by the `type` that it has there.
 */
export function fieldsBelow(content: unknown, path: readonly PropertyKey[] = []): string[] {
  const names = [...new Set(knownFields(content, path))];
  return names.flatMap((name) => {
    const here = [...path, name];
    return [dotted(here), ...fieldsBelow(content, here), ...fieldsBelow(content, [...here, 0])];
  });
}

function dotted(path: readonly PropertyKey[]): string {
  return path.filter((step) => typeof step !== 'number').join('.');
}

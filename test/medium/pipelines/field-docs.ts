import { join, resolve } from 'node:path';
import { knownFields } from '../../../src/common/pipelines/schema-fields';
import { codeIn, rowsUnder as rowsOfFile, type Row } from '../../../src/pipeline/schema/doc-tables';

const DOCS = resolve(__dirname, '..', '..', '..', 'docs');

/** The rows of all tables under a heading of a page. */
export function rowsUnder(file: string, heading: string): Row[] {
  return rowsOfFile(join(DOCS, file), heading);
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

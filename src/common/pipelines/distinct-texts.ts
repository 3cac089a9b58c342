import { showEntryName } from '../files/entry-name';
import { parseFileReference } from '../files/file-references';
import { checkString } from './plain-fields';
import type { Column, Row } from './rich-parameters';

type TextColumn = Extract<Column, { type: 'string' }>;

/** Numbers that are tried before a text stays as it is, and is told of as any other that stands there twice. */
const MOST_TRIED = 1000;

/**
 * Rows made of files of different folders get different texts in columns that hold none twice: the name of the folder goes before the
 * second one, or a number behind it where that does not do.
 * @param known rows that stay as they are. @param made gets the texts.
 */
export function makeDistinct(columns: readonly Column[], known: readonly Row[], made: readonly Row[]): void {
  for (const column of columns) {
    if (column.type !== 'string' || column.unique !== true) continue;
    const taken = new Set(known.map((row) => textIn(row, column.name)));
    // A text that comes later as it is keeps its name.
    const asMade = new Set(made.map((row) => textIn(row, column.name)));
    for (const row of made) {
      const written = textIn(row, column.name);
      if (written === '') continue;
      const isFree = (one: string) => !taken.has(one) && (one === written || !asMade.has(one)) && 'value' in checkString(column, one);
      const chosen = taken.has(written) ? (variantsOf(written, folderOf(row, columns), column).find(isFree) ?? written) : written;
      row[column.name] = chosen;
      taken.add(chosen);
    }
  }
}

function variantsOf(written: string, folder: readonly string[], { maxLength }: TextColumn): string[] {
  const last = folder.at(-1) ?? '';
  const named = [last, folder.join(' ')].flatMap((name) => (name === '' ? [] : [`${name} ${written}`, plain(`${name}_${written}`)]));
  const numbered = Array.from({ length: MOST_TRIED }, (_, index) => [`${written} (${index + 2})`, `${written}_${index + 2}`]).flat();
  return [...named, ...numbered].filter((one) => one.length <= maxLength);
}

/** For columns that take few characters. */
function plain(text: string): string {
  return text.replaceAll(/[^\p{L}\p{M}\p{N}._-]+/gu, '_').replace(/^_+/, '');
}

/** Of the first file of a row: names of folders from the top. */
function folderOf(row: Row, columns: readonly Column[]): string[] {
  const name = columns.find((column) => column.type === 'file' && textIn(row, column.name) !== '')?.name;
  return name === undefined ? [] : parseFileReference(textIn(row, name)).path.slice(0, -1).map(showEntryName);
}

function textIn(row: Row, name: string): string {
  return Object.hasOwn(row, name) ? [row[name]].flat().join('\n') : '';
}

import { parse } from 'csv-parse/sync';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { firstThere, picturePlaces } from '../images/layer-list';
import { address } from '../views/helpers';

/** Which cells of a table name files. */
export interface AddressColumn {
  /** Name of the column, in any case; null: the first one, whatever it is called. */
  name: string | null;
  /** Whether the viewer writes cells into its page as they are, so that they must hold no element. */
  isHtml: boolean;
}

/** EllViewer counts its columns, and takes names for HTML. */
export const ELLVIEWER_COLUMN: AddressColumn = { name: null, isHtml: true };
const MOST_ROWS = 10_000;

/**
 * Makes the names of files in a table into addresses; what is an address already, and what names no file, stays.
 * @param folder in which the table lies. @param root absolute address of that folder.
 */
export async function addressTable(source: string, column: AddressColumn, folder: SafeDirectory, root: string): Promise<string> {
  const rows = parse(source, { bom: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, to: MOST_ROWS });
  const at = column.name === null ? 0 : (rows[0] ?? []).findIndex((name) => name.trim().toLowerCase() === column.name?.toLowerCase());
  const lines: string[] = [];
  for (const [index, row] of rows.entries()) {
    const cells = [...row];
    if (index > 0 && cells[at]) cells[at] = await addressOf(cells[at].trim(), folder, root);
    lines.push(cells.map((cell) => quoted(column.isHtml ? cell.replaceAll(/[<>]/g, '') : cell)).join(','));
  }
  return `${lines.join('\n')}\n`;
}

async function addressOf(name: string, folder: SafeDirectory, root: string): Promise<string> {
  const place = await firstThere(folder, picturePlaces(name, ''));
  return place === null ? name : `${root}${address('', [place])}`;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

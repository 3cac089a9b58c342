import type { FileReference } from './manifest';
import { groupsOfEach } from './pattern';
import { FILE_GROUP, type Row, type Source, type TableFill } from './rich-parameters';

type FilesSource = Extract<Source, { kind: 'files' }>;

/** A file of the project, as its name is for people. */
export interface SourceFile {
  name: string;
  /** With `/`; '' at the top. */
  folder: string;
  reference: FileReference;
}

interface Found {
  file: SourceFile;
  groups: Record<string, string>;
}

/** The different values of the source's group among files, in their order. @returns null when its pattern takes too long. */
export function namesFrom(source: FilesSource, files: readonly SourceFile[]): string[] | null {
  const found = foundIn(source, files);
  return found && [...new Set(found.map(({ groups }) => groups[source.group ?? '']).filter((name) => name !== undefined && name !== ''))];
}

export interface FilledRows {
  rows: Row[];
  /** Files that match and stand in no row, because another has their place. */
  leftOut: number;
}

/** Rows of a table made of files. Files of different folders never share a row. @returns null when the pattern takes too long. */
export function rowsFrom(source: FilesSource, { columns }: TableFill, files: readonly SourceFile[]): FilledRows | null {
  const found = foundIn(source, files);
  if (found === null) return null;
  const rows = new Map<string, Row>();
  const leftOut = new Set<SourceFile>();
  for (const [index, { file, groups }] of found.entries()) {
    const key = source.rowsBy === null ? String(index) : `${file.folder}\0${groups[source.rowsBy] ?? ''}`;
    const row = rows.get(key) ?? {};
    for (const [column, group] of Object.entries(columns)) {
      const cell = cellFor(group, file, groups, source);
      if (cell === undefined) continue;
      if (row[column] === undefined) row[column] = cell;
      else if (row[column] !== cell && cell === file.reference) leftOut.add(file);
    }
    rows.set(key, row);
  }
  return { rows: [...rows.values()], leftOut: leftOut.size };
}

function cellFor(group: string, file: SourceFile, groups: Record<string, string>, { columnsBy }: FilesSource): string | undefined {
  if (Object.hasOwn(groups, group)) return groups[group];
  if (columnsBy === null) return group === FILE_GROUP ? file.reference : undefined;
  return groups[columnsBy] === group ? file.reference : undefined;
}

function foundIn({ files: pattern, folder }: FilesSource, files: readonly SourceFile[]): Found[] | null {
  const within = files.filter((file) => folder === '' || file.folder === folder || file.folder.startsWith(`${folder}/`));
  const matches = groupsOfEach(
    pattern,
    within.map(({ name }) => name),
  );
  return matches && within.flatMap((file, index) => (matches[index] ? [{ file, groups: matches[index] }] : []));
}

import { formatEntryName, formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { Placed } from '../../common/files/put-in-place';
import type { Project } from '../../common/projects/project.entity';
import type { UndoForm } from '../http/flash';
import { listQuery, type ListState } from '../projects/list-state';
import { address } from '../views/helpers';

/** The message with its form lies in the row of the session, beside all else. */
const MOST_CHARACTERS = 16_000;

/** Sends the old name back; nothing where a text cannot say it. */
export function undoOfRename({ id }: Project, state: ListState, from: Buffer, to: Buffer): UndoForm | undefined {
  const text = showEntryName(from);
  if (!Buffer.from(text).equals(from)) return undefined;
  const fields: UndoForm['fields'] = [...stateFields(state), ['name', formatEntryName(to)], ['newName', text]];
  return { path: address('/projects', [id, 'files/rename']), fields, isOfFiles: true };
}

/**
 * Moves back what was moved; what is in the way by then is left alone. Nothing where a name had to change, where something stayed behind,
 * or where it is more than a form should hold.
 */
export function undoOfMove(
  { id }: Project,
  names: readonly Buffer[],
  from: EntryPath,
  to: EntryPath,
  placed: readonly Placed[],
): UndoForm | undefined {
  const moved = placed.map(({ path }) => path.at(-1)!);
  const isWhole = moved.length === names.length && names.every((name) => moved.some((one) => one.equals(name)));
  const fields: UndoForm['fields'] = [
    ['path', formatEntryPath(to)],
    ...names.map((name): [string, string] => ['name', formatEntryName(name)]),
    ['to', formatEntryPath(from)],
    ['onConflict', 'skip'],
    ['showTarget', 'yes'],
  ];
  if (!isWhole || JSON.stringify(fields).length > MOST_CHARACTERS) return undefined;
  return { path: address('/projects', [id, 'files/move']), fields, isOfFiles: true };
}

function stateFields(state: ListState): UndoForm['fields'] {
  return Object.entries(listQuery(state)).map(([name, value]) => [name, String(value)]);
}

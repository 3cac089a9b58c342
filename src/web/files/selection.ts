import { InvalidInputError } from '../../common/errors';
import { parseEntryName, type EntryPath } from '../../common/files/entry-name';
import { fieldText } from '../http/form';
import { readListState, type ListState } from '../projects/list-state';

/** What a form of the list of files is about: entries of one folder, and the list to come back to. */
export interface Selection {
  state: ListState;
  /** In which the entries lie. */
  folder: EntryPath;
  /** Each once. */
  names: Buffer[];
}

/**
 * Reads the ticked names, or the one whose own button was pressed.
 * @throws InvalidInputError for paths and names that are none.
 */
export function readSelection(form: unknown): Selection {
  const state = readListState(form);
  const only = fieldText(form, 'only');
  const names = new Set(only === '' ? namesOf(form) : [only]);
  return { state, folder: state.folder, names: [...names].map(parseEntryName) };
}

function namesOf(form: unknown): string[] {
  const value = typeof form === 'object' && form !== null ? (form as Record<string, unknown>)['name'] : undefined;
  const list: unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (!list.every((item) => typeof item === 'string')) throw new InvalidInputError('files.badPath');
  return list;
}

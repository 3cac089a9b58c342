import { formatBytes } from '../../browser/amounts';
import { ConflictError } from '../../common/errors';
import { showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { Entry } from '../../common/files/listing';

/** The refusal of a file whose name is taken; it tells what is there, so that people can decide what is to be done. */
export function takenName(path: EntryPath, there: Pick<Entry, 'kind' | 'size' | 'mtimeMs'>): ConflictError {
  const name = showEntryName(path.at(-1) ?? Buffer.alloc(0));
  if (there.kind === 'folder') return new ConflictError('uploads.folderExists', { name });
  return new ConflictError('uploads.exists', { name, size: formatBytes(there.size), changedMs: Math.round(there.mtimeMs) });
}

import { InvalidInputError } from '../../common/errors';
import { formatEntryPath, newEntryName, parseEntryPath, type EntryPath } from '../../common/files/entry-name';
import { CONFLICT_CHOICES, type OnConflict } from '../../common/files/put-in-place';

/** What a client tells about a file that it is going to send, checked. */
export interface UploadMetadata {
  /** Where it is meant in the project. */
  path: EntryPath;
  /** The folder of the project that was open, in which the path begins. */
  folder: EntryPath;
  /** `ask`: refuse it while somebody can still be asked. */
  onConflict: OnConflict | 'ask';
  requestKey: string | null;
  modifiedMs: number | null;
  /** Hexadecimal, lower case. */
  sha256: string | null;
}

type RawMetadata = Record<string, string | null>;

const KEY = /^[\w-]{8,64}$/;
const SHA256 = /^[0-9a-f]{64}$/i;

/**
 * Reads the pairs of the header `Upload-Metadata`, already decoded:
 * `filename` or, for files of a folder, `relativePath` (names joined by `/`) · `folder`: address of the folder in the project ·
 * `onConflict`: `ask` (if absent), `keepBoth`, `replace` or `skip` · `modified`: milliseconds since 1970 · `sha256`, or `checksum`: of the
 * whole file · `key`: random, the same when one upload is asked for again because the answer was lost.
 * @throws InvalidInputError that says what is wrong.
 */
export function readUploadMetadata(raw: RawMetadata): UploadMetadata {
  const folder = parseEntryPath(raw['folder'] ?? '');
  const name = raw['relativePath'] || raw['filename'] || '';
  const wanted = [...folder, ...name.split('/').map(newEntryName)];
  return {
    // What no address can name could be neither opened nor downloaded.
    path: parseEntryPath(formatEntryPath(wanted)),
    folder,
    onConflict: conflictChoice(raw['onConflict']),
    requestKey: matching(raw['key'], KEY, 'key'),
    modifiedMs: milliseconds(raw['modified']),
    sha256: matching(raw['sha256'] ?? raw['checksum'], SHA256, 'sha256')?.toLowerCase() ?? null,
  };
}

function conflictChoice(value: string | null | undefined): OnConflict | 'ask' {
  if (value === undefined || value === null || value === 'ask') return 'ask';
  const choice = CONFLICT_CHOICES.find((one) => one === value);
  if (!choice) throw new InvalidInputError('uploads.badMetadata', { field: 'onConflict' });
  return choice;
}

function matching(value: string | null | undefined, pattern: RegExp, field: string): string | null {
  if (value === undefined || value === null) return null;
  if (!pattern.test(value)) throw new InvalidInputError('uploads.badMetadata', { field });
  return value;
}

function milliseconds(value: string | null | undefined): number | null {
  if (value === undefined || value === null) return null;
  if (!/^-?\d{1,15}$/.test(value)) throw new InvalidInputError('uploads.badMetadata', { field: 'modified' });
  return Number(value);
}

import { isPathShort } from '../files/entry-name';
import type { FileIdentity } from '../files/file-identity';

export const OUTPUT_RECORD = 'outputs.json';

/** One file that a run has left, as it was when its end was settled. */
export interface OutputFile extends FileIdentity {
  /** Address below the folder of results. */
  path: string;
  /** Null while it has not been computed. */
  sha256: string | null;
}

/** What an attempt has left, in `OUTPUT_RECORD` among its control files. */
export interface OutputRecord {
  /** False when there were more files than are written down. */
  complete: boolean;
  /** Whether all was tried: a checksum that is missing then is not computed by itself any more. */
  done: boolean;
  files: OutputFile[];
}

/** Reads what another version may have written, without files so deep that no page reaches them. @returns null for what is no record. */
export function asOutputRecord(value: unknown): OutputRecord | null {
  const { complete, done, files } = (value ?? {}) as Partial<Record<keyof OutputRecord, unknown>>;
  if (!Array.isArray(files)) return null;
  const known = files.filter(isOutputFile);
  const within = known.filter(({ path }) => isPathShort(path));
  return { complete: complete !== false && within.length === known.length, done: done === true, files: within };
}

function isOutputFile(value: unknown): value is OutputFile {
  const { path, inode, size, mtimeNs, sha256 } = (value ?? {}) as Partial<Record<keyof OutputFile, unknown>>;
  const isText = [path, inode, mtimeNs].every((one) => typeof one === 'string');
  return isText && typeof size === 'number' && (sha256 === null || typeof sha256 === 'string');
}

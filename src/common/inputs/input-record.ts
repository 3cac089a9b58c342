import type { FileIdentity } from '../files/file-identity';
import { FILE_SOURCES, type FileSource } from '../files/file-references';

export const INPUT_RECORD = 'inputs.json';

/** One file that a run was given, as it was when the run started. */
export interface InputFile extends FileIdentity {
  source: FileSource;
  /** Address below the root of its source. */
  path: string;
  /** Address in the project of the link by which it was chosen; absent for what is no link. */
  link?: string;
  /** Null while it has not been computed. */
  sha256: string | null;
}

/** What an attempt was started with, in `INPUT_RECORD` among its control files. */
export interface InputRecord {
  /** False when there were more files than are written down. */
  complete: boolean;
  files: InputFile[];
}

/** Reads what another version may have written. @returns null for anything that is no record. */
export function asInputRecord(value: unknown): InputRecord | null {
  const { complete, files } = (value ?? {}) as Partial<Record<keyof InputRecord, unknown>>;
  if (!Array.isArray(files)) return null;
  return { complete: complete !== false, files: files.filter(isInputFile) };
}

function isInputFile(value: unknown): value is InputFile {
  const { source, path, inode, size, mtimeNs, sha256 } = (value ?? {}) as Partial<Record<keyof InputFile, unknown>>;
  const isText = [path, inode, mtimeNs].every((one) => typeof one === 'string');
  return (
    isText && FILE_SOURCES.some((one) => one === source) && typeof size === 'number' && (sha256 === null || typeof sha256 === 'string')
  );
}

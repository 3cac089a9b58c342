import type { SafeDirectory } from '../../common/files/safe-directory';
import { WRITTEN_FILES, type WrittenFile } from '../../common/pipelines/argument-files/written-record';
import { readControlRecord } from './control-record';

/** The files that were written for the program of an attempt, as they were then; none where its pipeline has none. */
export async function readWrittenFiles(control: SafeDirectory, attempt: number): Promise<WrittenFile[]> {
  const record = await readControlRecord(control, [String(attempt), WRITTEN_FILES]);
  return Array.isArray(record) ? record.filter(isWrittenFile) : [];
}

function isWrittenFile(value: unknown): value is WrittenFile {
  const { path, content } = (value ?? {}) as Partial<WrittenFile>;
  return typeof path === 'string' && typeof content === 'string';
}

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunHandle } from '../common/queue/run-handle';

const NAME = 'attempt.json';

/** Whose attempt a folder of control files belongs to, and how what was prepared for it is found: what the queue knows as well, unless it forgot. */
export interface AttemptRecord {
  submissionId: string;
  handle: RunHandle;
}

/** @param folder of the control files of the attempt. */
export async function writeAttemptRecord(folder: string, record: AttemptRecord): Promise<void> {
  await writeFile(join(folder, NAME), JSON.stringify(record));
}

/** Null where there is none, or none that can be read: a power cut leaves zeros. */
export async function readAttemptRecord(folder: string): Promise<AttemptRecord | null> {
  try {
    const { submissionId, handle } = JSON.parse(await readFile(join(folder, NAME), 'utf8')) as Partial<AttemptRecord>;
    return typeof submissionId === 'string' && typeof handle?.kind === 'string' ? { submissionId, handle } : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

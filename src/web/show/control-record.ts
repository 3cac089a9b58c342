import type { SafeDirectory } from '../../common/files/safe-directory';
import { NotFoundError } from '../../common/errors';

const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Reads a JSON file among the control files of a run.
 * @param path names from the folder of the run on.
 * @returns null where there is none, or only half of one in the instant in which it is written.
 */
export async function readControlRecord(control: SafeDirectory, path: readonly string[]): Promise<unknown> {
  try {
    const { handle, size } = await control.openFile(path.map((name) => Buffer.from(name)));
    try {
      const buffer = Buffer.alloc(Math.min(size, MOST_BYTES));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return JSON.parse(buffer.toString('utf8', 0, bytesRead)) as unknown;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof SyntaxError) return null;
    throw error;
  }
}

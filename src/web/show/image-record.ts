import type { SafeDirectory } from '../../common/files/safe-directory';
import { NotFoundError } from '../../common/errors';

/** What a container was made of. */
export interface ImageRecord {
  /** As the pipeline names it. */
  name: string;
  /** What exactly that was: the digest under which a registry has it, or the id that this machine gave it. */
  digest: string;
}

const CONTAINER = Buffer.from('container.json');
const MOST_BYTES = 4 * 1024 * 1024;

/** Reads which image an attempt ran in. @returns null for one without a container. */
export async function readImage(control: SafeDirectory, attempt: number): Promise<ImageRecord | null> {
  try {
    const { handle, size } = await control.openFile([Buffer.from(String(attempt)), CONTAINER]);
    try {
      const buffer = Buffer.alloc(Math.min(size, MOST_BYTES));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return asRecord(JSON.parse(buffer.toString('utf8', 0, bytesRead)));
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Missing for other engines, and half written in the instant of the start.
    if (error instanceof NotFoundError || error instanceof SyntaxError) return null;
    throw error;
  }
}

function asRecord(value: unknown): ImageRecord | null {
  const { image, imageId, digest } = (value ?? {}) as Record<string, unknown>;
  if (typeof image !== 'string' || typeof imageId !== 'string') return null;
  return { name: image, digest: typeof digest === 'string' ? digest : imageId };
}
